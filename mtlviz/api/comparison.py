"""Runs side by side, as a program sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mtlviz.api.run import Run, scored
from mtlviz.figures import compare as compare_figures
from mtlviz.runs.comparison import Group, difference, grouped, task_names
from mtlviz.runs.export import differences_table, means_table
from mtlviz.runs.flat_settings import differing


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs side by side; those that differ in their seed alone form a group.

    Attributes:
        groups: The groups, in the order of their oldest run.
    """

    groups: tuple[Group, ...]

    @property
    def means(self) -> list[dict[str, Any]]:
        """Mean over seeds by group and task, with standard error and 95 % interval."""
        return _rows(means_table(self.groups))

    def differences(self, less: int = 0) -> list[dict[str, Any]]:
        """What every other group scores more than one of them, over runs paired by seed."""
        base = self.groups[less]
        return _rows(
            differences_table(
                (each.label, base.label, difference(each, base, task))
                for each in self.groups
                if each is not base
                for task in task_names([each, base])
            )
        )

    def figure(self, more: int = 1, less: int = 0) -> dict[str, Any]:
        """The differences between two groups as a picture that plotly takes."""
        first, second = self.groups[more], self.groups[less]
        tasks = task_names([first, second])
        found = [difference(first, second, task).found for task in tasks]
        return compare_figures.differences(tasks, found)


def compare(runs: Iterable[Run], by: Sequence[str] = ()) -> Comparison:
    """Runs by groups.

    Args:
        runs: The runs.
        by: Places of the settings that tell groups apart; all that differ if none is given.
    """
    found = [scored(run) for run in runs]
    places = tuple(by) or tuple(differing([each.settings for each in found], trained=True))
    return Comparison(tuple(grouped(found, places)))


def _rows(table: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    heading, *rows = table
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]
