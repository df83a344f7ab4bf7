"""What the Data page reads once for all visitors; large tasks in the background."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from mtlviz.engine.tasks import TASKS
from mtlviz.engine.tasks.catalogue import Catalogue, TaskChoice, task_choices
from mtlviz.engine.tasks.loading import read_task
from mtlviz.engine.tasks.matching import Key, keys
from mtlviz.engine.tasks.survey import Survey, survey
from mtlviz.engine.tasks.task import Task
from mtlviz.errors import MtlvizError
from mtlviz.ui.core import run_records, work
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.pages.data.settings import SHOWN

_LARGE = 100_000
"""Examples whose reading takes seconds, so that it is work for the background."""
_READ = "data.read"
# A task of 70,000 sentences takes about 30 MB; a million short rows take about 500 MB.
_TASKS, _LARGE_TASKS, _PLACES = Memo(6), Memo(2), Memo(4)


@dataclass(frozen=True)
class Reading:
    """How far the reading of a task is: not begun, or done."""

    progress: float
    stage: str


def catalogue() -> Catalogue:
    """Every task there is; of a folder that cannot be used one sentence is said."""
    folder, home = SHOWN.now.folder, run_records.store().home
    try:
        return task_choices(home, folder)
    except MtlvizError as error:
        if not folder:
            raise
        SHOWN.tell(str(error), "folder")
        return task_choices(home)


def short_names(choices: Sequence[TaskChoice]) -> list[str]:
    """The tasks' names; where two groups have the same name, with their group."""
    names = [choice.name for choice in choices]
    return [choice.key if names.count(choice.name) > 1 else choice.name for choice in choices]


def surveyed(choice: TaskChoice) -> tuple[Task, Survey]:
    """A task and what it holds, counted, read once as long as its files stay the same.

    Raises:
        MtlvizError: It cannot be read.
    """
    with st.spinner("Reading the examples …"):
        return _read(choice)


def wait_for(choice: TaskChoice) -> bool:
    """Whether a task has to be waited for, which is told, as it is large and being read."""
    if examples(choice) <= _LARGE:
        return False
    key, parts = (_READ, *_name(choice), choice.fingerprint), partial(reading, choice)
    job = work.joined(key, parts, _READ)
    if job is not None and job.done:
        return False
    work.show(key, parts, _READ, lambda: None)
    return True


def reading(choice: TaskChoice) -> Iterator[Reading]:
    """Read a task and count what it holds, as work for the background."""
    stage = f"Reading {grouped(examples(choice))} examples of {escaped(choice.name)}"
    yield Reading(0.0, stage)
    _read(choice)
    yield Reading(1.0, stage)


def examples(choice: TaskChoice) -> int:
    """How many examples a task has, of all splits."""
    return sum(choice.sizes.values())


def train_places(choice: TaskChoice) -> dict[Key, int]:
    """Where each text first stands in the training split of a task."""

    def found() -> dict[Key, int]:
        places: dict[Key, int] = {}
        for place, key in enumerate(keys(surveyed(choice)[0].splits["train"])):
            places.setdefault(key, place)
        return places

    return _PLACES.once(_name(choice), choice.fingerprint, found)


def _read(choice: TaskChoice) -> tuple[Task, Survey]:
    def made() -> tuple[Task, Survey]:
        task = read_task(TASKS, choice.config)
        return task, survey(task)

    memo = _LARGE_TASKS if examples(choice) > _LARGE else _TASKS
    return memo.once(_name(choice), choice.fingerprint, made)


def _name(choice: TaskChoice) -> tuple[str, str]:
    return choice.group, choice.config.model_dump_json()
