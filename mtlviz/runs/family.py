"""A run's family: runs of the same settings but for the seed, and each of their tasks alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.joint_verdict import joint_verdict
from mtlviz.engine.measures.transfer import Transfer
from mtlviz.runs.comparison import Difference, grouped
from mtlviz.runs.scored_run import ScoredRun
from mtlviz.runs.single_task import (
    Baseline,
    BaselineKind,
    TaskSignature,
    against_baseline,
    baselines,
    kind_of,
)
from mtlviz.runs.study import Study

SEEDS = Study({"": {}})
"""One way of training, with any seeds: what the runs of a family have in common is its `mark`."""


@dataclass(frozen=True, eq=False)
class Member:
    """A finished run as its family sees it.

    Attributes:
        scored: Its scores.
        marks: What a baseline of each of its tasks must have.
        kind: Which kind of baseline it can be; None for none.
        family: What all runs of its family share.
    """

    scored: ScoredRun
    marks: Sequence[TaskSignature | None]
    kind: BaselineKind | None
    family: str


def member(scored: ScoredRun, config: RunConfig, marks: Sequence[TaskSignature | None]) -> Member:
    """A finished run as its family sees it, from its settings and its tasks' signatures."""
    return Member(scored, marks, kind_of(config), SEEDS.mark(config))


@dataclass(frozen=True, eq=False)
class Family:
    """What training together did to each task of some runs that differ in their seed alone.

    Attributes:
        together: Numbers of these runs.
        differences: Of each task, its score together less that alone, paired over seeds.
        alone: Numbers of the runs that they are measured against.
    """

    together: tuple[int, ...]
    differences: Mapping[str, Difference]
    alone: tuple[int, ...]

    @property
    def transfers(self) -> dict[str, Transfer]:
        """The transfer of every task for which there is a pair."""
        return {task: each.found for task, each in self.differences.items() if each.found}

    @property
    def one_seed(self) -> bool:
        """Whether an interval waits for a second seed."""
        return any(each.seeds == 1 for each in self.transfers.values())

    @property
    def unmeasured(self) -> list[str]:
        """Tasks that nobody has trained alone yet."""
        return [task for task, each in self.differences.items() if each.found is None]

    def sentence(self, named: Callable[[str], str] = str) -> str:
        """What training together did, in one sentence; empty where nothing is paired."""
        return joint_verdict(self.transfers, named)


def family(run: Member, others: Iterable[Member]) -> Family:
    """The family of a finished run of several tasks, found among finished runs.

    Args:
        run: The run.
        others: All finished runs that may belong to it, it itself or not.
    """
    every = {each.scored.id: each for each in (*others, run)}
    same = [each for each in every.values() if each.family == run.family]
    known = _best(baselines((each.scored, each.kind, each.marks) for each in every.values()
                            if each.kind is not None and each not in same))  # fmt: skip
    marks = {each.scored.id: each.marks for each in same}
    (group,) = grouped([each.scored for each in same], ())
    found = {task: against_baseline(group, task, marks, known) for task in run.scored.tasks}
    used = {known[each].run for member in same for each in member.marks if each in known}
    return Family(tuple(each.id for each in group.used), found, tuple(sorted(used)))


def _best(
    found: Mapping[BaselineKind, Mapping[TaskSignature, Baseline]],
) -> dict[TaskSignature, Baseline]:
    """One baseline a task: a run of that task alone, before one of separate encoders."""
    return {**found["separate"], **found["alone"]}
