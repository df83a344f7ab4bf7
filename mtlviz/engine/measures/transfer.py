"""Signed transfer: what training together changes for one task, with its uncertainty.

transfer = 100 · (score with other tasks − score alone),   paired over seeds
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from mtlviz.errors import DataError

Array = NDArray[np.float64]
Verdict = Literal["helps", "hurts", "undecided"]


@dataclass(frozen=True)
class Transfer:
    """Signed transfer over paired seeds, in percentage points.

    Attributes:
        mean: Mean difference.
        low: Lower end of the interval; NaN for one seed, which says nothing about the spread.
        high: Upper end of the interval; NaN for one seed.
        seeds: Number of paired seeds.
        level: Confidence of the interval.
    """

    mean: float
    low: float
    high: float
    seeds: int
    level: float

    @property
    def verdict(self) -> Verdict:
        """`helps` or `hurts` if the interval leaves out zero, else `undecided`."""
        if self.low > 0:
            return "helps"
        if self.high < 0:
            return "hurts"
        return "undecided"


def transfer(together: ArrayLike, alone: ArrayLike, level: float = 0.95) -> Transfer:
    """How much training with other tasks changes a task's score, over paired seeds.

    The interval is Student's t-interval of the mean difference. Where every seed gives the same
    difference it has no width; with one seed there is none.

    Args:
        together: Scores of the model trained with others, between 0 and 1, shape (S,).
        alone: Scores of the model trained alone with the same seeds, shape (S,).
        level: Confidence of the interval.

    Raises:
        DataError: If the scores are not paired, none are given, or one is not finite.
    """
    pair = np.asarray(together, dtype=np.float64), np.asarray(alone, dtype=np.float64)
    if pair[0].shape != pair[1].shape or pair[0].ndim != 1 or pair[0].size == 0:
        raise DataError(
            "Transfer needs one score with others and one alone for each seed, "
            f"got shapes {pair[0].shape} and {pair[1].shape}."
        )
    differences = 100 * (pair[0] - pair[1])
    if not np.isfinite(differences).all():
        raise DataError(
            f"Transfer needs finite scores, but {int((~np.isfinite(differences)).sum())} of "
            f"{differences.size} paired seeds have none."
        )
    mean, low, high = (float(value) for value in paired_interval(differences, level))
    return Transfer(mean, low, high, differences.size, level)


def paired_interval(differences: ArrayLike, level: float = 0.95) -> tuple[Array, Array, Array]:
    """Mean of paired differences with its t-interval, over the last axis.

    Args:
        differences: One difference per seed, shape (..., S).
        level: Confidence of the interval.

    Returns:
        Mean, lower and upper end, each of shape (...); the ends are NaN for a single seed.
    """
    values = np.asarray(differences, dtype=np.float64)
    seeds = values.shape[-1]
    mean = values.mean(axis=-1)
    if seeds == 1:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    error = values.std(axis=-1, ddof=1) / np.sqrt(seeds)
    half = stats.t.ppf((1 + level) / 2, seeds - 1) * error
    return mean, mean - half, mean + half


def sentence(result: Transfer, task: str, others: str) -> str:
    """The verdict in words: who trains with whom, what it does, by how much, how sure.

    Args:
        result: The transfer.
        task: Name of the task that is scored, as in "task 1".
        others: Names of the tasks trained with it, as in "task 3" or "all tasks".
    """
    start = f"Training with {others}"
    if result.seeds == 1:
        return (
            f"{start} changes {task} by {signed(result.mean)} points in the one seed that was run: "
            f"one seed gives no interval, so this cannot be told apart from chance."
        )
    interval = (
        f"({100 * result.level:g} % interval {signed(result.low)} to {signed(result.high)}, "
        f"{result.seeds} paired seeds)"
    )
    if result.verdict == "undecided":
        return (
            f"{start} changes {task} by {signed(result.mean)} points, "
            f"which cannot be told apart from zero {interval}."
        )
    return f"{start} *{result.verdict}* {task}: {signed(result.mean)} points {interval}."


def signed(points: float) -> str:
    """A number with its sign and one decimal, with a real minus: −11.1, +0.3, 0.0."""
    text = f"{points:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")
