"""Covariance of a task's embeddings: its spectrum, its principal directions, its ellipse."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtlviz.errors import ConfigError, DataError

Array = NDArray[np.float64]

SHARE = 0.99
"""Share of the sum of eigenvalues that is kept (Wu, Zhang, Ré, section 3.1)."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Along which directions a task's embeddings spread, and how far.

    Attributes:
        values: Eigenvalues of the covariance, largest first, none below zero, (r,).
        directions: The principal directions as orthonormal columns in the same order, (d, r).
            The entry of largest size in each column is positive.
    """

    values: Array
    directions: Array

    @property
    def effective_dimensions(self) -> float:
        """How many directions of equal spread would be as concentrated: (Σλ)² / Σλ².

        Between 1 (one direction) and d (all alike). Not-a-number where nothing spreads.
        """
        squares = float(np.sum(self.values**2))
        return float(np.sum(self.values)) ** 2 / squares if squares > 0 else float("nan")


def covariance(embeddings: ArrayLike, *, centred: bool = False) -> Array:
    """How the coordinates of a task's embeddings vary together: XᵀX / n.

    The paper takes XᵀX around the origin, so that where a task lies counts as well as how it
    spreads. Dividing by n changes no similarity.

    Args:
        embeddings: One row an example, X of shape (n, d).
        centred: Whether the task's own mean is taken off first; then this is the covariance of
            statistics, with divisor n.

    Returns:
        Symmetric, shape (d, d).

    Raises:
        DataError: The array has not two axes, has no row, or holds a number that is not finite.

    Reference:
        Wu, Zhang, Ré, ICLR 2020, section 3.1. https://arxiv.org/abs/2005.00944
    """
    rows = rows_of_numbers(embeddings)
    if centred:
        rows = rows - rows.mean(axis=0, dtype=np.float64).astype(rows.dtype)
    # The product is as exact as the embeddings are: half the time for those of single precision.
    return (rows.T @ rows).astype(np.float64) / len(rows)


def spectrum(embeddings: ArrayLike, *, centred: bool = False) -> Spectrum:
    """Eigenvalues of a task's covariance and its principal directions.

    Args:
        embeddings: One row an example, (n, d).
        centred: Whether the task's own mean is taken off first (principal components).

    Returns:
        All min(n, d) eigenvalues that can differ from zero.

    Raises:
        DataError: As `covariance` does.
    """
    rows = rows_of_numbers(embeddings)
    count, width = rows.shape
    if count >= width:
        return spectrum_of(covariance(rows, centred=centred))
    exact = rows.astype(np.float64)
    if centred:
        exact = exact - exact.mean(axis=0)
    _, singular, right = np.linalg.svd(exact, full_matrices=False)
    return Spectrum(singular**2 / count, _with_signs(right.T))


def spectrum_of(matrix: Array) -> Spectrum:
    """Eigenvalues and principal directions of a covariance, (d, d)."""
    values, directions = np.linalg.eigh(matrix)
    # Rounding leaves eigenvalues of a singular matrix a hair below zero.
    return Spectrum(np.maximum(values[::-1], 0.0), _with_signs(directions[:, ::-1]))


def kept_rank(values: Array, share: float = SHARE) -> int:
    """How many of the largest eigenvalues are needed for this share of their sum; at least 1.

    Args:
        values: Eigenvalues, largest first, (r,).
        share: Share to keep, above 0 and up to 1.

    Raises:
        ConfigError: The share is outside its range.
    """
    if not 0 < share <= 1:
        raise ConfigError(f"`share` must be above 0 and at most 1, got {share}.")
    reached = np.cumsum(values)
    # The sum of all may round to less than the share of itself.
    needed = np.searchsorted(reached, share * reached[-1] * (1 - 1e-12)) + 1
    return int(min(needed, len(values)))


def truncated(found: Spectrum, share: float = SHARE) -> Spectrum:
    """The best approximation of lower rank that keeps this share of the sum of eigenvalues."""
    rank = kept_rank(found.values, share)
    return Spectrum(found.values[:rank], found.directions[:, :rank])


def rows_of_numbers(embeddings: ArrayLike) -> Array:
    """Embeddings as an array (n, d), of single precision where they have it, else of double.

    Raises:
        DataError: The array has not two axes, has no row, or holds a number that is not finite.
    """
    rows = np.asarray(embeddings)
    rows = rows if rows.dtype == np.float32 else rows.astype(np.float64)
    if rows.ndim != 2 or not rows.size:
        raise DataError(f"Embeddings must be rows of numbers, got an array of shape {rows.shape}.")
    if not np.isfinite(rows).all():
        raise DataError("Embeddings hold a number that is not finite.")
    return rows


def principal_plane(embeddings: Sequence[ArrayLike], dimensions: int = 2) -> tuple[Array, Array]:
    """Mean and leading principal directions of all tasks' points together (PCA).

    Args:
        embeddings: One array (n, d) a task; every point counts the same.
        dimensions: Directions wanted.

    Returns:
        The mean (d,), and the directions as columns (d, dimensions), padded with zero columns where
        the points spread in fewer.

    Raises:
        DataError: Tasks differ in width, or as `covariance` does.
    """
    arrays = [rows_of_numbers(each) for each in embeddings]
    widths = sorted({array.shape[1] for array in arrays})
    if len(widths) != 1:
        raise DataError(f"Embeddings of all tasks must have one width, got {widths or 'no task'}.")
    counts = np.array([len(array) for array in arrays])
    shares = counts / counts.sum()
    mean = sum(
        share * array.mean(axis=0, dtype=np.float64)
        for share, array in zip(shares, arrays, strict=True)
    )
    # All tasks' points together, without a copy of them: their covariance is put together.
    around = sum(
        share * covariance(array - mean.astype(array.dtype))
        for share, array in zip(shares, arrays, strict=True)
    )
    directions = spectrum_of(around).directions[:, :dimensions]
    return mean, np.pad(directions, ((0, 0), (0, dimensions - directions.shape[1])))


def ellipse(points: ArrayLike, deviations: float = 2.0, corners: int = 72) -> Array:
    """The outline of a cloud: where a point lies so many standard deviations from the mean.

    With two deviations it holds 86 % of the points of a normal cloud.

    Args:
        points: On a plane, (n, 2).
        deviations: Size of the ellipse.
        corners: Points of the outline.

    Returns:
        A closed outline, shape (corners + 1, 2).
    """
    rows = rows_of_numbers(points)
    return rows.mean(axis=0) + deviations * outline(covariance(rows, centred=True), corners)


def outline(matrix: Array, corners: int = 72) -> Array:
    """The outline of a covariance on a plane, (2, 2): one standard deviation from the origin.

    Returns:
        A closed outline, shape (corners + 1, 2).
    """
    found = spectrum_of(matrix)
    turn = np.linspace(0, 2 * np.pi, corners + 1)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    return ((found.directions * np.sqrt(found.values)) @ circle).T


def where_they_differ(first: Spectrum, second: Spectrum) -> tuple[Array, Array]:
    """Two covariances, made equally large, in the plane in which they differ most.

    The plane is spanned by the direction along which the first spreads most beyond the second and
    the one along which the second does beyond the first: eigenvectors of Σ₁ / ‖Σ₁‖ − Σ₂ / ‖Σ₂‖ of
    the greatest and the least eigenvalue. The squared norm of that difference is 2 − 2 s, with s
    the normalised similarity.

    Returns:
        Both in that plane, (2, 2) each, turned so that their sum lies across.
    """
    one, two = (
        (each.directions * (each.values / np.linalg.norm(each.values))) @ each.directions.T
        for each in (first, second)
    )
    _, vectors = np.linalg.eigh(one - two)
    plane = np.zeros((len(one), 2))
    plane[:, : min(2, len(one))] = vectors[:, [-1, 0][: len(one)]]
    _, turn = np.linalg.eigh(plane.T @ (one + two) @ plane)
    plane = plane @ turn[:, ::-1]
    return plane.T @ one @ plane, plane.T @ two @ plane


def overlap(first: Array, second: Array) -> float:
    """Share of the area of two covariances' outlines on a plane, (2, 2) each, that both cover."""
    turn = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    way = np.stack([np.cos(turn), np.sin(turn)])
    # A cloud on a line has no area: a hair of width keeps its share at nearly none.
    shapes = (each + 1e-9 * np.trace(each) * np.eye(2) for each in (first, second))
    areas = [1 / (way * np.linalg.solve(each, way)).sum(axis=0) for each in shapes]
    return float(np.minimum(*areas).sum() / np.maximum(*areas).sum())


def _with_signs(directions: Array) -> Array:
    """Directions turned so that their largest entry is positive: a picture must not flip."""
    largest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[largest, np.arange(directions.shape[1])])
    return directions * np.where(signs == 0, 1.0, signs)
