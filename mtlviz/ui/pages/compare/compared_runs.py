"""Everything the page compares, worked out once for all its parts."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from mtlviz.runs.comparison import Difference, Group, grouped, task_names
from mtlviz.runs.flat_settings import differing
from mtlviz.runs.scored_run import ScoredRun
from mtlviz.runs.single_task import (
    KINDS,
    Baseline,
    BaselineKind,
    TaskSignature,
    against_baseline,
    baselines,
    kind_of,
)
from mtlviz.ui.core import scored_runs
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.scored_runs import Known
from mtlviz.ui.pages.compare.settings import COMPARISON

# Two kinds of curves in two ways, scores and differences of ten tasks, and the tables.
_MOST_MADE = 100
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class ComparedRuns:
    """What is compared.

    Attributes:
        picked: The runs picked, oldest first.
        runs: The same as comparing sees them.
        places: Settings that differ among them and change the training.
        by: Settings that groups are made by.
        groups: The groups.
        tasks: Their tasks.
        kind: What transfer is measured against.
        alone: The tasks trained alone, by signature.
        transfers: What each group's tasks gain over training alone, by group and task.
        waiting: Signatures of tasks whose single-task runs wait or run.
        marks: Signatures of each run's tasks, by number of the run.
        made: What was made of it, by name: pictures and tables that many looks share.
    """

    picked: tuple[Known, ...]
    runs: tuple[ScoredRun, ...]
    places: tuple[str, ...]
    by: tuple[str, ...]
    groups: tuple[Group, ...]
    tasks: tuple[str, ...]
    kind: BaselineKind
    alone: dict[TaskSignature, Baseline]
    transfers: dict[tuple[str, str], Difference]
    waiting: frozenset[TaskSignature]
    marks: dict[int, list[TaskSignature | None]]
    made: Memo = field(default_factory=lambda: Memo(_MOST_MADE))

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """What was made under this name, now or for an earlier look; nobody may change it."""
        return self.made.once(name, (), make)

    def is_baseline(self, group: Group) -> bool:
        """Whether a group is itself what transfer is measured against."""
        own = {baseline.run for baseline in self.alone.values()}
        return bool(group.used) and all(run.id in own for run in group.used)

    @property
    def together(self) -> list[Group]:
        """The groups that are not the baseline."""
        return [group for group in self.groups if not self.is_baseline(group)]

    @property
    def has_transfer(self) -> bool:
        """Whether anything can be said about transfer."""
        return any(each.found is not None for each in self.transfers.values())

    def has_any(self, group: Group) -> bool:
        """Whether anything can be said about a group's transfer."""
        return any(self.transfers[group.label, task].found is not None for task in self.tasks)

    def metric(self, task: str) -> str:
        """The main metric of a task."""
        found = (run.metrics[run.tasks.index(task)] for run in self.runs if task in run.tasks)
        return next((metric for metric in found if metric != "score"), "score")


def compared_runs(picked: Sequence[Known], every: Sequence[Known]) -> ComparedRuns:
    """What is compared, worked out once for all who choose the same.

    Args:
        picked: The runs picked.
        every: All runs of the store, in which single-task runs are looked for.
    """
    wanted = {run.summary.id for run in picked}
    # Errors and places in the queue are told from the summaries.
    known = tuple(
        replace(run.summary, heartbeat=None)
        if run.summary.id in wanted
        else scored_runs.version(run)
        for run in every
        if run.summary.id in wanted or run.is_alone or kind_of(run.config) is not None
    )
    chosen = (tuple(sorted(wanted)), COMPARISON.now.by, COMPARISON.now.baseline)
    return scored_runs.compared_once((known, chosen), lambda: _compared_runs(picked, every))


def _compared_runs(picked: Sequence[Known], every: Sequence[Known]) -> ComparedRuns:
    picked = sorted(picked, key=lambda run: run.summary.id)
    runs = [scored_runs.outcome(run) for run in picked]
    places = differing([run.settings for run in picked], trained=True)
    by = _by(places, runs)
    groups = grouped(runs, by)
    tasks = task_names(groups)
    marks = {run.summary.id: scored_runs.marks(run) for run in picked}
    found = baselines(
        (scored_runs.outcome(run), kind, scored_runs.marks(run))
        for run in every
        if run.summary.status == "finished" and (kind := kind_of(run.config)) is not None
    )
    kind = _kind(found, groups, marks)
    transfers = {
        (group.label, task): against_baseline(group, task, marks, found[kind])
        for group in groups
        for task in tasks
    }
    return ComparedRuns(
        tuple(picked), tuple(runs), tuple(places), by, tuple(groups), tuple(tasks), kind,
        found[kind], transfers, _waiting(every), marks,
    )  # fmt: skip


def with_options(by: Sequence[str], places: Sequence[str]) -> tuple[str, ...]:
    """These settings, and with a method its options where they differ."""
    options = {
        place: [other for other in places if other.startswith(f"{place}_options.")] for place in by
    }
    return tuple(dict.fromkeys(each for place in by for each in (place, *options[place])))


def _by(places: Sequence[str], runs: Sequence[ScoredRun]) -> tuple[str, ...]:
    """What groups are made by: the visitor's choice as far as runs have it, or what differs."""
    chosen = COMPARISON.now.by
    if chosen is None:
        return tuple(places)
    known = [place for place in chosen if any(place in run.settings for run in runs)]
    return with_options(known, places)


def _kind(
    found: dict[BaselineKind, dict[TaskSignature, Baseline]],
    groups: Sequence[Group],
    marks: dict[int, list[TaskSignature | None]],
) -> BaselineKind:
    """The baseline chosen, or the one that more of the tasks picked have."""
    chosen = COMPARISON.now.baseline
    if chosen is not None:
        return chosen
    wanted = {mark for group in groups for run in group.used for mark in marks[run.id]}
    return max(KINDS, key=lambda kind: len(wanted & found[kind].keys()))


def _waiting(every: Sequence[Known]) -> frozenset[TaskSignature]:
    """Signatures that the single-task runs under way will have, as far as they are known."""
    return frozenset(
        mark
        for run in every
        if run.is_alone and (run.summary.active or run.summary.status == "queued")
        for mark in scored_runs.planned_marks(run)
    )
