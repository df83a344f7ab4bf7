"""Label spaces: a task of some classes of a data set, and tasks whose classes make one space."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.kinds.classification import first_names
from mtlviz.engine.tasks.splitting import take
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.errors import ConfigError


def of_classes(task: Task, wanted: Sequence[str]) -> Task:
    """The task with the examples of these classes alone, in their order; all of it if empty.

    Raises:
        ConfigError: It has no such class, one is named twice, or its labels are no classes.
    """
    if not wanted:
        return task
    _check_classes(task, "Only some classes were asked for")
    if len(set(wanted)) < len(wanted):
        raise ConfigError(f"Task {task.name!r} asks for a class twice: {first_names(wanted)}.")
    for name in wanted:
        if name not in task.label_names:
            known = first_names(task.label_names)
            raise ConfigError(f"Task {task.name!r} has no class {name!r:.60}. Known: {known}.")
    numbers = np.array([task.label_names.index(name) for name in wanted])
    splits = {name: _chosen(examples, numbers) for name, examples in task.splits.items()}
    metric = KINDS[task.kind].fitting(len(wanted))[0]
    keeps = task.metric in KINDS[task.kind].fitting(len(wanted))
    return replace(
        task, label_names=tuple(wanted), splits=splits, metric=task.metric if keeps else metric
    )


def _chosen(examples: Examples, numbers: np.ndarray) -> Examples:
    """The examples of the classes of these numbers, which are numbered anew."""
    found = take(examples, np.flatnonzero(np.isin(examples.labels, numbers)))
    place = np.full(max(numbers.max(), int(examples.labels.max(initial=0))) + 1, -1)
    place[numbers] = np.arange(len(numbers))
    return replace(found, labels=place[found.labels].astype(np.int64))


def in_one_space(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The tasks with the classes of all of them, in the order in which they come.

    Raises:
        ConfigError: The labels of one are no classes.
    """
    for task in tasks:
        _check_classes(task, "Classes can grow in number")
    names = tuple(dict.fromkeys(name for task in tasks for name in task.label_names))
    return tuple(_widened(task, names) for task in tasks)


def _widened(task: Task, names: tuple[str, ...]) -> Task:
    place = np.array([names.index(name) for name in task.label_names])
    splits = {
        name: replace(examples, labels=place[examples.labels].astype(np.int64))
        for name, examples in task.splits.items()
    }
    # A score of two classes is none of many.
    fits = task.metric in KINDS[task.kind].fitting(len(names))
    metric = task.metric if fits else KINDS[task.kind].fitting(len(names))[0]
    return replace(task, label_names=names, splits=splits, metric=metric)


def check_one_head(tasks: Sequence[Task]) -> None:
    """Check that one head can answer for all tasks.

    Raises:
        ConfigError: They differ in kind, in the number of classes or in the range of scores.
    """
    first = tasks[0]
    for task in tasks[1:]:
        if (task.kind, task.outputs, task.score_range) != (
            first.kind, first.outputs, first.score_range,
        ):  # fmt: skip
            raise ConfigError(
                f"One head for all tasks needs tasks of one kind with equally many classes, but "
                f"{task.name!r} differs from {first.name!r}."
            )


def _check_classes(task: Task, why: str) -> None:
    if KINDS[task.kind].target != "class":
        raise ConfigError(f"{why}, but the labels of task {task.name!r} are no classes.")
