"""Scores over the width of an encoder: where sharing helps, and which width is best.

A sweep trains every task alone and all together at each width, with the same seeds. Capacity is
the width; alone it is the sum of the tasks' own, since each has a model of its own.

Reference:
    Wu, Zhang, Ré, ICLR 2020, Figure 6. https://arxiv.org/abs/2005.00944
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import Transfer, paired_interval, paired_transfer

Array = NDArray[np.float64]
TOLERANCE = 0.0025
"""Scores this close to the best count as equal to it, and the smallest such width is taken."""
_FEWEST_TO_SPLIT = 8


@dataclass(frozen=True, eq=False)
class Sweep:
    """Scores between 0 and 1 over W widths, S seeds and K tasks; NaN where not known.

    Attributes:
        widths: The widths, rising, (W,).
        together: Scores of the model shared by all tasks, (W, S, K).
        alone: Scores of each task in a model of its own, (W, S, K).
    """

    widths: NDArray[np.int64]
    together: Array
    alone: Array


@dataclass(frozen=True, eq=False)
class Band:
    """Mean over tasks and seeds at each width, with its 95 % interval over seeds, (W,) each."""

    mean: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Best:
    """The best widths against each other.

    Attributes:
        together: Width of the best shared model.
        alone: Width of the best model of each task.
        found: What the best shared model scores more than the best models of the tasks' own, in
            points, mean over tasks; None where no seed has both.
        apart: Whether the seeds that it is scored on had no part in choosing the widths. Otherwise
            each side's best is flattered a little.
    """

    together: int
    alone: tuple[int, ...]
    found: Transfer | None
    apart: bool

    @property
    def summed(self) -> int:
        """Capacity of the tasks' own models in sum."""
        return sum(self.alone)


def band(scores: Array) -> Band:
    """Mean over tasks at each width with its interval over the seeds that have every task.

    Args:
        scores: (W, S, K); NaN where not known.
    """
    ends = [_interval(row[np.isfinite(row)]) for row in scores.mean(axis=-1)]
    return Band(*np.array(ends, dtype=np.float64).reshape(-1, 3).T)


def _interval(values: Array) -> tuple[float, float, float]:
    if not len(values):
        return (float("nan"),) * 3
    mean, low, high = paired_interval(values)
    return float(mean), float(low), float(high)


def differences(sweep: Sweep) -> list[Transfer | None]:
    """Together less alone at each width, mean over tasks, paired over seeds, in points."""
    return [
        _paired(together, alone)
        for together, alone in zip(
            sweep.together.mean(axis=-1), sweep.alone.mean(axis=-1), strict=True
        )
    ]


def task_differences(sweep: Sweep, width: int, own: tuple[int, ...]) -> list[Transfer | None]:
    """Together at one width less alone at each task's own, in points, one for each task."""
    place = sweep.widths.tolist().index(width)
    places = [sweep.widths.tolist().index(each) for each in own]
    return [
        _paired(sweep.together[place, :, task], sweep.alone[at, :, task])
        for task, at in enumerate(places)
    ]


def _paired(together: Array, alone: Array) -> Transfer | None:
    first, second = (dict(enumerate(scores.tolist())) for scores in (together, alone))
    return paired_transfer(first, second)


def best(sweep: Sweep) -> Best | None:
    """The best widths, and what the best shared model is worth; None before there are scores.

    With eight seeds or more, every second one chooses the widths and the others score them.
    """
    seeds = sweep.together.shape[1]
    apart = seeds >= _FEWEST_TO_SPLIT
    chosen, scored = (slice(0, None, 2), slice(1, None, 2)) if apart else (slice(None),) * 2
    shared = _best_place(sweep.together[:, chosen].mean(axis=-1))
    own = [_best_place(sweep.alone[:, chosen, task]) for task in range(sweep.alone.shape[-1])]
    if shared is None or None in own:
        return None
    alone = np.stack([sweep.alone[at, scored, task] for task, at in enumerate(own)], axis=-1)
    found = _paired(sweep.together[shared, scored].mean(axis=-1), alone.mean(axis=-1))
    widths = sweep.widths.tolist()
    return Best(widths[shared], tuple(widths[at] for at in own), found, apart)


def _best_place(scores: Array) -> int | None:
    """The smallest width about as good as the best, by the mean over seeds, (W, S).

    Only seeds known at every width that has scores are compared.
    """
    some = np.isfinite(scores).any(axis=1)
    if not some.any():
        return None
    seeds = np.isfinite(scores[some]).all(axis=0)
    if not seeds.any():
        return None
    means = np.where(some, scores[:, seeds].mean(axis=1), -np.inf)
    return int(np.flatnonzero(means >= means.max() - TOLERANCE)[0])
