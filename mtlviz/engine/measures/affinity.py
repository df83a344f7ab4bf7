"""Lookahead affinity over a whole training: its average, its spread, and whether it predicts.

Z_ij at one update says by what share a step on task i alone lowers the loss of task j. It is taken
every so many updates, in one or more runs that differ in the seed alone.

Reference:
    Fifty et al., NeurIPS 2021, equation 1, averaged over training. https://arxiv.org/abs/2109.04617
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import paired_interval
from mtlviz.engine.metrics import is_constant
from mtlviz.errors import DataError

Array = NDArray[np.float64]
_FEWEST = 4  # Measurements below which a rank correlation says nothing.


@dataclass(frozen=True, eq=False)
class Affinity:
    """Average affinity of K tasks over S runs. Not measured is NaN.

    Attributes:
        mean: Average over updates and then over runs, (K, K); row = the task stepped on.
        runs: Average over the updates of each run, (S, K, K).
        low: Lower end of the 95 % interval over runs, (K, K); NaN for one run.
        high: Its upper end.
        least: The tenth part of single updates lies below this, (K, K), all runs together.
        most: The tenth part of single updates lies above this.
        updates: Number of updates at which it was taken, in all runs together.
    """

    mean: Array
    runs: Array
    low: Array
    high: Array
    least: Array
    most: Array
    updates: int

    @property
    def received(self) -> Array:
        """Mean affinity of all other tasks onto each task, (K,)."""
        others = np.where(np.eye(len(self.mean), dtype=bool), np.nan, self.mean)
        return np.nanmean(others, axis=0)


def average_affinity(measured: Sequence[Array]) -> Affinity:
    """Average affinities over the updates of each run, then over runs.

    Args:
        measured: For each run the affinity at each of its T updates, (T, K, K).

    Raises:
        DataError: Nothing was measured, or the runs have different numbers of tasks.
    """
    shapes = {each.shape[1:] for each in measured if len(each)}
    if len(shapes) != 1 or any(not len(each) for each in measured):
        raise DataError(
            "An average of affinities needs runs of the same tasks with at least one measurement "
            f"each, got shapes {', '.join(str(each.shape) for each in measured) or 'of no run'}."
        )
    runs = np.stack([mean_of_known(each) for each in measured])
    mean, low, high = paired_interval(np.moveaxis(runs, 0, -1))
    every = np.concatenate(measured)
    least, most = np.nanquantile(_or_zero(every), [0.1, 0.9], axis=0)
    unknown = np.isnan(every).all(axis=0)
    least[unknown] = most[unknown] = np.nan
    return Affinity(mean, runs, low, high, least, most, len(every))


def mean_of_known(values: Array) -> Array:
    """Mean over the first axis of what is known; NaN where nothing is."""
    counts = np.isfinite(values).sum(axis=0)
    sums = np.nansum(values, axis=0)
    return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)


def _or_zero(values: Array) -> Array:
    """Entries that no update has are made zero, so that quantiles do not warn of them."""
    return np.where(np.isnan(values).all(axis=0), 0.0, values)


Company = tuple[int, tuple[int, ...]]
"""A task, and the tasks it is trained with."""


@dataclass(frozen=True)
class Correlation:
    """How well affinities predict what company does to tasks.

    Attributes:
        value: Spearman's rank correlation over all measurements.
        low: Lower end of its bootstrap interval over tasks; NaN where tasks are too few. It holds
            the truth in 97 to 99 % of drawn examples with 8 to 32 tasks: at least 95 %, not just.
        high: Its upper end.
        pairs: Number of measurements.
        chance: What 95 % of correlations stay below when the tasks' names are dealt out anew.
        between: What 95 % of these lie between.
        share: Share of these that are as large.
        share_below: Share of these that are as small.
        ceiling: What a prediction without error would reach, by halves of the seeds; NaN for one.
    """

    value: float
    low: float
    high: float
    pairs: int
    chance: float
    between: tuple[float, float]
    share: float
    share_below: float
    ceiling: float


def prediction(
    affinity: Array, company: Sequence[Company], measured: Array, generator: np.random.Generator,
    resamples: int = 1000,
) -> Correlation | None:  # fmt: skip
    """How well affinities predict measurements; None for too few of them, or all equal.

    Measurements that share a task are not independent, so whole tasks are drawn and dealt, never
    single measurements.

    Args:
        affinity: Of every task onto every other, (K, K), row = the company.
        company: The task and the company of each of P measurements.
        measured: What was measured in each of S seeds, (P, S); NaN where it was not.
        generator: Draws.
        resamples: How many draws of tasks, deals of names, and halves of the seeds.

    Reference:
        Mantel, Cancer Research 27, 1967: tasks' names are dealt out anew, all measurements stay as
        they are.
    """
    company, measured = list(company), np.asarray(measured, dtype=np.float64)
    if len(company) < _FEWEST:
        return None
    known = np.isfinite(_predicted(affinity, company)) & np.isfinite(measured).any(axis=1)
    company = [each for each, kept in zip(company, known.tolist(), strict=True) if kept]
    measured = measured[known]
    both = np.array([_predicted(affinity, company), mean_of_known(measured.T)])
    if len(company) < _FEWEST or any(map(is_constant, both)):
        return None
    value = float(_rank_correlation(*both))
    orders = _orders(len(affinity), resamples, generator)
    renamed = np.stack([_predicted(affinity[np.ix_(each, each)], company) for each in orders])
    dealt = _rank_correlation(renamed, np.broadcast_to(both[1], renamed.shape))
    dealt = dealt[np.isfinite(dealt)]
    low, high = _over_tasks(both, company, len(affinity), generator, resamples)
    ends, chance = np.quantile(dealt, [0.025, 0.975]).tolist(), float(np.quantile(dealt, 0.95))
    return Correlation(
        value, low, high, len(company), chance, (ends[0], ends[1]),
        float((dealt >= value - 1e-12).mean()), float((dealt <= value + 1e-12).mean()),
        _ceiling(measured, generator, resamples),
    )  # fmt: skip


def _predicted(affinity: Array, company: Sequence[Company]) -> Array:
    """Mean affinity of the company onto the task."""
    task = [each for each, _ in company]
    giving = np.zeros((len(company), len(affinity)))
    for row, (_, others) in zip(giving, company, strict=True):
        row[list(others)] = 1 / len(others)
    return np.where(giving > 0, giving * affinity[:, task].T, 0.0).sum(axis=1)


def _orders(tasks: int, most: int, generator: np.random.Generator) -> list[Array]:
    """Every order of few tasks; of many the one they have and others that are drawn."""
    if math.factorial(tasks) <= most:
        return [np.array(order) for order in itertools.permutations(range(tasks))]
    return [np.arange(tasks), *(generator.permutation(tasks) for _ in range(most - 1))]


def _over_tasks(
    both: Array, company: Sequence[Company], tasks: int, generator: np.random.Generator,
    resamples: int,
) -> tuple[float, float]:  # fmt: skip
    """Ends of the interval when tasks are drawn; a pair counts as often as both of its tasks.

    Ranks stay those among all measurements, which makes the interval too wide rather than too
    narrow.
    """
    task = np.array([each for each, _ in company])
    other = np.array([others[0] if len(others) == 1 else -1 for _, others in company])
    drawn = generator.multinomial(tasks, np.full(tasks, 1 / tasks), size=resamples)
    times = (drawn[:, task] * np.where(other < 0, 1, drawn[:, other])).astype(np.float64)
    times = times[np.count_nonzero(times, axis=1) >= _FEWEST]
    ranks = (np.broadcast_to(each, times.shape) for each in _ranks(both))
    found = _pearson(*ranks, times)
    known = found[np.isfinite(found)]
    if len(known) < resamples / 2:
        return math.nan, math.nan
    low, high = np.quantile(known, [0.025, 0.975]).tolist()
    return low, high


def _ceiling(measured: Array, generator: np.random.Generator, splits: int) -> float:
    """What a prediction without noise would reach with the mean of all seeds; NaN for one seed.

    Halves of the seeds correlate with one another by r, over as many splits as there are; their
    mean is then reliable by 2r / (1 + r), and its correlation with the truth is the root of that.

    Reference:
        Spearman and Brown, British Journal of Psychology 3, 1910.
    """
    seeds = measured.shape[1]
    if seeds < 2:
        return math.nan
    found = []
    for _ in range(min(splits, 2 ** (seeds - 1) - 1, 200)):
        order = generator.permutation(seeds)
        halves = (mean_of_known(measured[:, part].T) for part in np.array_split(order, 2))
        both = np.array(list(halves))
        both = both[:, np.isfinite(both).all(axis=0)]
        if both.shape[1] > 1:
            found.append(float(_rank_correlation(*both)))
    known = [each for each in found if np.isfinite(each)]
    half = float(np.mean(known)) if known else math.nan
    return math.sqrt(2 * half / (1 + half)) if half > 0 else math.nan


def _rank_correlation(first: Array, second: Array) -> Array:
    return _pearson(_ranks(first), _ranks(second))


def _ranks(values: Array) -> Array:
    """Ranks over the last axis; equal values share the mean of theirs."""
    from scipy.stats import rankdata  # Loading it takes longer than drawing a page.

    return rankdata(values, axis=-1)


def _pearson(first: Array, second: Array, times: Array | None = None) -> Array:
    """Pearson's correlation over the last axis; NaN where one side does not vary.

    Args:
        first: One side.
        second: The other.
        times: How often each counts; once if None.
    """
    times = np.ones(first.shape) if times is None else times
    total = times.sum(axis=-1, keepdims=True)
    first, second = (
        each - (times * each).sum(axis=-1, keepdims=True) / total for each in (first, second)
    )
    scale = np.sqrt((times * first**2).sum(-1) * (times * second**2).sum(-1))
    products = (times * first * second).sum(-1)
    return np.divide(products, scale, out=np.full(np.shape(scale), np.nan), where=scale > 0)
