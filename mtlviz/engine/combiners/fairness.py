"""Nash-MTL and FairGrad: weights that trade the tasks' gains off fairly.

Both ask for positive weights with (Gw)ᵢ = wᵢ⁻ᵖ: the gain of task i times a power of its weight is
the same for all. That is the minimum of a convex function, found by damped Newton steps.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mtlviz.engine.combiners.combination import Array, Combination, from_weights
from mtlviz.engine.combiners.gram import FLOAT64, directions, reciprocal
from mtlviz.methods import titled

_STEPS = 200
# A further Newton step squares the relative error, so this leaves about 1e-12.
_CLOSE = 1e-6
# Weights that make the update this much shorter (squared) than they are: no step helps everyone.
_STATIONARY = 1e-13
_FLOOR = 1e-14


@titled("Nash-MTL")
def nash(gram: Array, generator: np.random.Generator, precision: float = FLOAT64) -> Combination:
    """Let the tasks bargain: the update that maximises the product of all tasks' gains.

    The weights solve Gw = 1/w; the update's length is √K whatever the gradients' lengths, so lower
    the learning rate near convergence. A zero gradient has nothing to bargain for: it is left out,
    with weight 0. Where no step helps every other task the bargain fails: all weights are 0.

    Reference:
        Navon et al., ICML 2022, claim 3.2, solved exactly and not clipped.
        https://arxiv.org/abs/2202.01017
    """
    return from_weights(fair_weights(gram, 1.0, precision))


@titled("FairGrad")
def fairgrad(
    gram: Array,
    generator: np.random.Generator,
    precision: float = FLOAT64,
    *,
    alpha: Annotated[float, Field(gt=0, le=1e6)] = 2.0,
) -> Combination:
    """Share the gains α-fairly: α = 1 is Nash bargaining, a large α helps the worst-off task.

    The weights solve (Gw)ᵢ = wᵢ^(−1/α). Zero gradients and points where no step helps everyone are
    treated as by `nash`.

    Args:
        gram: Gram matrix, shape (..., K, K).
        generator: Not used.
        precision: Relative error of the Gram matrix: how short an update counts as none.
        alpha: How strongly fairness is preferred to the total gain, above 0.

    Reference:
        Ban & Ji, ICML 2024, eq. 4. https://arxiv.org/abs/2402.15638
    """
    return from_weights(fair_weights(gram, 1 / alpha, precision))


def fair_weights(gram: Array, power: float, precision: float = FLOAT64) -> Array:
    """Positive w with (Gw)ᵢ = wᵢ⁻ᵖ, shape (..., K); 0 for zero gradients and where none exist."""
    cosines, lengths = directions(gram)
    present = lengths > 0
    # For unit vectors with β = w ‖g‖ the equation is Ĝβ = m β⁻ᵖ, with m = ‖g‖^(p−1).
    pull = np.where(present, lengths, 1.0) ** (power - 1)
    # A zero gradient gets an equation of its own, so that it does not disturb the others.
    cosines = cosines + np.eye(gram.shape[-1]) * ~present[..., None, :]
    flat = cosines.reshape(-1, *cosines.shape[-2:])
    shortest = max(_STATIONARY, gram.shape[-1] * precision)
    scaled = _balance(flat, pull.reshape(-1, pull.shape[-1]), power, shortest)
    scaled = scaled.reshape(lengths.shape)
    return scaled * reciprocal(lengths)


def _balance(cosines: Array, pull: Array, power: float, shortest: float) -> Array:
    """Solve Ĝβ = m β⁻ᵖ for N problems, shape (N, K); zeros where there is no solution."""
    beta = np.ones_like(pull)
    stationary = _rescale(cosines, pull, power, beta, shortest)
    open_problems = np.flatnonzero(~stationary)
    for _ in range(_STEPS):
        if open_problems.size == 0:
            break
        part, steps = beta[open_problems], cosines[open_problems]
        relative = _newton(steps, pull[open_problems], power, part)
        moved = part
        still = ~_rescale(steps, pull[open_problems], power, moved, shortest)
        beta[open_problems] = moved
        stationary[open_problems[~still]] = True
        open_problems = open_problems[still & (relative > _CLOSE)]
    # What has not settled by now is a bargain that rounding cannot tell from a failed one.
    stationary[open_problems] = True
    return np.where(stationary[:, None], 0.0, beta)


def _newton(cosines: Array, pull: Array, power: float, beta: Array) -> Array:
    """Move β by one damped Newton step, in place; returns the step's relative size, shape (N,).

    The barrier's curvature changes by a bounded factor for steps that are small relative to β, and
    1 / (1 + size) is the damping that makes every step go down (self-concordance).
    """
    force = pull * beta**-power
    slope = (cosines @ beta[..., None])[..., 0] - force
    curvature = cosines.copy()
    diagonal = np.arange(beta.shape[-1])
    # The floor only damps the step further; without it dependent gradients could be singular.
    curvature[:, diagonal, diagonal] += np.maximum(power * force / beta, _FLOOR)
    step = np.linalg.solve(curvature, -slope[..., None])[..., 0]
    relative = np.sqrt(((step / beta) ** 2).sum(axis=-1))
    beta += step / (1 + max(1.0, (power + 1) / 2) * relative)[:, None]
    return relative


def _rescale(
    cosines: Array, pull: Array, power: float, beta: Array, shortest: float
) -> NDArray[np.bool_]:
    """Scale β to the best length along its ray, in place; returns where the update vanishes."""
    squared = np.einsum("ni,nij,nj->n", beta, cosines, beta)
    stationary = squared <= shortest * (beta**2).sum(axis=-1)
    wanted = (pull * beta ** (1 - power)).sum(axis=-1)
    factor = (wanted / np.where(stationary, 1.0, squared)) ** (1 / (1 + power))
    beta *= np.where(stationary, 1.0, factor)[:, None]
    return stationary
