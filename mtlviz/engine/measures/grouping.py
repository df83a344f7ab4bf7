"""Which tasks to train together: the partition into groups with the largest total affinity.

    total = Σ over tasks j of the mean over the others i in its group of Z_ij

A task alone receives nothing and counts as zero, so it is left alone where its company would hurt
it. (With a task's affinity onto itself in its place no task would ever be alone.)

Reference:
    Fifty et al., NeurIPS 2021, section 4. https://arxiv.org/abs/2109.04617. They choose groups that
    may overlap and serve each task once; here every task is in exactly one group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import ConfigError, DataError

Array = NDArray[np.float64]
Groups = tuple[tuple[int, ...], ...]
MOST_TASKS = 8
"""Up to so many tasks every partition is tried; there are 4,140 of eight."""


@dataclass(frozen=True)
class Grouping:
    """A suggestion: which tasks to train together, and how sure that is.

    Attributes:
        groups: The groups, each with its tasks in order.
        total: Their total affinity.
        together: Total affinity of all tasks in one group.
        share: Share of the resamples in which the same grouping wins; NaN without resamples.
        runner_up: The grouping that wins most of the other resamples; None if there is none.
        runner_up_share: Its share.
    """

    groups: Groups
    total: float
    together: float
    share: float
    runner_up: Groups | None
    runner_up_share: float


def partitions(tasks: int, most_groups: int) -> Iterator[Groups]:
    """Every way to put tasks into at most so many groups, each way once."""

    def grown(task: int, groups: list[list[int]]) -> Iterator[Groups]:
        if task == tasks:
            yield tuple(tuple(group) for group in groups)
            return
        for group in groups:
            group.append(task)
            yield from grown(task + 1, groups)
            group.pop()
        if len(groups) < most_groups:
            yield from grown(task + 1, [*groups, [task]])

    yield from grown(0, [])


def total_affinity(affinity: Array, groups: Groups) -> float:
    """Total affinity of a grouping: what every task receives from the others of its group.

    Args:
        affinity: Z, (K, K), row = the task stepped on.
        groups: The groups.
    """
    received = 0.0
    for group in groups:
        for task in group:
            others = [other for other in group if other != task]
            received += float(affinity[others, task].mean()) if others else 0.0
    return received


def best_grouping(affinity: Array, most_groups: int) -> Groups:
    """The grouping with the largest total affinity; of equal ones the first with fewest groups.

    Args:
        affinity: Z, (K, K), row = the task stepped on.
        most_groups: Most groups allowed.

    Raises:
        ConfigError: Fewer than two or more than eight tasks, or no group allowed.
        DataError: An entry off the diagonal is not a number.
    """
    _check(affinity, most_groups)
    listed, members = _listed(len(affinity), most_groups)
    return listed[int(_totals(affinity[None], members)[0].argmax())]


def suggested_grouping(
    measured: Sequence[Array],
    most_groups: int,
    generator: np.random.Generator,
    resamples: int = 500,
) -> Grouping:
    """The best grouping for the average affinity, and how often resampled averages agree.

    A resample draws runs with replacement, and within each run its updates. Updates next to each
    other are alike, so with one run the share is too large rather than too small.

    Args:
        measured: For each run the affinity at each of its T updates, (T, K, K).
        most_groups: Most groups allowed.
        generator: Draws the resamples.
        resamples: How many; 0 for none.

    Raises:
        ConfigError: Fewer than two or more than eight tasks, or no group allowed.
        DataError: An entry off the diagonal is not a number.
    """
    mean = np.mean([each.mean(axis=0) for each in measured], axis=0)
    best = best_grouping(mean, most_groups)
    listed, members = _listed(len(mean), most_groups)
    everything = (tuple(range(len(mean))),)
    share, runner_up, its_share = float("nan"), None, 0.0
    if resamples:
        drawn = np.stack([resampled(measured, generator) for _ in range(resamples)])
        wins = np.bincount(_totals(drawn, members).argmax(axis=1), minlength=len(listed))
        place = listed.index(best)
        share = float(wins[place] / resamples)
        wins[place] = 0
        if wins.any():
            runner_up, its_share = listed[int(wins.argmax())], float(wins.max() / resamples)
    return Grouping(
        best, total_affinity(mean, best), total_affinity(mean, everything), share,
        runner_up, its_share,
    )  # fmt: skip


def _check(affinity: Array, most_groups: int) -> None:
    tasks = len(affinity)
    if not 2 <= tasks <= MOST_TASKS:
        raise ConfigError(
            f"A grouping is searched among 2 to {MOST_TASKS} tasks, by trying every one; got "
            f"{tasks}."
        )
    if most_groups < 1:
        raise ConfigError(f"At least 1 group must be allowed, got {most_groups}.")
    unknown = int(np.isnan(affinity[~np.eye(tasks, dtype=bool)]).sum())
    if unknown:
        raise DataError(f"A grouping needs every affinity, but {unknown} are not known.")


def resampled(measured: Sequence[Array], generator: np.random.Generator) -> Array:
    """An average as it might have come out as well: runs with replacement, and their updates.

    Args:
        measured: For each run what was measured at each of its T updates, (T, K, K).
        generator: Draws.
    """
    runs = [measured[place] for place in generator.integers(len(measured), size=len(measured))]
    means = [run[generator.integers(len(run), size=len(run))].mean(axis=0) for run in runs]
    return np.mean(means, axis=0)


@lru_cache(maxsize=32)
def _listed(tasks: int, most_groups: int) -> tuple[list[Groups], NDArray[np.int64]]:
    """The partitions, fewest groups first, and the subsets of each as bit masks, padded with 0."""
    listed = sorted(partitions(tasks, most_groups), key=len)
    members = np.zeros((len(listed), min(most_groups, tasks)), np.int64)
    for place, groups in enumerate(listed):
        for column, group in enumerate(groups):
            members[place, column] = sum(1 << task for task in group)
    return listed, members


def _totals(affinities: Array, members: NDArray[np.int64]) -> Array:
    """Total affinity of every partition under every resample, (R, partitions)."""
    tasks = affinities.shape[-1]
    inside = (np.arange(1 << tasks)[:, None] >> np.arange(tasks)) & 1
    # What the members of each subset give each other, each sum over the number of givers.
    clean = np.where(np.eye(tasks, dtype=bool), 0.0, affinities)
    sums = np.einsum("ni,rij,nj->rn", inside, clean, inside, optimize=True)
    scores = sums / np.maximum(inside.sum(axis=1) - 1, 1)
    return scores[:, members].sum(axis=-1)
