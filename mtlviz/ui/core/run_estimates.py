"""What the Studio keeps between two looks at the page; everything is bounded."""

import math
import os
import time
from pathlib import Path

from mtlviz.access import DATA_FOLDER, home_place
from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    OptimisationConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.estimate.checkpoints import checkpoint_of, checkpoint_shape
from mtlviz.engine.estimate.duration import Speed, measured_speed
from mtlviz.engine.estimate.facts import DataFacts, counted, data_facts
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
from mtlviz.ui.core import run_records, work
from mtlviz.ui.core.experiments import missing_data
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.work import Job

_NO_FILES = ("synthetic", "hub")
# Two small things of each finished run.
_COSTS, _RESULTS = Memo(1000), Memo(1000)
_SHAPES, _ESTIMATES, _PLANS, _MISSING, _SPEED = Memo(32), Memo(64), Memo(64), Memo(8), Memo(1)
_FACTS = Memo(16)


def facts_job(data: DataConfig) -> Job:
    """The counting of a run's data, begun on first use and shared by all who look.

    Where it failed a while ago, it is begun again: the hub may be there now.
    """
    read = counted(data)
    key = ("facts", read.model_dump_json(), _marks(data))
    return work.shared(key, lambda: (data_facts(each) for each in (read,)), "studio.facts")


def facts_soon(data: DataConfig, seconds: float = 0.4) -> Job:
    """The same; small data is given a moment, so that nothing on the page is late."""
    job, until = facts_job(data), time.monotonic() + seconds
    while job.running and time.monotonic() < until:
        time.sleep(0.02)
    return job


def facts(data: DataConfig) -> DataFacts:
    """What is known of a run's data, counted now where nobody has counted it yet.

    Raises:
        MtlvizError: If the data cannot be read.
    """
    read = counted(data)
    return _FACTS.once(read.model_dump_json(), _marks(data), lambda: data_facts(read))


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
    return task_choices(home_place(), folder)


def shape(config: RunConfig) -> CheckpointShape | None:
    """The shape of the checkpoint a run reads; None if it reads none.

    Raises:
        MtlvizError: If it cannot be used.
    """
    name = checkpoint_of(config)
    if name is None:
        return None
    key = (name, _mark(name) if Path(name).is_dir() else "", os.environ.get("HF_HUB_OFFLINE"))
    # After a minute a checkpoint that another run has fetched meanwhile is found.
    found = _SHAPES.once(key, _minutes(1), lambda: _shape(name))
    if isinstance(found, MtlvizError):
        raise found
    return found


def _shape(name: str) -> CheckpointShape | MtlvizError:
    """A sentence is worth keeping as well: the page asks again with every touch."""
    try:
        return checkpoint_shape(name)
    except MtlvizError as error:
        return error


def _minutes(many: float) -> int:
    """A version that changes after so many minutes."""
    return int(time.monotonic() // (60 * many))


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
    home = Path(run_records.store().home)
    key = ("trial", run.to_json(), _mark(name), str(home))
    return work.shared(key, lambda: checkpoint_trial(home, run), "studio.trial", apart=True)


def _counts(facts: DataFacts) -> int:
    return hash((facts.tasks, facts.vocabulary))


def estimated(config: RunConfig, facts: DataFacts) -> Estimate:
    """What a run is likely to cost.

    Raises:
        MtlvizError: If its checkpoint or its scheduler cannot be used.
    """
    checkpoint, plain = shape(config), config.model_copy(update={"name": "run"})
    key = (plain.to_json(), _counts(facts), checkpoint)
    return _ESTIMATES.once(key, (), lambda: estimate(plain, facts, checkpoint))


def planned_alone(
    config: RunConfig, experiment: str, seeds: int, facts: DataFacts
) -> list[Planned]:
    """The runs that Start would begin, those of single tasks among them.

    Raises:
        ConfigError: If the scheduler cannot work with these settings.
    """
    key = (config.to_json(), experiment, seeds, _counts(facts))
    return _PLANS.once(key, (), lambda: planned(config, experiment, seeds, facts))


def experiments_without_data() -> dict[str, tuple[str, ...]]:
    """The experiments that cannot be run here, each with the data sets that it needs."""
    key = (os.environ.get(DATA_FOLDER), str(Path.cwd()))
    return _MISSING.once(
        key, _minutes(1 / 6),
        lambda: {name: missing for name in PRESETS if (missing := missing_data(name))},
    )  # fmt: skip


def cost_of(run: RunSummary) -> str:
    """What decides the cost of a run's updates.

    Raises:
        ConfigError: If a newer mtlviz wrote its settings.
    """
    return _COSTS.once(run_records.name_of(run), (), lambda: cost_key(run_records.run_config(run)))


def result(run: RunSummary) -> RunResult | None:
    """What a finished run had to say."""
    return _RESULTS.once(
        run_records.name_of(run), run.finished, lambda: run_records.store().result(run.id)
    )


def speed() -> Speed:
    """What this machine does in a second, measured at most every five minutes."""
    return _SPEED.once("speed", _minutes(5), measured_speed)
