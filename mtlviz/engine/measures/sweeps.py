"""Scores over many settings: which is best and how surely, what each setting does, the front.

All is over S settings, R seeds and K tasks; scores are between 0 and 1, NaN where not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mtlviz.engine.measures.transfer import Transfer, paired_transfer

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
PERMUTATIONS = 500
_LEVEL = 0.95


@dataclass(frozen=True)
class Winner:
    """The setting with the best mean, and what can be said of it.

    Attributes:
        best: Its number.
        runner_up: The second best; None where there is no other.
        found: What it scores more than the runner-up, paired over seeds, in points.
        ties: Settings that cannot be told apart from it, best first.
    """

    best: int
    runner_up: int | None
    found: Transfer | None
    ties: tuple[int, ...]

    @property
    def sure(self) -> bool:
        """Whether it beats the runner-up beyond chance."""
        return self.found is not None and self.found.verdict == "helps"


@dataclass(frozen=True, eq=False)
class Effect:
    """What each of V values of one setting does to the mean score, all else averaged.

    Attributes:
        points: Difference to the mean over values, in points, (V,); NaN where it cannot be told.
        half: Half the 95 % interval, (V,); NaN where there are too few settings for one.
        counts: Settings that had the value, (V,).
    """

    points: Array
    half: Array
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Importance:
    """How much of the differences among settings one of them explains, beside what chance does.

    Attributes:
        share: Share of the variance that it explains beyond the others.
        null: What it explains of scores shuffled among settings in 95 % of the shuffles.
    """

    share: float
    null: float

    @property
    def told(self) -> bool:
        """Whether it can be told from noise."""
        return self.share > self.null


def complete(scores: Array) -> Codes:
    """Settings with a score at every seed, best mean first; of equal ones the earlier first.

    Args:
        scores: Mean over tasks, (S, R).
    """
    known = np.flatnonzero(np.isfinite(scores).all(axis=1))
    return known[np.argsort(-scores[known].mean(axis=1), kind="stable")]


def winner(scores: Array) -> Winner | None:
    """The best setting, and whether it beats the others over paired seeds; None without any.

    Args:
        scores: Mean over tasks, (S, R).
    """
    order = complete(scores).tolist()
    if not order:
        return None
    best, others = order[0], order[1:]
    found = {other: _less(scores, best, other) for other in others}
    ties = tuple(other for other in others if not _helps(found[other]))
    runner_up = others[0] if others else None
    return Winner(best, runner_up, None if runner_up is None else found[runner_up], ties)


def _less(scores: Array, first: int, second: int) -> Transfer | None:
    return paired_transfer(dict(enumerate(scores[first])), dict(enumerate(scores[second])))


def _helps(found: Transfer | None) -> bool:
    return found is not None and found.verdict == "helps"


def effects(scores: Array, codes: Codes, values: Sequence[int]) -> list[Effect]:
    """The effect of every setting's values on the mean score over seeds, fitted together.

    An additive fit by least squares: in a whole grid the plain mean of each value, elsewhere
    cleared of what else differs. Its interval counts as noise whatever is not additive.

    Args:
        scores: Mean over tasks, (S, R).
        codes: Number of the value of each of P settings, (S, P).
        values: How many values each has, (P,).
    """
    means, kept = _means(scores)
    codes = codes[kept]
    design, blocks = _design(codes, values)
    rank = int(np.linalg.matrix_rank(design)) if len(means) else 0
    inverse = np.linalg.pinv(design)
    fitted = inverse @ means
    free = len(means) - rank
    spread = float(((means - design @ fitted) ** 2).sum() / free) if free > 0 else np.nan
    covariance = spread * (inverse @ inverse.T)
    reach = stats.t.ppf((1 + _LEVEL) / 2, free) if free > 0 else np.nan
    found = []
    for place, (block, size) in enumerate(zip(blocks, values, strict=True)):
        counts = np.bincount(codes[:, place], minlength=size)
        seen = np.where(counts > 0, 1.0, np.nan)
        contrast = _contrast(size)
        variance = np.diag(contrast @ covariance[block, block] @ contrast.T)
        half = reach * np.sqrt(np.maximum(variance, 0.0))
        found.append(Effect(100 * (contrast @ fitted[block]) * seen, 100 * half * seen, counts))
    return found


def importances(
    scores: Array, codes: Codes, values: Sequence[int], generator: np.random.Generator
) -> list[Importance]:
    """How much of the variance among settings each explains, beside its permutation null.

    What a setting explains is what an additive fit with it explains more than one without it. For
    the null the residuals of the fit without it are shuffled among the settings.

    Args:
        scores: Mean over tasks, (S, R).
        codes: Number of the value of each of P settings, (S, P).
        values: How many values each has, (P,).
        generator: Draws the shuffles.

    Reference:
        Freedman and Lane, "A Nonstochastic Interpretation of Reported Significance Levels", 1983.
    """
    means, kept = _means(scores)
    codes = codes[kept]
    total = float(((means - means.mean()) ** 2).sum()) if len(means) else 0.0
    if total <= 0:
        return [Importance(0.0, 0.0) for _ in values]
    design, blocks = _design(codes, values)
    whole = _basis(design)
    shuffles = np.array([generator.permutation(len(means)) for _ in range(PERMUTATIONS)])
    found = []
    for block in blocks:
        less = _basis(np.delete(design, np.r_[block], axis=1))
        rest = means - less @ (less.T @ means)
        gains = _explained(whole, rest[shuffles].T) - _explained(less, rest[shuffles].T)
        share = float(_explained(whole, rest[:, None])[0]) / total
        found.append(Importance(share, float(np.quantile(gains, _LEVEL)) / total))
    return found


def pareto(scores: Array) -> NDArray[np.bool_]:
    """Which settings no other one equals or beats on every task, (S,).

    Args:
        scores: Mean over seeds, (S, K); a setting with an unknown score is on no front.
    """
    known = np.isfinite(scores).all(axis=1)
    at_least = (scores[None] >= scores[:, None]).all(axis=2)
    more = (scores[None] > scores[:, None]).any(axis=2)
    return known & ~(at_least & more & known[None]).any(axis=1)


def two_settings(
    scores: Array, codes: Codes, first: int, second: int, sizes: tuple[int, int]
) -> Array:
    """Mean score of each pair of values of two settings less the mean of all, in points, (V, W)."""
    means, kept = _means(scores)
    rows, columns = codes[kept, first], codes[kept, second]
    total, count = np.zeros(sizes), np.zeros(sizes)
    np.add.at(total, (rows, columns), means)
    np.add.at(count, (rows, columns), 1)
    average = np.divide(total, count, out=np.full(sizes, np.nan), where=count > 0)
    return 100 * (average - means.mean()) if len(means) else average


def _means(scores: Array) -> tuple[Array, Codes]:
    """Means over seeds of the settings that have every one of them, and which these are."""
    kept = np.sort(complete(scores))
    return scores[kept].mean(axis=1), kept


def _design(codes: Codes, values: Sequence[int]) -> tuple[Array, list[slice]]:
    """One, and for each setting its values against its last, in columns that sum to zero."""
    columns, blocks, start = [np.ones((len(codes), 1))], [], 1
    for place, size in enumerate(values):
        columns.append(_contrast(size)[codes[:, place]])
        blocks.append(slice(start, start + size - 1))
        start += size - 1
    return np.concatenate(columns, axis=1), blocks


def _contrast(size: int) -> Array:
    """Effects of all values from those of all but the last: together they are zero."""
    return np.vstack([np.eye(size - 1), -np.ones((1, size - 1))])


def _basis(design: Array) -> Array:
    """Orthonormal columns that span the same."""
    left, sizes, _ = np.linalg.svd(design, full_matrices=False)
    return left[:, sizes > 1e-10 * max(1.0, sizes.max(initial=0.0))]


def _explained(basis: Array, columns: Array) -> Array:
    """Squared length of each column within the span of the basis."""
    return ((basis.T @ columns) ** 2).sum(axis=0)
