"""What the Data page reads or computes once for all visitors."""

import os
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from mtlviz.engine.config import TaskConfig
from mtlviz.engine.tasks import TASKS
from mtlviz.engine.tasks.catalogue import Catalogue, TaskChoice, task_choices
from mtlviz.engine.tasks.leakage import search_leaks
from mtlviz.engine.tasks.loading import read_task
from mtlviz.engine.tasks.matching import Key, keys
from mtlviz.engine.tasks.sheet import Format, Sheet, read_sheet
from mtlviz.engine.tasks.survey import Survey, survey
from mtlviz.engine.tasks.task import Task
from mtlviz.engine.tasks.upload import Checked, Wishes, check_upload
from mtlviz.runs.home import home_folder
from mtlviz.ui.data import reading
from mtlviz.ui.jobs import Job

# Name, settings as JSON, fingerprint of the files, number of examples.
_Asked = tuple[str, str, str, int]
_LARGE = 100_000


def home() -> Path:
    """The home folder.

    Raises:
        StoreError: It cannot be used.
    """
    return _home(os.environ.get("MTLVIZ_HOME", ""))


@st.cache_resource(max_entries=8, show_spinner=False)
def _home(asked: str) -> Path:
    return home_folder(asked or None)


def catalogue(folder: str) -> Catalogue:
    """Every task there is, those of one more folder included."""
    return task_choices(home(), folder)


def task(choice: TaskChoice) -> Task:
    """A task with all its examples, read once as long as its files stay the same.

    Raises:
        MtlvizError: It cannot be read.
    """
    return surveyed(choice)[0]


def surveyed(choice: TaskChoice) -> tuple[Task, Survey]:
    """A task and what it holds, counted, read once as long as its files stay the same.

    Raises:
        MtlvizError: It cannot be read.
    """
    done = reading.finished(read_job(choice)) if is_large(choice) else None
    return done or _surveyed(choice.config.model_dump_json(), choice.fingerprint)


def is_large(choice: TaskChoice) -> bool:
    """Whether reading a task takes seconds, so that it is a job for the background."""
    return sum(choice.sizes.values()) > _LARGE


def read_job(choice: TaskChoice) -> Job:
    """The reading of a large task, begun at the first call and the same for everybody."""
    return _read_job(choice.config.model_dump_json(), choice.fingerprint)


def _cancel(job: Job) -> None:
    job.cancel()


# A million short rows take about 500 MB: two such tasks are kept, no more.
@st.cache_resource(max_entries=2, show_spinner=False, on_release=_cancel)
def _read_job(config: str, fingerprint: str) -> Job:
    settings = TaskConfig.model_validate_json(config)
    return Job(reading.parts(lambda: read_task(TASKS, settings)))


# A task of 70,000 sentences takes about 30 MB.
@st.cache_resource(max_entries=6, show_spinner="Reading the examples …")
def _surveyed(config: str, fingerprint: str) -> tuple[Task, Survey]:
    found = read_task(TASKS, TaskConfig.model_validate_json(config))
    return found, survey(found)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs={Task: id})
def train_places(trained: Task, fingerprint: str) -> dict[Key, int]:
    """Where each text first stands in the training split of a task with this fingerprint."""
    found: dict[Key, int] = {}
    for place, key in enumerate(keys(trained.splits["train"])):
        found.setdefault(key, place)
    return found


def leak_job(choices: Sequence[TaskChoice]) -> Job:
    """The search for leaks between tasks, begun at the first call and the same for everybody."""
    return _leak_job(
        tuple(
            (name, choice.config.model_dump_json(), choice.fingerprint, sum(choice.sizes.values()))
            for name, choice in zip(short_names(choices), choices, strict=True)
        )
    )


@st.cache_resource(max_entries=8, show_spinner=False, on_release=_cancel)
def _leak_job(asked: tuple[_Asked, ...]) -> Job:
    configs = {name: TaskConfig.model_validate_json(config) for name, config, _, _ in asked}
    sizes = [size for _, _, _, size in asked]
    return Job(search_leaks(list(configs), sizes, lambda name: read_task(TASKS, configs[name])))


def short_names(choices: Sequence[TaskChoice]) -> list[str]:
    """The tasks' names; where two groups have the same name, with their group."""
    names = [choice.name for choice in choices]
    return [choice.key if names.count(choice.name) > 1 else choice.name for choice in choices]


@st.cache_resource(max_entries=4, show_spinner="Reading the table …")
def sheet(content: bytes, name: str, form: Format) -> Sheet:
    """A table that was sent.

    Raises:
        DataError: It is no table.
    """
    return read_sheet(content, name, form)


@st.cache_resource(max_entries=4, show_spinner="Checking every row …")
def checked(content: bytes, name: str, form: Format, wishes: Wishes) -> Checked:
    """What a table that was sent makes, checked row by row."""
    return check_upload(sheet(content, name, form), wishes)
