"""MGDA: the shortest update between the task gradients, which helps every task or none."""

from typing import Literal

import numpy as np

from mtlviz.engine.combiners.active_sets import nonnegative_minimum
from mtlviz.engine.combiners.combination import Array, Combination, from_weights
from mtlviz.engine.combiners.gram import directions, norms, reciprocal
from mtlviz.errors import ConfigError
from mtlviz.methods import titled

Normaliser = Literal["none", "l2", "loss", "loss+"]


@titled("MGDA")
def mgda(
    gram: Array,
    generator: np.random.Generator,
    losses: Array | None = None,
    *,
    normalise: Normaliser = "none",
) -> Combination:
    """Take the shortest average of the task gradients: it opposes no task, and favours small ones.

    The weights are not negative, add up to 1, and make ‖Σ wᵢ gᵢ‖ as small as they can (exactly, not
    by Frank-Wolfe). Where the shortest average is zero no step helps all tasks, and the update is
    zero; a task with zero gradient therefore stops all of them. That is the method's own rule.

    Args:
        gram: Gram matrix, shape (..., K, K).
        generator: Not used.
        losses: Current losses, shape (..., K); needed to normalise by them.
        normalise: Lengths the gradients are divided by before the weights are sought: `none`,
            `l2` (their norms), `loss`, or `loss+` (both). As in the official code the weights then
            apply to the gradients as they were.

    Raises:
        ConfigError: If the normalisation is by losses that are missing or not positive.

    Reference:
        Désidéri 2012; Sener & Koltun 2018, eq. 3. https://arxiv.org/abs/1810.04650
    """
    scale = reciprocal(_scale(gram, losses, normalise))
    return from_weights(shortest(gram * scale[..., :, None] * scale[..., None, :]))


def shortest(gram: Array) -> Array:
    """Weights of the shortest vector in the convex hull of the gradients, shape (..., K).

    With ĝ = g / ‖g‖ and u = 1 / ‖g‖ the minimiser is y / ‖g‖, scaled to add up to 1, of
    ½ yᵀ(Ĝ + uuᵀ)y − uᵀy over y ≥ 0: the multiplier of Σw = 1 only sets y's length.
    """
    cosines, lengths = directions(gram)
    zero = lengths == 0
    inverse = np.where(zero, 1.0, reciprocal(lengths))
    inverse /= inverse.max(axis=-1, keepdims=True)
    matrix = cosines + inverse[..., :, None] * inverse[..., None, :]
    weights = nonnegative_minimum(matrix, inverse[..., None, :])[..., 0, :] * inverse
    weights = np.where(zero.any(axis=-1, keepdims=True), zero, weights)
    return weights / weights.sum(axis=-1, keepdims=True)


def _scale(gram: Array, losses: Array | None, normalise: str) -> Array:
    """What each gradient is divided by, shape (..., K); 1 for a zero gradient."""
    lengths = norms(gram)
    lengths = np.where(lengths > 0, lengths, 1.0)
    if normalise in {"none", "l2"}:
        return lengths if normalise == "l2" else np.ones_like(lengths)
    if losses is None or not np.all(np.asarray(losses) > 0):
        raise ConfigError(
            f"MGDA's normalisation {normalise!r} divides by the losses, "
            f"which must all be above 0, got {losses}."
        )
    return losses * lengths if normalise == "loss+" else losses * np.ones_like(lengths)
