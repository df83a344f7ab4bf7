"""Lookahead affinity over a whole training: its average, its spread, and whether it predicts.

Z_ij at one update says by what share a step on task i alone lowers the loss of task j. It is taken
every so many updates, in one or more runs that differ in the seed alone.

Reference:
    Fifty et al., NeurIPS 2021, equation 1, averaged over training. https://arxiv.org/abs/2109.04617
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import paired_interval
from mtlviz.engine.metrics import is_constant
from mtlviz.errors import DataError

Array = NDArray[np.float64]
_FEWEST = 4  # Pairs below which a rank correlation says nothing.


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


@dataclass(frozen=True)
class Correlation:
    """How well one number follows another over pairs.

    Attributes:
        value: Spearman's rank correlation.
        low: Lower end of its 95 % bootstrap interval over pairs.
        high: Its upper end.
        pairs: Number of pairs.
    """

    value: float
    low: float
    high: float
    pairs: int


def rank_correlation(
    predicted: Sequence[float], measured: Sequence[float], generator: np.random.Generator,
    resamples: int = 1000,
) -> Correlation | None:  # fmt: skip
    """Spearman's correlation with a percentile bootstrap over pairs; None for too few of them.

    Pairs that share a task are not independent, so the interval is too narrow rather than too wide.

    Args:
        predicted: One number for each pair.
        measured: The other.
        generator: Draws the resamples.
        resamples: How many.
    """
    both = np.array([predicted, measured], dtype=np.float64)
    both = both[:, np.isfinite(both).all(axis=0)]
    count = both.shape[1]
    if count < _FEWEST or any(map(is_constant, both)):
        return None
    drawn = both[:, generator.integers(count, size=(resamples, count))]
    found = _pearson(*_ranks(drawn))
    # A resample of one and the same pair has no correlation.
    low, high = np.quantile(found[np.isfinite(found)], [0.025, 0.975])
    value = float(_pearson(*_ranks(both)))
    return Correlation(value, float(low), float(high), count)


def chance_correlation(
    predicted: Sequence[float], measured: Sequence[float], generator: np.random.Generator,
    draws: int = 1000,
) -> float:  # fmt: skip
    """The rank correlation that 95 % of chance stay below, when measurements are dealt out anew.

    Args:
        predicted: One number for each pair.
        measured: The other.
        generator: Deals.
        draws: How often.

    Returns:
        The correlation; NaN where there are too few pairs or all are equal.
    """
    both = np.array([predicted, measured], dtype=np.float64)
    both = both[:, np.isfinite(both).all(axis=0)]
    if both.shape[1] < _FEWEST or any(map(is_constant, both)):
        return float("nan")
    first, second = _ranks(both)
    dealt = generator.permuted(np.tile(second, (draws, 1)), axis=1)
    return float(np.quantile(_pearson(np.broadcast_to(first, dealt.shape), dealt), 0.95))


def _ranks(values: Array) -> Array:
    """Ranks over the last axis; equal values share the mean of theirs."""
    from scipy.stats import rankdata  # Loading it takes longer than drawing a page.

    return rankdata(values, axis=-1)


def _pearson(first: Array, second: Array) -> Array:
    """Pearson's correlation over the last axis; NaN where one side does not vary."""
    first = first - first.mean(axis=-1, keepdims=True)
    second = second - second.mean(axis=-1, keepdims=True)
    scale = np.sqrt((first**2).sum(-1) * (second**2).sum(-1))
    products = (first * second).sum(-1)
    return np.divide(products, scale, out=np.full(np.shape(scale), np.nan), where=scale > 0)
