"""Aligned-MTL: make the task gradients orthogonal and equally long, then add them."""

from typing import Literal

import numpy as np

from mtlviz.engine.combiners.combination import Array, Combination, from_coefficients
from mtlviz.engine.combiners.gram import FLOAT64, spectrum
from mtlviz.methods import titled

Scale = Literal["min", "median", "rmse"]


@titled("Aligned-MTL")
def aligned(
    gram: Array,
    generator: np.random.Generator,
    precision: float = FLOAT64,
    *,
    scale: Scale = "min",
) -> Combination:
    """Add the nearest gradients that are orthogonal and equally long: no conflict, no dominance.

    Row i of the coefficients is task i's aligned gradient. Only directions the gradients span are
    kept, so a zero gradient stays zero. With `min`, nearly parallel gradients make the update
    short: its length follows the smallest eigenvalue that is not rounding noise.

    With the Gram matrix G = V Λ Vᵀ the coefficients are √λ V Λ^(−1/2) Vᵀ, where λ is the
    eigenvalue that `scale` names.

    Args:
        gram: Gram matrix, shape (..., K, K).
        generator: Not used.
        precision: Relative error of the Gram matrix; smaller eigenvalues are rounding noise.
        scale: Which eigenvalue of the Gram matrix sets the common squared length: the smallest
            (`min`), the middle one (`median`, the lower of two), or their mean (`rmse`).

    Reference:
        Senushkin et al., CVPR 2023, Algorithm 1, with preferences of one.
        https://arxiv.org/abs/2305.19000
    """
    values, vectors, inverse = spectrum(gram, precision)
    kept = inverse > 0
    lengths = np.sqrt(_common(values, kept, scale)[..., None] * inverse)
    balance = (vectors * lengths[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    # No gradient at all: the plain sum, as good as any.
    nothing = ~kept.any(axis=-1)[..., None, None]
    return from_coefficients(np.where(nothing, np.eye(gram.shape[-1]), balance))


def _common(values: Array, kept: Array, scale: str) -> Array:
    """The squared length every aligned gradient gets, shape (...). Values ascend."""
    tasks, rank = values.shape[-1], kept.sum(axis=-1)
    if scale == "rmse":
        return np.where(kept, values, 0.0).sum(axis=-1) / np.maximum(rank, 1)
    first = np.minimum(tasks - rank, tasks - 1)
    position = first if scale == "min" else np.minimum(first + (rank - 1) // 2, tasks - 1)
    return np.take_along_axis(values, np.maximum(position, 0)[..., None], axis=-1)[..., 0]
