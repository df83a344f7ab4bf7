"""Scores over seeds: mean, standard error and interval, in which every seed counts once."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.measures.transfer import paired_interval


@dataclass(frozen=True)
class Spread:
    """A mean over seeds.

    Attributes:
        mean: The mean.
        error: Its standard error over seeds; NaN for one seed.
        low: Lower end of Student's t-interval; NaN for one seed.
        high: Upper end.
        seeds: How many scores it is made of.
    """

    mean: float
    error: float
    low: float
    high: float
    seeds: int


def seed_means(values: Iterable[tuple[int, float]]) -> dict[int, float]:
    """The mean of each seed's values, by seed in order.

    Args:
        values: Seed and value of each run.
    """
    gathered: dict[int, list[float]] = {}
    for seed, value in values:
        gathered.setdefault(seed, []).append(value)
    return {seed: float(np.mean(gathered[seed])) for seed in sorted(gathered)}


def spread(scores: Sequence[float]) -> Spread | None:
    """Mean, standard error and interval of one score a seed; None where no score is a number."""
    known = np.array([score for score in scores if math.isfinite(score)])
    if not len(known):
        return None
    mean, low, high = (float(value) for value in paired_interval(known))
    error = float(known.std(ddof=1) / math.sqrt(len(known))) if len(known) > 1 else math.nan
    return Spread(mean, error, low, high, len(known))
