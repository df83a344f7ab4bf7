"""UPGrad and DualProj: move the update to where it opposes no task.

The dual cone holds the updates that have a non-negative inner product with every task's gradient.
Its nearest point to x = uᵀJ is (u + z)ᵀJ, where z ≥ 0 is as small as it can be: it minimises
½ zᵀGz + uᵀGz.
"""

import numpy as np

from mtlviz.engine.combiners.active_sets import nonnegative_minimum
from mtlviz.engine.combiners.combination import (
    Array,
    Combination,
    from_coefficients,
    from_weights,
)
from mtlviz.engine.combiners.gram import directions, reciprocal
from mtlviz.methods import titled


@titled("UPGrad")
def upgrad(gram: Array, generator: np.random.Generator) -> Combination:
    """Bend each task's gradient until it opposes no task, then average: no task is made worse.

    For two tasks this is half of PCGrad's update. A zero gradient bends no other; with no conflict
    this is the mean.

    The update is (1/K) Σ π(g_i), where π(x) is the point nearest to x with π(x)·g_j ≥ 0 for
    every j.

    Reference:
        Quinton & Rey 2024 (Jacobian descent), UPGrad. https://arxiv.org/abs/2406.16232
    """
    cosines, lengths = directions(gram)
    bent = nonnegative_minimum(cosines, -cosines)
    scale = lengths[..., :, None] * reciprocal(lengths)[..., None, :]
    return from_coefficients((np.eye(gram.shape[-1]) + bent * scale) / gram.shape[-1])


@titled("DualProj")
def dualproj(gram: Array, generator: np.random.Generator) -> Combination:
    """Average the task gradients, then move to the nearest update that opposes no task.

    UPGrad projects and then averages; this averages and then projects, so that a large gradient
    outvotes small ones before they are protected. With no conflict this is the mean.

    The update is π((1/K) Σ g_i), where π(x) is the point nearest to x with π(x)·g_j ≥ 0 for
    every j.

    Reference:
        Lopez-Paz & Ranzato 2017 (GEM), from the mean gradient. https://arxiv.org/abs/1706.08840
    """
    return from_weights(dualproj_weights(gram))


def dualproj_weights(gram: Array) -> Array:
    """Weights of the mean gradient's nearest point in the dual cone, shape (..., K)."""
    return nearest_weights(gram, np.full(gram.shape[:-1], 1 / gram.shape[-1]))


def nearest_weights(gram: Array, start: Array, protected: Array | float = 1.0) -> Array:
    """Weights of the nearest update to `start` that opposes no protected task, shape (..., K).

    Args:
        gram: Gram matrix, shape (..., K, K).
        start: Weights of the update to begin from, none below 0, shape (..., K).
        protected: 1 for each task that must not be opposed, 0 for the others, shape (K,).
    """
    cosines, lengths = directions(gram)
    wanted = start * lengths
    # A common factor leaves the answer alone and keeps extreme lengths in range.
    largest = np.maximum(wanted.max(axis=-1, keepdims=True), np.finfo(np.float64).tiny)
    linear = -(cosines @ (wanted / largest)[..., None])[..., 0] * protected
    among = cosines * np.multiply.outer(protected, protected)
    added = nonnegative_minimum(among, linear[..., None, :])[..., 0, :] * largest
    return start + added * reciprocal(lengths)
