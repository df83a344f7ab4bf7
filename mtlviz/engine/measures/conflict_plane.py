"""Pictures of gradients that are known by their inner products only: a plane, a space, a cone."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import DataError

Array = NDArray[np.float64]

# A gradient whose part outside the directions chosen so far is shorter than this share of the
# longest gradient does not define a new direction.
_FLAT = 1e-7


class View(NamedTuple):
    """Task gradients drawn in few dimensions.

    Attributes:
        coordinates: Coordinates of each gradient, shape (K, 2) or (K, 3).
        share: Share of each gradient's length that is seen, 0 to 1; not-a-number for a zero
            gradient, shape (K,).
    """

    coordinates: Array
    share: Array


def plane_from_gram(gram: Array, reference: Array | None = None) -> View:
    """Draw task gradients in the plane that shows most of them: two tasks exactly.

    Of all planes through the origin this keeps the greatest sum of squared lengths. In it the first
    gradient points right, and the first that does not lie on its line points up. In a film that
    would flip the picture whenever those two become parallel; give the previous picture as
    `reference` and it is instead turned or mirrored to stay as near to that as it can.

    Args:
        gram: Gram matrix, shape (K, K).
        reference: Coordinates to stay close to, shape (K, 2).

    Raises:
        DataError: If the Gram matrix is not finite or not square.
    """
    return _view(gram, 2, reference)


def space_from_gram(gram: Array, reference: Array | None = None) -> View:
    """Draw task gradients in the three dimensions that show most of them: three tasks exactly.

    The first gradient points along the first axis, the next one towards the second, the next one
    towards the third; see `plane_from_gram`.

    Args:
        gram: Gram matrix, shape (K, K).
        reference: Coordinates to stay close to, shape (K, 3).

    Raises:
        DataError: If the Gram matrix is not finite or not square.
    """
    return _view(gram, 3, reference)


def _view(gram: Array, dimensions: int, reference: Array | None) -> View:
    gram = np.asarray(gram, dtype=np.float64)
    if gram.ndim != 2 or gram.shape[0] != gram.shape[1] or not np.isfinite(gram).all():
        raise DataError(
            f"Gradients are drawn from a square Gram matrix of finite numbers, got {gram.tolist()}."
        )
    values, vectors = np.linalg.eigh(gram)
    # Rounding turns an eigenvalue of 0 into one slightly below.
    best = vectors[:, ::-1] * np.sqrt(np.maximum(values[::-1], 0))
    drawn = np.zeros((len(gram), dimensions))
    drawn[:, : min(len(gram), dimensions)] = best[:, :dimensions]
    turn = _upright(drawn) if reference is None else _nearest_turn(drawn, reference)
    coordinates = drawn @ turn
    lengths = np.sqrt(np.diagonal(gram))
    kept = np.linalg.norm(coordinates, axis=-1)
    share = np.divide(kept, lengths, out=np.full(len(gram), np.nan), where=lengths > 0)
    return View(coordinates, np.minimum(share, 1))


def _upright(drawn: Array) -> Array:
    """Axes, as columns, along the drawn gradients made orthogonal one after the other."""
    dimensions = drawn.shape[1]
    shortest = _FLAT * np.linalg.norm(drawn, axis=-1).max(initial=0)
    axes: list[Array] = []
    # Unit vectors at the end complete the axes where gradients span too little.
    for candidate, least in [
        *((row, shortest) for row in drawn),
        *((row, 0.5) for row in np.eye(dimensions)),
        *((row, _FLAT) for row in np.eye(dimensions)),
    ]:
        rest = candidate - sum((candidate @ axis) * axis for axis in axes)
        length = np.linalg.norm(rest)
        if length > least and len(axes) < dimensions:
            axes.append(rest / length)
    return np.stack(axes, axis=-1)


def _nearest_turn(drawn: Array, reference: Array) -> Array:
    """The rotation or reflection that brings one picture closest to another (Procrustes)."""
    left, _, right = np.linalg.svd(drawn.T @ reference)
    return left @ right
