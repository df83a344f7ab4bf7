"""The course report's comparison from start to end: classic, PCGrad and round robin."""

import time
from collections.abc import Mapping

from mtlviz.bench.course_table import Took, reading, rows_of_runs
from mtlviz.bench.prepared import encoder_of
from mtlviz.bench.result import Table
from mtlviz.bench.rounds import Told
from mtlviz.bench.shape import Shape
from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.engine.records import EvalRecord, StepRecord
from mtlviz.engine.tasks.reading import located
from mtlviz.engine.train import records, start
from mtlviz.errors import DataError

_METHODS = {"classic": "classic", "PCGrad": "pcgrad", "round robin": "round-robin"}
_LEFT_OUT = (
    "The course report's comparison was left out: the folder that MTLVIZ_DATA names must hold {} "
    "(the data of the default project of Stanford's CS224N, each set in a folder with a meta.json "
    "as the README describes), and {} is not there."
)


def course_costs(shape: Shape, checkpoint: str, quick: bool, told: Told) -> Table:
    """Seconds of the three runs, one after the other.

    Args:
        shape: Device and number format; without a checkpoint also the encoder's sizes.
        checkpoint: Folder or name of a pretrained encoder; random initial weights if empty.
        quick: Whether the presets for CPUs are run, and not the report's own.
        told: Is given the share that is done.
    """
    configs = {
        name: configured(method, shape, checkpoint, quick) for name, method in _METHODS.items()
    }
    missing = _missing(next(iter(configs.values())))
    return Table(
        title="The course report's comparison from start to end, "
        f"{'quick' if quick else 'full'} presets",
        unit="s",
        reading="" if missing else reading(shape, checkpoint),
        rows=() if missing else tuple(rows_of_runs(_all_trained(configs, told))),
        missing=missing,
    )


def configured(method: str, shape: Shape, checkpoint: str, quick: bool) -> RunConfig:
    """The settings of one of the three runs: the preset's, but for the device."""
    config = preset(f"cs224n-{method}{'-quick' if quick else ''}", checkpoint)
    config = config.changed_at("device", shape.device)
    config = config.changed_at("optimisation.precision", shape.precision)
    return config if checkpoint else config.model_copy(update={"capacity": encoder_of(shape)})


def trained(config: RunConfig, told: Told) -> Took:
    """Train a run as the engine trains any."""
    began, used = time.perf_counter(), time.process_time()
    training = start(config)
    loading = time.perf_counter() - began
    updates, evaluating, made, last = 0.0, 0.0, 0, None
    for record in records(training):
        if isinstance(record, StepRecord):
            updates, made = updates + record.seconds, made + 1
            told(made / training.total)
        elif isinstance(record, EvalRecord):
            evaluating, last = evaluating + record.seconds, record
    return Took(
        whole=time.perf_counter() - began,
        loading=loading,
        updates=updates,
        evaluating=evaluating,
        processor=time.process_time() - used,
        made=made,
        scores=_scores(config, last),
    )


def _missing(config: RunConfig) -> tuple[str, ...]:
    """Why the runs cannot be made here; empty if they can."""
    wanted = [task.path for task in config.data.tasks]
    for path in wanted:
        try:
            located(path)
        except DataError:
            return (_LEFT_OUT.format(", ".join(wanted), path),)
    return ()


def _all_trained(configs: Mapping[str, RunConfig], told: Told) -> dict[str, Took]:
    """One run after the other."""
    took: dict[str, Took] = {}
    for number, (name, config) in enumerate(configs.items()):
        took[name] = trained(config, lambda share, done=number: told((done + share) / len(configs)))
    return took


def _scores(config: RunConfig, last: EvalRecord | None) -> str:
    if last is None:
        return "no score"
    found = zip(config.data.tasks, last.scores.tolist(), last.errors.tolist(), strict=True)
    return ", ".join(f"{task.name} {score:.3f} ± {error:.3f}" for task, score, error in found)
