"""Signed transfer: what training together changes for one task, with its uncertainty.

transfer = 100 · (score with other tasks − score alone),   paired over seeds

Repeated splits of one table are not independent: each pair of splits shares most of its rows. Their
interval is the corrected resampled one, wider by n_test / n_train of the variance.

Reference:
    Nadeau & Bengio, "Inference for the Generalization Error", Machine Learning 52, 2003, section 3:
    variance of the mean = (1/S + n_test/n_train) · variance of the differences.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtlviz.errors import DataError

Array = NDArray[np.float64]
Verdict = Literal["helps", "hurts", "undecided"]
Outcome = Literal["helps", "hurts", "unchanged", "undecided", "one seed"]
ONE_SEED = "one seed: no interval yet, add seeds"
"""What is said of a difference from one seed, on every page and in the shell."""
ONE_SEED_SENTENCE = f"{ONE_SEED.capitalize()}."
UNCHANGED = "exactly as it was"
OUTCOMES: Mapping[Outcome, str] = {
    "helps": "▲ helps", "hurts": "▼ hurts", "unchanged": f"● {UNCHANGED}",
    "undecided": "● not told from zero", "one seed": "○ no interval yet",
}  # fmt: skip
"""What is said of a transfer in short, in every table and picture of real runs."""
_NO_WIDTH = 1e-9  # Points.
_SMALL = 1.0  # Points below which an effect is called small, however sure it is.


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
    def spreadless(self) -> bool:
        """Whether all seeds gave one and the same difference."""
        # The ends come from sums of rounded numbers: no difference of accuracies is so small.
        return self.high - self.low <= _NO_WIDTH

    @property
    def unchanged(self) -> bool:
        """Whether every seed has exactly the same score with and without the others."""
        return self.spreadless and abs(self.mean) <= _NO_WIDTH

    @property
    def small(self) -> bool:
        """Whether the difference is decided and yet too small to matter much."""
        return self.verdict != "undecided" and abs(self.mean) < _SMALL

    @property
    def outcome(self) -> Outcome:
        """What there is to say: the verdict, or why an undecided one is none."""
        if self.seeds == 1:
            return "one seed"
        return "unchanged" if self.unchanged else self.verdict

    @property
    def verdict(self) -> Verdict:
        """`helps` or `hurts` if the interval leaves out zero, else `undecided`.

        Differences without any spread give no interval to judge by, so they decide nothing.
        """
        if self.spreadless:
            return "undecided"
        if self.low > 0:
            return "helps"
        if self.high < 0:
            return "hurts"
        return "undecided"


def transfer(
    together: ArrayLike, alone: ArrayLike, level: float = 0.95, *, resplit: float = 0.0
) -> Transfer:
    """How much training with other tasks changes a task's score, over paired seeds.

    The interval is Student's t-interval of the mean difference, or the corrected one for repeated
    splits. Where every seed gives the same difference it has no width; with one seed there is none.

    Args:
        together: Scores of the model trained with others, between 0 and 1, shape (S,).
        alone: Scores of the model trained alone with the same seeds, shape (S,).
        level: Confidence of the interval.
        resplit: Held-out over training points if the seeds are splits of one and the same table,
            0 if each seed has data of its own.

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
    mean, low, high = (
        float(value) for value in paired_interval(differences, level, resplit=resplit)
    )
    return Transfer(mean, low, high, differences.size, level)


def paired_transfer(
    together: Mapping[Hashable, float], alone: Mapping[Hashable, float]
) -> Transfer | None:
    """The same over the seeds that have both scores; None where there is none.

    Args:
        together: Scores of the model trained with others, by seed; NaN where not known.
        alone: Scores of the model trained alone.
    """
    seeds = [seed for seed in together if math.isfinite(together[seed] - alone.get(seed, math.nan))]
    if not seeds:
        return None
    return transfer([together[seed] for seed in seeds], [alone[seed] for seed in seeds])


def paired_interval(
    differences: ArrayLike, level: float = 0.95, *, resplit: float = 0.0
) -> tuple[Array, Array, Array]:
    """Mean of paired differences with its t-interval, over the last axis.

    Args:
        differences: One difference per seed, shape (..., S).
        level: Confidence of the interval.
        resplit: Held-out over training points if the seeds are splits of one and the same table,
            0 if each seed has data of its own.

    Returns:
        Mean, lower and upper end, each of shape (...); the ends are NaN for a single seed.
    """
    from scipy.special import stdtrit  # Loading it takes longer than drawing a page.

    values = np.asarray(differences, dtype=np.float64)
    seeds = values.shape[-1]
    mean = values.mean(axis=-1)
    if seeds == 1:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    error = values.std(axis=-1, ddof=1) * np.sqrt(1 / seeds + resplit)
    half = stdtrit(seeds - 1, (1 + level) / 2) * error
    return mean, mean - half, mean + half


def sentence(result: Transfer, task: str, others: str) -> str:
    """The verdict in words: who trains with whom, what it does, by how much, how sure.

    Args:
        result: The transfer.
        task: Name of the task that is scored, as in "task 1".
        others: Names of the tasks trained with it, as in "task 3" or "all tasks".
    """
    return effect(f"Training with {others}", task, result)


def effect(what: str, task: str, result: Transfer) -> str:
    """What something does to a task, by how much and how sure, in a sentence.

    Args:
        what: What is done, the beginning of the sentence, such as "Reweighting".
        task: Name of the task that is scored.
        result: Its score with that less its score without.
    """
    if result.seeds == 1:
        return (
            f"{what} changes {task} by {signed(result.mean)} points in the seed that was run "
            f"({ONE_SEED})."
        )
    if result.spreadless:
        return what + _without_spread(result, task)
    mean, low, high = digits(result)
    interval = f"({100 * result.level:g} % interval {low} to {high}, {result.seeds} paired seeds)"
    if result.verdict == "undecided":
        return (
            f"{what} changes {task} by {mean} points, which cannot be told apart from zero "
            f"{interval}."
        )
    little = " a little" if result.small else ""
    return f"{what} *{result.verdict}* {task}{little}: {mean} points {interval}."


def digits(found: Transfer) -> tuple[str, str, str]:
    """Mean and ends; where the verdict rests on less than one decimal shows, as much as it needs.

    Otherwise "hurts (0.0)" would contradict itself.
    """
    decided = found.verdict != "undecided"
    values = found.mean, found.low, found.high
    mean, low, high = (
        f"{value:+.1g}".replace("-", "−") if decided and signed(value) == "0.0" else signed(value)
        for value in values
    )
    return mean, low, high


def _without_spread(result: Transfer, task: str) -> str:
    """The rest of the sentence where every seed gave the same difference."""
    if result.unchanged:
        return f" leaves the score of {task} {UNCHANGED} in each of {result.seeds} paired seeds."
    return (
        f" changes {task} by exactly {signed(result.mean)} points in each of {result.seeds} paired "
        f"seeds: there is no spread to judge by, often a sign of too few held-out points, so this "
        f"cannot be told apart from chance."
    )


def signed(points: float) -> str:
    """A number with its sign and one decimal, with a real minus: −11.1, +0.3, 0.0."""
    text = f"{points:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")
