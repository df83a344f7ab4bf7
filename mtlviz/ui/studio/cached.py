"""What the Studio keeps between two looks at the page; everything is bounded."""

import os
from pathlib import Path

import streamlit as st

from mtlviz.engine.config import DataConfig, HeadConfig, RunConfig
from mtlviz.engine.estimate.checkpoints import checkpoint_of, checkpoint_shape
from mtlviz.engine.estimate.duration import Speed, measured_speed
from mtlviz.engine.estimate.facts import DataFacts, data_facts
from mtlviz.engine.estimate.shapes import CheckpointShape
from mtlviz.engine.estimate.whole import Estimate, estimate
from mtlviz.engine.tasks.catalogue import Catalogue, task_choices
from mtlviz.engine.tasks.reading import located
from mtlviz.errors import DataError, MtlvizError
from mtlviz.ui import cache
from mtlviz.ui.jobs import Job


def facts_job(data: DataConfig) -> Job:
    """The counting of a run's data, begun on first use and shared by all who look."""
    return _facts_job(_counted(data).model_dump_json(), _marks(data))


@st.cache_resource(max_entries=64, show_spinner=False)
def _facts_job(data: str, marks: tuple[str, ...]) -> Job:
    config = DataConfig.model_validate_json(data)
    return Job(data_facts(each) for each in (config,))


def _counted(data: DataConfig) -> DataConfig:
    """The settings that a count depends on; the others as they are by default."""
    tasks = tuple(
        task.model_copy(
            update={"head": HeadConfig(), "label_noise": 0.0, "examples_per_epoch": None}
        )
        for task in data.tasks
    )
    return DataConfig(tasks=tasks, drop_leaked=data.drop_leaked)


def _marks(data: DataConfig) -> tuple[str, ...]:
    """When the files of each task last changed."""
    return tuple(_mark(task.path) for task in data.tasks if task.source not in ("synthetic", "hub"))


def _mark(path: str) -> str:
    try:
        place = located(path)
        inside = sorted(place.iterdir()) if place.is_dir() else [place]
        return " ".join(f"{file.name} {file.stat().st_mtime_ns}" for file in inside)
    except (DataError, OSError):
        return "nothing"


def catalogue(folder: str) -> Catalogue:
    """All tasks that can be chosen, with those of one more folder.

    Raises:
        DataError: There is no such folder, or it holds no data set.
    """
    return task_choices(Path(cache.store().home), folder)


def shape(config: RunConfig) -> CheckpointShape | None:
    """The shape of the checkpoint a run reads; None if it reads none.

    Raises:
        MtlvizError: If it cannot be used.
    """
    name = checkpoint_of(config)
    if name is None:
        return None
    found = _shape(
        name, _mark(name) if Path(name).is_dir() else "", os.environ.get("HF_HUB_OFFLINE")
    )
    if isinstance(found, MtlvizError):
        raise found
    return found


# A sentence is worth keeping as well: the page asks again with every touch. After a minute a
# checkpoint that another run has fetched meanwhile is found.
@st.cache_resource(max_entries=32, ttl=60, show_spinner=False)
def _shape(name: str, mark: str, offline: str | None) -> CheckpointShape | MtlvizError:
    try:
        return checkpoint_shape(name)
    except MtlvizError as error:
        return error


def _counts(facts: DataFacts) -> int:
    return hash((facts.tasks, facts.vocabulary))


def estimated(config: RunConfig, facts: DataFacts) -> Estimate:
    """What a run is likely to cost.

    Raises:
        MtlvizError: If its checkpoint or its scheduler cannot be used.
    """
    return _estimated(config.model_copy(update={"name": "run"}).to_json(), facts, shape(config))


@st.cache_resource(
    max_entries=64, show_spinner=False, hash_funcs={DataFacts: _counts, CheckpointShape: hash}
)
def _estimated(config: str, facts: DataFacts, checkpoint: CheckpointShape | None) -> Estimate:
    return estimate(RunConfig.from_json(config), facts, checkpoint)


@st.cache_resource(ttl=300, show_spinner=False)
def speed() -> Speed:
    """What this machine does in a second, measured at most every five minutes."""
    return measured_speed()
