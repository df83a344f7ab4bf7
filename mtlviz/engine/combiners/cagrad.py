"""CAGrad: near the mean gradient, the update that helps the worst-off task most."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mtlviz.engine.combiners.active_sets import (
    ENUMERATED,
    memberships,
    principal_solutions,
)
from mtlviz.engine.combiners.combination import Array, Combination, from_weights
from mtlviz.engine.combiners.dual_cone import dualproj_weights
from mtlviz.engine.combiners.gram import directions, norms, reciprocal, update_norm
from mtlviz.engine.combiners.mgda import shortest
from mtlviz.methods import titled


@titled("CAGrad")
def cagrad(
    gram: Array,
    generator: np.random.Generator,
    *,
    c: Annotated[float, Field(ge=0, le=1e6)] = 0.5,
    rescale: Literal[0, 1, 2] = 1,
) -> Combination:
    """Within a ball around the mean gradient, help the worst-off task as much as possible.

    The ball's radius is c times the mean gradient's length: c = 0 is the mean, a large c comes
    close to MGDA. Where the worst-off task cannot gain at all, for instance because its gradient is
    zero, many updates are equally good; the one nearest to the mean gradient is taken, so a task
    that has converged does not stop the others.

    The update d is that of the largest min_i g_i·d with ‖d − m‖ ≤ c ‖m‖, where m is the mean
    gradient; then it is rescaled.

    Args:
        gram: Gram matrix, shape (..., K, K).
        generator: Not used.
        c: Radius of the ball relative to the mean gradient, at least 0.
        rescale: What the update is divided by: 0 nothing, 1 1 + c² (default of the official code),
            2 1 + c (official toy example).

    Reference:
        Liu et al., NeurIPS 2021, Algorithm 1, solved exactly. https://arxiv.org/abs/2110.14048
    """
    weights = _most_for_the_worst(gram, c)
    return from_weights(weights / (1.0, 1 + c**2, 1 + c)[rescale])


def _most_for_the_worst(gram: Array, c: float) -> Array:
    """Weights of the update, shape (..., K): the best of all candidates in the ball."""
    tasks = gram.shape[-1]
    mean = np.full(tasks, 1 / tasks)
    radius = c * update_norm(gram, np.broadcast_to(mean, gram.shape[:-1]))
    candidates = _by_active_set if tasks <= ENUMERATED else _by_shifting
    nearest = _into_ball(gram, (dualproj_weights(gram) - mean)[..., None, :], radius)
    moves = _into_ball(gram, candidates(gram, radius), radius, onto=True)
    moves = np.concatenate([nearest, moves], axis=-2)
    best = _choose(gram, moves, ((mean + moves) @ gram).min(axis=-1), radius)
    return mean + np.take_along_axis(moves, best[..., None, None], axis=-2)[..., 0, :]


def _choose(gram: Array, moves: Array, worst: Array, radius: Array) -> NDArray[np.int64]:
    """Of the moves (..., M, K) that help the worst-off task most, the shortest, or the lightest.

    The first is the only one that may be shorter than the radius. The lightest matters for parallel
    gradients: the update is the same, but a short gradient would need an enormous weight.
    """
    rounding = 1e-12 * np.abs(gram).max(axis=(-2, -1))[..., None]
    tied = worst >= worst.max(axis=-1, keepdims=True) - rounding
    weight = np.abs(moves).sum(axis=-1)
    inside = update_norm(gram, moves[..., 0, :]) < (1 - 1e-9) * radius
    weight[..., 0] = np.where(inside, -1.0, weight[..., 0])
    return np.where(tied, weight, np.inf).argmin(axis=-1)


def _into_ball(gram: Array, moves: Array, radius: Array, *, onto: bool = False) -> Array:
    """Scale moves (..., M, K) down into the ball, or all of them onto its surface."""
    squared = ((moves @ gram) * moves).sum(axis=-1)
    length = np.sqrt(np.maximum(squared, 0))
    bound = np.broadcast_to(radius[..., None], length.shape)
    factor = np.divide(bound, length, out=np.zeros_like(length), where=length > 0)
    return moves * (factor if onto else np.minimum(factor, 1))[..., None]


def _by_active_set(gram: Array, radius: Array) -> Array:
    """One move v from the mean for every set of tasks that may be equally worst off.

    With set S the gains agree, (G(u + v))_S = μ, and ‖Jᵀv‖ is the radius. So v_S = μa − b, where
    a = G_SS⁻¹1 and b = G_SS⁻¹(Gu)_S, and μ is the larger root of a quadratic equation. Everything
    is written for gradients of length 1, so that their lengths do not decide the accuracy.

    Returns:
        Moves, shape (..., 2ᴷ, K). Those of impossible sets are zero.
    """
    tasks = gram.shape[-1]
    cosines, lengths = directions(gram)
    inverse = reciprocal(lengths)
    mean_gain = (cosines @ (lengths / tasks)[..., None])[..., 0]
    linear = np.stack([inverse, mean_gain], axis=-2)
    values, independent = principal_solutions(cosines, linear)
    solved = np.where(memberships(tasks)[:, None, :, None], values, 0.0)
    one, gain = solved[:, 0], solved[:, 1]
    sides = np.moveaxis(linear.reshape(-1, 2, tasks), 0, -1)[:, :, None, :]
    square, cross = (one * sides[0]).sum(axis=0), (gain * sides[0]).sum(axis=0)
    rest = (gain * sides[1]).sum(axis=0) - radius.reshape(-1) ** 2
    discriminant = cross**2 - square * rest
    possible = independent & (discriminant >= 0) & (square > 0)
    root = cross + np.sqrt(np.where(possible, discriminant, 0.0))
    level = np.divide(root, square, out=np.zeros_like(root), where=possible)
    moves = np.where(possible, level * one - gain, 0.0).transpose(2, 1, 0)
    return moves.reshape(*gram.shape[:-2], -1, tasks) * inverse[..., None, :]


def _by_shifting(gram: Array, radius: Array) -> Array:
    """The optimal move for many tasks, problem by problem, shape (..., 1, K)."""
    moves = np.zeros((*gram.shape[:-2], 1, gram.shape[-1]))
    for index in np.ndindex(gram.shape[:-2]):
        moves[index] = _shifted(gram[index], float(radius[index]))
    return moves


def _shifted(gram: Array, radius: float) -> Array:
    """The optimal move of one problem, shape (K,), from the dual problem of the paper.

    Since ρ‖g_w‖ is the least value of (tρ² + ‖g_w‖² / t) / 2 over t > 0, the dual's w makes
    ‖g_w + t g₀‖ shortest: MGDA on gradients shifted by t g₀, for the t at which ‖g_w‖ = tρ.
    """
    from scipy.optimize import brentq  # Loading it takes longer than drawing a page.

    tasks = len(gram)
    longest = float(norms(gram).max())
    if radius <= 1e-14 * longest:
        return np.zeros(tasks)

    def weights(shift: float) -> Array:
        moved = np.eye(tasks) + shift / tasks
        return shortest(moved @ gram @ moved.T)

    def excess(shift: float) -> float:
        return float(update_norm(gram, weights(shift))) - shift * radius

    # ‖g_w‖ / t falls as t grows. Where it is below ρ from the start there is no such t, and the
    # worst-off task cannot gain; the start is the smallest shift that rounding lets be seen.
    low, high = 1e-5 * longest / radius, longest / radius
    return weights(low if excess(low) <= 0 else brentq(excess, low, high, rtol=1e-12))
