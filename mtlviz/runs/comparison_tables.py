"""Comparisons as tables for other programs: heading first, what is not known empty."""

import math
from collections.abc import Iterable, Sequence

from mtlviz.runs.comparison import Difference, Group, spread_of, task_names

Row = list[object]


def scores_table(groups: Sequence[Group]) -> Iterable[Row]:
    """One row a run and task; `counted` is 1 where the score is part of its group's mean."""
    yield ["group", "run", "name", "seed", "status", "counted", "updates at best", "task",
           "metric", "score", "standard error", "without learning"]  # fmt: skip
    for group in groups:
        for run in group.runs:
            best = "" if run.best_update is None else run.best_update
            known = (run.id, run.summary.name, run.seed, run.summary.status)
            about: Row = [group.label, *known, int(run in group.used), best]
            for task, metric, *numbers in zip(
                run.tasks, run.metrics, run.scores, run.errors, run.baselines, strict=True
            ):
                yield [*about, task, metric, *map(_cell, numbers)]


def means_table(groups: Sequence[Group]) -> Iterable[Row]:
    """One row a group and task: mean, standard error and 95 % interval over seeds."""
    yield ["group", "task", "seeds", "mean", "standard error", "low", "high"]
    for group in groups:
        for task in task_names([group]):
            found = spread_of(group, task)
            if found is not None:
                numbers = (found.mean, found.error, found.low, found.high)
                yield [group.label, task, found.seeds, *map(_cell, numbers)]


def differences_table(found: Iterable[tuple[str, str, Difference]]) -> Iterable[Row]:
    """One row a task and pair: points, 95 % interval, verdict, and the runs left out.

    Args:
        found: What was compared, with what, and the difference.
    """
    yield ["group", "less", "task", "points", "low", "high", "verdict", "paired seeds",
           "runs left out"]  # fmt: skip
    for first, second, each in found:
        numbers = (
            ("", "", "", "not paired")
            if each.found is None
            else (
                each.found.mean,
                _cell(each.found.low),
                _cell(each.found.high),
                each.found.verdict,
            )
        )
        seeds, left_out = (" ".join(map(str, values)) for values in (each.seeds, each.unpaired))
        yield [first, second, each.task, *numbers, seeds, left_out]


def _cell(value: float) -> float | str:
    return float(value) if math.isfinite(value) else ""
