"""How alike two tasks' inputs are: covariance similarity, mean cosines, principal angles."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtlviz.engine.measures.covariance import Spectrum, rows_of_numbers
from mtlviz.errors import DataError

_DRAWS = 40
Array = NDArray[np.float64]


def similarity_matrix(spectra: Sequence[Spectrum]) -> Array:
    """Whether two tasks spread along the same directions: 0 none in common, at most 1; (K, K).

    sim = ‖(U₁D₁^½)ᵀ U₂D₂^½‖_F / (‖U₁D₁^½‖_F ‖U₂D₂^½‖_F), with U the kept principal directions and
    D their eigenvalues. It is 1 only where both tasks spread along one and the same line: a task
    is not 1 with itself but ‖λ‖₂ / ‖λ‖₁. Computed as √(tr Σ₁Σ₂ / (tr Σ₁ · tr Σ₂)) with Σ the
    kept part of each covariance: the same without square roots, one product for all pairs.

    Args:
        spectra: Kept part of each task's spectrum, all of width d.

    Raises:
        DataError: The widths differ, or there is no task.

    Reference:
        Wu, Zhang, Ré, ICLR 2020, equation 5. https://arxiv.org/abs/2005.00944
    """
    _check_widths([len(found.directions) for found in spectra])
    kept = [(each.directions * each.values) @ each.directions.T for each in spectra]
    totals = np.array([each.values.sum() for each in spectra])
    flat = np.stack(kept).reshape(len(kept), -1)
    scale = np.outer(totals, totals)
    products = np.divide(flat @ flat.T, scale, out=np.full(scale.shape, np.nan), where=scale > 0)
    # Tasks without a direction in common may come out a hair below zero.
    return np.sqrt(np.clip(products, 0.0, 1.0))


def normalised(similarity: ArrayLike) -> Array:
    """Equation 5 made 1 for identical tasks: sim₁₂² / (sim₁₁ sim₂₂).

    This is the cosine between the two covariances as vectors, ⟨Σ₁, Σ₂⟩ / (‖Σ₁‖ ‖Σ₂‖). It is not
    in the paper.

    Args:
        similarity: Equation 5 between every two tasks, (K, K).

    Returns:
        The cosines, (K, K), 1 on the diagonal.
    """
    matrix = np.asarray(similarity, dtype=np.float64)
    own = np.diagonal(matrix)
    scale = np.outer(own, own)
    ratio = np.divide(matrix**2, scale, out=np.full(scale.shape, np.nan), where=scale > 0)
    return np.minimum(ratio, 1.0)


def mean_cosines(embeddings: Sequence[ArrayLike]) -> Array:
    """Mean cosine between a sentence of one task and a sentence of another, (K, K).

    1 where all sentences point the same way, 0 where they have nothing in common on average. On
    the diagonal stand pairs of two different sentences of one task. A sentence whose embedding is
    zero has no direction and counts as cosine 0.

    Args:
        embeddings: One array (n, d) a task.

    Returns:
        Mean cosines; not-a-number on the diagonal of a task with one sentence.

    Raises:
        DataError: Tasks differ in width, or hold no or not finite numbers.

    Reference:
        Wu, Zhang, Ré, blog on "Understanding and Improving Information Transfer in Multi-Task
        Learning": cosine similarity between average-pooled sentence embeddings.
    """
    arrays = [rows_of_numbers(each) for each in embeddings]
    _check_widths([len(rows[0]) for rows in arrays])
    means, counts, squares = zip(*(_mean_direction(rows) for rows in arrays), strict=True)
    matrix = np.stack(means) @ np.stack(means).T
    number = np.array(counts, dtype=np.float64)
    pairs = number * (number - 1)
    own = number**2 * np.diagonal(matrix) - np.array(squares, dtype=np.float64)
    np.fill_diagonal(matrix, np.divide(own, pairs, out=np.full(len(own), np.nan), where=pairs > 0))
    return matrix


def _mean_direction(rows: Array) -> tuple[Array, int, int]:
    """Mean of the rows scaled to length 1 (d,), number of rows, and of those that are not zero."""
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))
    known = lengths > 0
    scales = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=known)
    return scales @ rows / len(rows), len(rows), int(known.sum())


def _check_widths(widths: Sequence[int]) -> None:
    different = sorted(set(widths))
    if len(different) != 1:
        raise DataError(f"Tasks to compare must have one width, got {different or 'no task'}.")


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
