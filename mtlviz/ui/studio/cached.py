"""What the Studio keeps between two looks at the page; everything is bounded."""

import math
import os
from pathlib import Path

import streamlit as st

from mtlviz.access import DATA_FOLDER
from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    HeadConfig,
    OptimisationConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.estimate.checkpoints import checkpoint_of, checkpoint_shape
from mtlviz.engine.estimate.duration import Speed, measured_speed
from mtlviz.engine.estimate.facts import DataFacts, data_facts
from mtlviz.engine.estimate.shapes import CheckpointShape
from mtlviz.engine.estimate.whole import Estimate, estimate
from mtlviz.engine.presets import PRESETS
from mtlviz.engine.tasks.catalogue import Catalogue, task_choices
from mtlviz.engine.tasks.reading import located
from mtlviz.errors import DataError, MtlvizError
from mtlviz.runs.embedding_jobs import checkpoint_trial
from mtlviz.runs.plan_runs import Planned, planned
from mtlviz.runs.results import RunResult
from mtlviz.runs.signature import cost_key
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.jobs import Job
from mtlviz.ui.shelf import Shelf
from mtlviz.ui.studio.choices import missing_data

_NO_FILES = ("synthetic", "hub")
# Two small things of each finished run.
_COSTS, _RESULTS = Shelf(1000), Shelf(1000)


def facts_job(data: DataConfig) -> Job:
    """The counting of a run's data, begun on first use and shared by all who look.

    Where it failed a while ago, it is begun again: the hub may be there now.
    """
    asked = _counted(data).model_dump_json(), _marks(data)
    if _facts_job(*asked).outdated:
        _facts_job.clear(*asked)
    return _facts_job(*asked)


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
    spared = data.leak_from if data.drop_leaked else ()
    return DataConfig(tasks=tasks, drop_leaked=data.drop_leaked, leak_from=spared)


def _marks(data: DataConfig) -> tuple[str, ...]:
    """When the files of each task last changed."""
    tasks = (*data.tasks, *data.leak_from)
    return tuple(_mark(task.path) for task in tasks if task.source not in _NO_FILES)


def _mark(path: str) -> str:
    try:
        return " ".join(f"{file.name} {file.stat().st_mtime_ns}" for file in _files(path))
    except (DataError, OSError):
        return "nothing"


def _files(path: str) -> list[Path]:
    """The files of a data set: one, or those of a folder."""
    place = located(path)
    return sorted(place.iterdir()) if place.is_dir() else [place]


def last_change(data: DataConfig) -> float:
    """When a file of these tasks last changed, in seconds since 1970; infinite if one is gone."""
    tasks = (*data.tasks, *data.leak_from)
    return max((_changed(task.path) for task in tasks if task.source not in _NO_FILES), default=0.0)


def _changed(path: str) -> float:
    try:
        return max(file.stat().st_mtime for file in _files(path))
    except (DataError, OSError, ValueError):
        return math.inf


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


def trial_job(config: RunConfig) -> Job | None:
    """The trial of a run's checkpoint by a process of its own, begun on first use.

    None where the run reads none, or its files alone show that it cannot be used.
    """
    name = checkpoint_of(config)
    try:
        if name is None or shape(config) is None:
            return None
    except MtlvizError:
        return None
    read = ("encoder", "checkpoint", "vectors", "pooling", "frozen_layers")
    kept = {each: getattr(config.capacity, each) for each in read}
    data = DataConfig(tasks=(TaskConfig(name="texts"),), max_length=config.data.max_length)
    chosen = config.optimisation
    how = OptimisationConfig(
        precision=chosen.precision, gradient_checkpointing=chosen.gradient_checkpointing
    )
    run = RunConfig(data=data, capacity=CapacityConfig(**kept), optimisation=how)
    asked = run.to_json(), _mark(name), str(cache.store().home)
    if _trial_job(*asked).outdated:
        _trial_job.clear(*asked)
    return _trial_job(*asked)


@st.cache_resource(max_entries=32, show_spinner=False)
def _trial_job(config: str, mark: str, home: str) -> Job:
    return Job(checkpoint_trial(Path(home), RunConfig.from_json(config)), thread="trial")


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


def planned_alone(
    config: RunConfig, experiment: str, seeds: int, facts: DataFacts
) -> list[Planned]:
    """The runs that Start would begin, those of single tasks among them.

    Raises:
        ConfigError: If the scheduler cannot work with these settings.
    """
    return _planned(config.to_json(), experiment, seeds, facts)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={DataFacts: _counts})
def _planned(config: str, experiment: str, seeds: int, facts: DataFacts) -> list[Planned]:
    return planned(RunConfig.from_json(config), experiment, seeds, facts)


def experiments_without_data() -> dict[str, tuple[str, ...]]:
    """The experiments that cannot be run here, each with the data sets that it needs."""
    return _without_data(os.environ.get(DATA_FOLDER), str(Path.cwd()))


@st.cache_data(max_entries=8, ttl=10, show_spinner=False)
def _without_data(data: str | None, here: str) -> dict[str, tuple[str, ...]]:
    return {name: missing for name in PRESETS if (missing := missing_data(name))}


def cost_of(run: RunSummary) -> str:
    """What decides the cost of a run's updates.

    Raises:
        ConfigError: If a newer mtlviz wrote its settings.
    """
    return _COSTS.get(_name(run), (), lambda: cost_key(cache.run_config(run)))


def result(run: RunSummary) -> RunResult | None:
    """What a finished run had to say."""
    return _RESULTS.get(_name(run), run.finished, lambda: cache.store().result(run.id))


def _name(run: RunSummary) -> tuple[str, int, float]:
    return os.environ.get("MTLVIZ_HOME", ""), run.id, run.created


@st.cache_resource(ttl=300, show_spinner=False)
def speed() -> Speed:
    """What this machine does in a second, measured at most every five minutes."""
    return measured_speed()
