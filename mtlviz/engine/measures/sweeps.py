"""Scores over many settings: which is best and how surely, what each setting does, the front.

All is over S settings, R seeds and K tasks; scores are between 0 and 1, NaN where not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from mtlviz.engine.measures.transfer import Transfer

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
PERMUTATIONS = 500
_LEVEL = 0.95
# Variances whose logarithms lie no further apart than this beyond chance count as equal, and so do
# shares that differ by no more.
_ALIKE = 1e-6


@dataclass(frozen=True)
class Winner:
    """The setting with the best mean, and what can be said of it.

    Attributes:
        best: Its number.
        rivals: How many others it is compared with.
        closest: The best of those that it cannot be told apart from; without such, the one that it
            is told apart from least; None without others.
        found: What it scores more than the closest, paired over seeds, in points; its interval
            holds for all comparisons together.
        ties: Settings that cannot be told apart from it, best first.
    """

    best: int
    rivals: int
    closest: int | None
    found: Transfer | None
    ties: tuple[int, ...]

    @property
    def sure(self) -> bool:
        """Whether it beats every other one beyond chance."""
        return self.rivals > 0 and not self.ties


@dataclass(frozen=True, eq=False)
class Effect:
    """What each of V values of one setting does to the mean score, all else averaged.

    Attributes:
        points: Difference to the mean over the values that were tried, in points, (V,); NaN where
            it was not, or alone, or always came together with values of other settings.
        half: Half the 95 % interval, (V,); NaN where there are too few settings and seeds for one.
        counts: Settings that had the value, (V,).
        seeds: Over how many seeds the interval is; 0 where it is not.
        settings: Over how many settings it is; 0 where it is not. Where it is over both, its
            square is the sum of theirs.
    """

    points: Array
    half: Array
    counts: NDArray[np.int64]
    seeds: int = 0
    settings: int = 0

    @property
    def confounded(self) -> bool:
        """Whether values were tried whose effect cannot be told from that of other settings."""
        tried = self.counts > 0
        return bool(tried.sum() > 1 and np.isnan(self.points[tried]).any())


@dataclass(frozen=True)
class Importance:
    """How much of the differences among settings one of them explains, beside what chance does.

    Attributes:
        share: Share of the variance that it explains beyond the others.
        null: What it explains in 95 % of cases where it has no effect; see `importances`.
    """

    share: float
    null: float

    @property
    def told(self) -> bool:
        """Whether it can be told from noise."""
        return self.share > self.null + _ALIKE

    @property
    def doubt(self) -> str:
        """Why it says nothing, if so: of very few settings hardly any shuffle explains less."""
        if self.told:
            return ""
        few = self.share > _ALIKE and self.share > self.null - _ALIKE
        return "too few settings to tell" if few else "cannot be told from noise"


def complete(scores: Array) -> Codes:
    """Settings with a score at every seed, best mean first; of equal ones the earlier first.

    Args:
        scores: Mean over tasks, (S, R).
    """
    known = np.flatnonzero(np.isfinite(scores).all(axis=1))
    return known[np.argsort(-scores[known].mean(axis=1), kind="stable")]


def winner(scores: Array) -> Winner | None:
    """The best setting, and whether it beats all others over paired seeds; None without any.

    It was chosen among S settings because it scores most, so it is held to more than one
    comparison: the interval against each of the others has the level 1 − 0.05 / (S − 1). A setting
    that is not the best is then called the winner in at most one of twenty sweeps: it would have to
    beat the best one, and there are S − 1 that might (Bonferroni). As a few seeds say little of a
    spread, that of each difference is moderated by those of the others, as much as they are alike;
    where the two best alone are many times as erratic as all others, one case of twenty can become
    two.

    Args:
        scores: Mean over tasks, (S, R).

    Reference:
        Smyth, "Linear Models and Empirical Bayes Methods for Assessing Differential Expression in
        Microarray Experiments", 2004, sections 4 and 6.2: moderated t-statistics.
    """
    order = complete(scores)
    if not len(order):
        return None
    best, others = int(order[0]), order[1:]
    found = _ahead(100 * (scores[best] - scores[others]))
    ties = tuple(int(n) for n, each in zip(others, found, strict=True) if each.verdict != "helps")
    leads = dict(zip(others.tolist(), found, strict=True))
    closest = next(iter(ties), min(leads, key=lambda other: leads[other].low, default=None))
    return Winner(best, len(others), closest, None if closest is None else leads[closest], ties)


def _ahead(differences: Array) -> list[Transfer]:
    """Means of paired differences, (D, R), with intervals that hold for all of them together."""
    count, seeds = differences.shape
    level = 1 - (1 - _LEVEL) / max(1, count)
    means = differences.mean(axis=1)
    half = np.full(count, np.nan)
    if seeds > 1 and count:
        spreads, free = _moderated(differences.var(axis=1, ddof=1), seeds - 1)
        half = special.stdtrit(free, (1 + level) / 2) * np.sqrt(spreads / seeds)
    return [Transfer(float(mean), float(mean - reach), float(mean + reach), seeds, level)
            for mean, reach in zip(means, half, strict=True)]  # fmt: skip


def _moderated(variances: Array, free: int) -> tuple[Array, float]:
    """Variances, each drawn to what all have in common, and the degrees of freedom they then have.

    How much they have in common is told by how far they lie apart beyond chance.
    """
    typical = np.median(variances)
    if len(variances) < 2 or typical <= 0:
        return variances, free
    logs = np.log(np.maximum(variances, 1e-5 * typical))
    logs += np.log(free / 2) - special.digamma(free / 2)
    beyond = logs.var(ddof=1) - special.polygamma(1, free / 2)
    if beyond <= _ALIKE:
        return np.full(len(variances), np.exp(logs.mean())), free * len(variances)
    from scipy.optimize import brentq  # Loading it takes longer than drawing a page.

    half = brentq(lambda x: special.polygamma(1, x) - beyond, 1e-6, 2 / _ALIKE)
    common = np.exp(logs.mean() + special.digamma(half) - np.log(half))
    mixed = (2 * half * common + free * variances) / (2 * half + free)
    return mixed, min(free + 2 * half, free * len(variances))


def effects(scores: Array, codes: Codes, values: Sequence[int]) -> list[Effect]:
    """The effect of every setting's values on the mean score over seeds, fitted together.

    An additive fit by least squares: in a whole grid the plain mean of each value, elsewhere
    cleared of what else differs, as far as that is possible: values that always came together with
    values of other settings are told of by no number.

    All settings share the seeds, so what a seed does to a value comes back in every setting and is
    no noise among them: the fit is made for each seed, and the interval is Student's t over seeds.
    Where the settings are no whole grid, others might as well have been drawn: the interval over
    settings, which counts as noise whatever is not additive, is then added to it, by squares. What
    is noise of single runs counts in both, so the sum is rather too wide than too narrow. One seed
    leaves the interval over settings alone.

    Args:
        scores: Mean over tasks, (S, R).
        codes: Number of the value of each of P settings, (S, P).
        values: How many values each has, (P,).
    """
    means, kept = _means(scores)
    codes = codes[kept]
    tried = [np.unique(codes[:, place]) for place in range(len(values))]
    seen = [np.searchsorted(each, codes[:, place]) for place, each in enumerate(tried)]
    design, blocks = _design(np.array(seen).T, [max(1, len(each)) for each in tried])
    inverse = np.linalg.pinv(design)
    free = len(means) - (int(np.linalg.matrix_rank(design)) if len(means) else 0)
    spread = float(((means - design @ (inverse @ means)) ** 2).sum() / free) if free else np.nan
    reach = special.stdtrit(free, (1 + _LEVEL) / 2) if free else np.nan
    seeds = scores.shape[1] if scores.shape[1] > 1 and len(means) else 0
    settings = 0 if not free or (seeds and _whole(codes)) else len(means)
    found = []
    for place, (block, size) in enumerate(zip(blocks, values, strict=True)):
        contrast = np.zeros((len(tried[place]), design.shape[1]))
        contrast[:, block] = _contrast(len(tried[place]))
        rows = contrast @ inverse
        told = np.isclose(rows @ design, contrast, atol=1e-8).all(axis=1)  # Estimable.
        told &= len(told) > 1
        points, half = np.full((2, size), np.nan)
        points[tried[place]] = np.where(told, 100 * (rows @ means), np.nan)
        noise = reach * np.sqrt(spread * (rows**2).sum(axis=1))
        ends = _over_seeds(rows @ scores[kept]) if seeds else noise
        if seeds and settings:
            ends = np.hypot(ends, noise)
        half[tried[place]] = np.where(told, 100 * ends, np.nan)
        counts = np.bincount(codes[:, place], minlength=size)
        found.append(Effect(points, half, counts, seeds, settings))
    return found


def _whole(codes: Codes) -> bool:
    """Whether these are all combinations of the values that were tried, each once."""
    every = np.prod([len(np.unique(place)) for place in codes.T])
    return len(np.unique(codes, axis=0)) == len(codes) == every


def _over_seeds(effects: Array) -> Array:
    """Half the interval of the mean of each row, (V, R)."""
    seeds = effects.shape[1]
    reach = special.stdtrit(seeds - 1, (1 + _LEVEL) / 2)
    return reach * effects.std(axis=1, ddof=1) / np.sqrt(seeds)


def importances(
    scores: Array, codes: Codes, values: Sequence[int], generator: np.random.Generator
) -> list[Importance]:
    """How much of the variance among settings each explains, beside its permutation null.

    What a setting explains is what an additive fit with it explains more than one without it. For
    the null the residuals of the fit without it are shuffled among the settings. What a seed does
    to a value comes back in every setting of that value, and no shuffle tells it from an effect:
    where seeds make more of it than the shuffles, F over seeds (the setting against setting × seed,
    values being alike) is the null. A grid may be so small that of all its shuffles more than one
    in twenty make as much of an effect without noise as it is: 2 × 2 and 2 × 3 settings. There F
    alone is the null, where there are seeds.

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
        own = _basis(whole - less @ (less.T @ whole))
        rest = means - less @ (less.T @ means)
        explained = float(_explained(whole, rest[:, None])[0])
        by_seeds = _by_seeds(own.T @ scores[kept])
        by_shuffles = float(np.quantile(_gains(whole, less, rest[shuffles]), _LEVEL))
        pure = own @ (own.T @ means)
        few = np.quantile(_gains(whole, less, pure[shuffles]), _LEVEL) > explained - _ALIKE * total
        band = by_seeds if few and by_seeds and _whole(codes) else max(by_shuffles, by_seeds)
        found.append(Importance(explained / total, band / total))
    return found


def _gains(whole: Array, less: Array, rows: Array) -> Array:
    """What one fit explains of each row beyond another, (N,); rows (N, S)."""
    return _explained(whole, rows.T) - _explained(less, rows.T)


def _by_seeds(parts: Array) -> float:
    """What 95 of 100 settings without effect explain at most, by how seeds differ; (D, R)."""
    free, seeds = parts.shape
    if free == 0 or seeds == 1:
        return 0.0
    spread = parts.var(axis=1, ddof=1).sum() / seeds
    return float(spread * special.fdtri(free, free * (seeds - 1), _LEVEL))


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
