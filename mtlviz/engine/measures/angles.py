"""Principal angles: how far two tasks' principal directions are turned against each other."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtlviz.errors import DataError

Array = NDArray[np.float64]

_DRAWS = 40


def principal_angles(first: ArrayLike, second: ArrayLike) -> Array:
    """Angles between the subspaces that two sets of principal directions span, in radians.

    The first is the smallest angle between any direction of one and any of the other, the second
    the smallest at right angles to these, and so on: 0 means a direction in common, π/2 none.

    Args:
        first: Orthonormal columns, (d, p).
        second: Orthonormal columns, (d, q).

    Returns:
        Ascending, shape (min(p, q),).

    Raises:
        DataError: The columns differ in length, or are not orthonormal.

    Reference:
        Björck, Golub, Mathematics of Computation 1973; sines for small angles as in Knyazev,
        Argentati, SIAM Journal on Scientific Computing 2002.
    """
    wide, narrow = _checked(first), _checked(second)
    if len(wide) != len(narrow):
        raise DataError(
            f"Directions to compare must have one width, got {len(wide)} and {len(narrow)}."
        )
    if wide.shape[1] < narrow.shape[1]:
        wide, narrow = narrow, wide
    inside = wide.T @ narrow
    cosines = np.clip(np.linalg.svd(inside, compute_uv=False), 0.0, 1.0)
    # A cosine near 1 hides a small angle in its last digits; the sine does not.
    sines = np.clip(np.linalg.svd(narrow - wide @ inside, compute_uv=False)[::-1], 0.0, 1.0)
    return np.where(cosines**2 < 0.5, np.arccos(cosines), np.arcsin(sines))


def direction_cosines(first: ArrayLike, second: ArrayLike) -> Array:
    """How much each principal direction of one task lies along each of another: |cosine|, (p, q).

    A direction has no sign, so neither has the cosine.

    Args:
        first: Orthonormal columns, (d, p).
        second: Orthonormal columns, (d, q).
    """
    return np.abs(np.asarray(first, dtype=np.float64).T @ np.asarray(second, dtype=np.float64))


@lru_cache(maxsize=64)
def angles_by_chance(width: int, size: int) -> Array:
    """Least, middle and greatest principal angles of random subspaces, in radians, (3, size).

    Args:
        width: Dimensions of the space.
        size: Dimensions of both subspaces.
    """
    drawn = np.random.default_rng(0)
    found = []
    for _ in range(_DRAWS):
        bases = [np.linalg.qr(drawn.normal(size=(width, size)))[0] for _ in range(2)]
        found.append(principal_angles(*bases))
    return np.stack([np.min(found, axis=0), np.median(found, axis=0), np.max(found, axis=0)])


def _checked(directions: ArrayLike) -> Array:
    columns = np.asarray(directions, dtype=np.float64)
    if columns.ndim != 2 or not columns.size:
        raise DataError(f"Directions must be columns, got an array of shape {columns.shape}.")
    if not np.allclose(columns.T @ columns, np.eye(columns.shape[1]), atol=1e-6):
        raise DataError("Principal angles need directions of length 1 at right angles.")
    return columns
