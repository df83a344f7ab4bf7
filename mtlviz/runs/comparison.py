"""Stored runs side by side: groups of equal settings, paired by seed, with intervals.

Two runs are a pair where seed and every setting agree except those the groups are made by. What
has no partner is left out of a difference and handed back, so that it can be said. Only seeds are
independent of each other: where a group pools several settings, the runs of one seed are averaged
first, and means and intervals are over seeds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mtlviz.engine.measures.transfer import Transfer, transfer
from mtlviz.runs.compared import Compared
from mtlviz.runs.labels import labels, words
from mtlviz.runs.settings import NO_SETTING, is_observed
from mtlviz.runs.spread import Spread, seed_means, spread

Key = tuple[tuple[str, str], ...]
# Seed, score of a run, and score of its partner.
Pair = tuple[int, float, float]


@dataclass(frozen=True, eq=False)
class Group:
    """Runs that share the values of the settings that groups are made by.

    Attributes:
        label: The group's name: those values in words, less what most groups share.
        by: The places of these settings.
        runs: All its runs, oldest first.
        used: Those whose scores are final; of equal runs of one seed the newest.
        repeated: Those left out because a newer run of the same settings and seed is used.
    """

    label: str
    by: tuple[str, ...]
    runs: tuple[Compared, ...]
    used: tuple[Compared, ...]
    repeated: tuple[Compared, ...]

    def key(self, run: Compared) -> Key:
        """What must agree with another run for the two to be a pair."""
        return _key(run, self.by)


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


def grouped(runs: Sequence[Compared], by: Sequence[str]) -> list[Group]:
    """Runs by the values of these settings, groups in the order of their oldest run."""
    gathered: dict[tuple[str, ...], list[Compared]] = {}
    for run in sorted(runs, key=lambda run: run.id):
        gathered.setdefault(words(run.settings, by), []).append(run)
    names = labels(list(gathered), by)
    return [
        _group(name, tuple(by), members)
        for name, members in zip(names, gathered.values(), strict=True)
    ]


def spread_of(group: Group, task: str) -> Spread | None:
    """A group's scores on a task over seeds; None where no score is a number."""
    known = [(run.seed, run.score(task)) for run in group.used if math.isfinite(run.score(task))]
    return spread(list(seed_means(known).values()))


def difference(first: Group, second: Group, task: str) -> Difference:
    """What the first group scores more than the second on a task, over paired runs."""
    ours = {first.key(run): run for run in first.used if math.isfinite(run.score(task))}
    theirs = {second.key(run): run for run in second.used if math.isfinite(run.score(task))}
    common = [key for key in ours if key in theirs]
    alone = [run for group in (first, second) for run in group.used if task in run.tasks]
    in_pairs = {each.id for key in common for each in (ours[key], theirs[key])}
    return over_seeds(
        task,
        [(ours[key].seed, ours[key].score(task), theirs[key].score(task)) for key in common],
        [run.id for run in alone if run.id not in in_pairs],
    )


def over_seeds(task: str, pairs: Sequence[Pair], unpaired: Sequence[int]) -> Difference:
    """The difference of paired runs, averaged within each seed, with its interval over seeds.

    Args:
        task: The task.
        pairs: Seed and both scores of each pair; several pairs may have one seed.
        unpaired: Numbers of the runs without a partner.
    """
    first = seed_means((seed, ours) for seed, ours, _ in pairs)
    second = seed_means((seed, theirs) for seed, _, theirs in pairs)
    found = transfer(list(first.values()), list(second.values())) if pairs else None
    return Difference(task, found, tuple(first), tuple(unpaired))


def task_names(groups: Sequence[Group]) -> list[str]:
    """The tasks of all groups, in the order in which they are first met."""
    return list(dict.fromkeys(task for group in groups for run in group.runs for task in run.tasks))


def _group(name: str, by: tuple[str, ...], members: Sequence[Compared]) -> Group:
    newest = {_key(run, by): run for run in members if run.counts}
    used = tuple(newest.values())
    repeated = tuple(run for run in members if run.counts and run not in used)
    return Group(name, by, tuple(members), used, repeated)


def _key(run: Compared, by: Sequence[str]) -> Key:
    """Seed and every setting that decides the training, less those the groups are made by."""
    left_out = {*by, *NO_SETTING}
    kept = (
        (place, str(value))
        for place, value in run.settings.items()
        if place not in left_out and not is_observed(place)
    )
    return (("seed", str(run.seed)), *sorted(kept))
