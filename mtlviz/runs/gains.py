"""What tasks gain or lose by training together, against the same task trained alone."""

import math
from collections.abc import Mapping, Sequence

from mtlviz.runs.comparison import Difference, Group, over_seeds
from mtlviz.runs.scored_run import ScoredRun
from mtlviz.runs.single_task import Baseline, Signature


def against_alone(
    group: Group,
    task: str,
    marks: Mapping[int, Sequence[Signature | None]],
    known: Mapping[Signature, Baseline],
) -> Difference:
    """What the runs of a group score more than the same task trained alone, seed by seed.

    Args:
        group: The group.
        task: The task.
        marks: The signatures of each run's tasks, by number of the run.
        known: The baselines.
    """
    runs = [run for run in group.used if task in run.tasks]
    found = {run.id: _baseline(run, task, marks[run.id], known) for run in runs}
    return over_seeds(
        task,
        [(run.seed, run.score(task), each.score) for run in runs if (each := found[run.id])],
        [run.id for run in runs if found[run.id] is None],
    )


def _baseline(
    run: ScoredRun,
    task: str,
    marks: Sequence[Signature | None],
    known: Mapping[Signature, Baseline],
) -> Baseline | None:
    """What a run's task is measured against; None where there is nothing, or the run itself."""
    mark = marks[run.tasks.index(task)]
    found = None if mark is None else known.get(mark)
    is_other = found is not None and found.run != run.id
    return found if is_other and math.isfinite(run.score(task)) else None
