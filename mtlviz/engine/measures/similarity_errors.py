"""How sure a similarity is: its error over examples, and what one task scores against itself."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtlviz.engine.measures.covariance import covariance, rows_of_numbers
from mtlviz.errors import ConfigError, DataError

Array = NDArray[np.float64]

GROUPS = 10


def similarity_errors(
    embeddings: Sequence[ArrayLike],
    *,
    centred: bool = False,
    groups: int = GROUPS,
    generator: np.random.Generator,
) -> Array:
    """Standard error of the normalised similarity of every two tasks, (K, K).

    A jackknife: each tenth of the examples is left out in turn. All directions count, for the one
    per cent that `truncated` drops moves the similarity far less than its error.

    Args:
        embeddings: One array (n, d) a task.
        centred: Whether each task's mean is taken off.
        groups: Parts the examples are divided into, at least 2.
        generator: Divides them.

    Returns:
        Standard errors; zero on the diagonal, not-a-number for a task of fewer examples than
        groups.

    Raises:
        ConfigError: There are fewer than 2 groups.
        DataError: As `covariance` does.

    Reference:
        Efron, Tibshirani, An Introduction to the Bootstrap, 1993, section 11.5.
    """
    if groups < 2:
        raise ConfigError(f"`groups` must be at least 2, got {groups}.")
    arrays = [_around_mean(each) if centred else rows_of_numbers(each) for each in embeddings]
    parts = [np.array_split(generator.permutation(len(rows)), groups) for rows in arrays]
    sums = np.stack([rows.T @ rows for rows in arrays])
    found = np.stack(
        [
            _cosines(_without(arrays, [part[group] for part in parts], sums, centred))
            for group in range(groups)
        ]
    )
    errors = np.sqrt((groups - 1) / groups * ((found - found.mean(axis=0)) ** 2).sum(axis=0))
    few = np.array([len(rows) < groups for rows in arrays])
    errors[few] = errors[:, few] = np.nan
    return errors


def half_similarities(
    embeddings: Sequence[ArrayLike], *, centred: bool = False, generator: np.random.Generator
) -> Array:
    """Normalised similarity between random halves of the tasks, (K, K): what alike means here.

    On the diagonal stand the two halves of one task, which are never 1, because each covariance is
    known from few examples. Off it stands the mean over the four ways to take a half of each task,
    so that both have the same number of examples: two tasks whose entry reaches their own diagonal
    cannot be told apart from one task.

    Args:
        embeddings: One array (n, d) a task, n at least 2.
        centred: Whether each half's mean is taken off.
        generator: Draws the halves.

    Raises:
        DataError: A task has one example, or as `covariance` does.
    """
    covariances = []
    for each in embeddings:
        rows = rows_of_numbers(each)
        halves = np.array_split(generator.permutation(len(rows)), 2)
        covariances += [covariance(rows[half], centred=centred) for half in halves if len(half)]
    if len(covariances) != 2 * len(embeddings):
        raise DataError("A task needs at least 2 examples to be divided into halves.")
    between = _cosines(np.stack(covariances))
    tasks = len(embeddings)
    found = between.reshape(tasks, 2, tasks, 2).mean(axis=(1, 3))
    found[np.diag_indices(tasks)] = between[::2, 1::2].diagonal()
    return found


def _around_mean(embeddings: ArrayLike) -> NDArray:
    rows = rows_of_numbers(embeddings)
    return rows - rows.mean(axis=0, dtype=np.float64).astype(rows.dtype)


def _without(
    arrays: Sequence[NDArray], left_out: Sequence[NDArray[np.int64]], sums: NDArray, centred: bool
) -> NDArray:
    """Covariances without some rows, times the number of the others, (K, d, d).

    From the sums over all rows: only those left out are multiplied, as exact as the embeddings.

    Args:
        arrays: All rows of each task, around their mean where `centred`, (n, d).
        left_out: Numbers of those left out, of each task.
        sums: XᵀX of all rows of each task, (K, d, d).
        centred: Whether the mean of the others is taken off.
    """
    found = sums.copy()
    for rows, numbers, rest in zip(arrays, left_out, found, strict=True):
        gone = rows[numbers]
        rest -= gone.T @ gone
        if centred:
            # All rows add up to zero, so the others add up to the opposite of those left out.
            total = gone.sum(axis=0, dtype=np.float64)
            rest -= (np.outer(total, total) / max(1, len(rows) - len(numbers))).astype(rest.dtype)
    return found


def _cosines(covariances: NDArray) -> Array:
    """Cosine between every two covariances as vectors, whatever their scale, (K, K)."""
    flat = covariances.reshape(len(covariances), -1)
    products = (flat @ flat.T).astype(np.float64)
    lengths = np.sqrt(np.diagonal(products))
    scale = np.outer(lengths, lengths)
    return np.divide(products, scale, out=np.full(scale.shape, np.nan), where=scale > 0)
