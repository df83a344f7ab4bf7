"""Stored runs side by side: groups of equal settings, paired by seed, with intervals.

Two runs are a pair where seed and every setting agree except those the groups are made by. Where no
two do, runs that go on for another number of updates are pairs if every task gets as many batches.
What has no partner is left out of a difference and handed back, so that it can be said. Only seeds
are independent of each other: where a group pools several settings, the runs of one seed are
averaged first, and means and intervals are over seeds.
"""

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.measures.transfer import Transfer, paired_interval, paired_transfer
from mtlviz.runs.comparison_names import LENGTH, names, words
from mtlviz.runs.scored_run import ScoredRun
from mtlviz.runs.signature import OBSERVED, equal_but

# Seed, score of a run, and score of its partner.
Pair = tuple[int, float, float]


@dataclass(frozen=True, eq=False)
class Group:
    """Runs that share the values of the settings that groups are made by.

    Attributes:
        label: The group's name: those values in words, less what is not needed to tell it apart.
        by: The places of these settings.
        runs: All its runs, oldest first.
        used: Those whose scores are final; of equal runs of one seed the newest.
        repeated: Those left out because a newer run of the same settings and seed is used.
    """

    label: str
    by: tuple[str, ...]
    runs: tuple[ScoredRun, ...]
    used: tuple[ScoredRun, ...]
    repeated: tuple[ScoredRun, ...]


@dataclass(frozen=True, eq=False)
class Difference:
    """What one group scores more than another on a task, over paired runs.

    Attributes:
        task: The task.
        found: The difference in points with its interval over seeds; None where nothing is paired.
        seeds: The seeds of the pairs, each once.
        unpaired: Runs of either group that have no partner, or no score for this task.
    """

    task: str
    found: Transfer | None
    seeds: tuple[int, ...]
    unpaired: tuple[int, ...]


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


def grouped(runs: Sequence[ScoredRun], by: Sequence[str]) -> list[Group]:
    """Runs by the values of these settings, groups in the order of their oldest run."""
    gathered: dict[tuple[str, ...], list[ScoredRun]] = {}
    for run in sorted(runs, key=lambda run: run.id):
        gathered.setdefault(words(run.settings, by), []).append(run)
    called = names([members[0].settings for members in gathered.values()], by)
    return [
        _group(name, tuple(by), members)
        for name, members in zip(called, gathered.values(), strict=True)
    ]


def spread_of(group: Group, task: str) -> Spread | None:
    """A group's scores on a task over seeds; None where no score is a number."""
    known = [(run.seed, run.score(task)) for run in group.used if math.isfinite(run.score(task))]
    return spread(list(seed_means(known).values()))


def difference(first: Group, second: Group, task: str) -> Difference:
    """What the first group scores more than the second on a task, over paired runs."""
    found = _paired(first, second, task, _key) or _paired(first, second, task, _key_of_budget)
    every = [run for group in (first, second) for run in group.used if task in run.tasks]
    in_pairs = {run.id for pair in found for run in pair}
    return over_seeds(
        task,
        [(ours.seed, ours.score(task), theirs.score(task)) for ours, theirs in found],
        [run.id for run in every if run.id not in in_pairs],
    )


def _paired(
    first: Group, second: Group, task: str, key_of: Callable[[ScoredRun, Collection[str]], str]
) -> list[tuple[ScoredRun, ScoredRun]]:
    """Runs of two groups that agree in what must agree."""
    tasks = [{task for run in group.used for task in run.tasks} for group in (first, second)]
    # What only one group trains is no setting of the other.
    left_out = {*first.by, *second.by, *(_task(name) for name in tasks[0] ^ tasks[1])}
    ours, theirs = (
        {key_of(run, left_out): run for run in group.used if math.isfinite(run.score(task))}
        for group in (first, second)
    )
    return [(run, theirs[key]) for key, run in ours.items() if key in theirs]


def over_seeds(task: str, pairs: Sequence[Pair], unpaired: Sequence[int]) -> Difference:
    """The difference of paired runs, averaged within each seed, with its interval over seeds.

    Args:
        task: The task.
        pairs: Seed and both scores of each pair; several pairs may have one seed.
        unpaired: Numbers of the runs without a partner.
    """
    first = seed_means((seed, ours) for seed, ours, _ in pairs)
    second = seed_means((seed, theirs) for seed, _, theirs in pairs)
    return Difference(task, paired_transfer(first, second), tuple(first), tuple(unpaired))


def task_names(groups: Sequence[Group]) -> list[str]:
    """The tasks of all groups, in the order in which they are first met."""
    return list(dict.fromkeys(task for group in groups for run in group.runs for task in run.tasks))


def _group(name: str, by: tuple[str, ...], members: Sequence[ScoredRun]) -> Group:
    newest = {_key(run, by): run for run in members if run.counts}
    used = tuple(newest.values())
    repeated = tuple(run for run in members if run.counts and run not in used)
    return Group(name, by, tuple(members), used, repeated)


def _key(run: ScoredRun, left_out: Collection[str]) -> str:
    """Seed and every setting that decides the training, less those left out."""
    return equal_but(run.settings, {*left_out, *OBSERVED})


def _key_of_budget(run: ScoredRun, left_out: Collection[str]) -> str:
    """The same, with what each task gets in place of how long the run goes on."""
    # Batches that are added up for an update are a setting of their own.
    given = sorted(
        f"{_task(name)} {updates}"
        for name, updates in zip(run.tasks, run.trained or (), strict=False)
        if _task(name) not in left_out
    )
    return " ".join([_key(run, {*left_out, *LENGTH}), *given])


def _task(name: str) -> str:
    """What the places of a task's settings begin with."""
    return f"data.tasks[{name}]"


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
