"""The course report's comparison from start to end: classic, PCGrad and round robin."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mtlviz.bench.random_run import encoder_of
from mtlviz.bench.result import Row, Table
from mtlviz.bench.rounds import Told
from mtlviz.bench.shape import Shape
from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.engine.records import EvalRecord, StepRecord
from mtlviz.engine.tasks.reading import located
from mtlviz.engine.train import records, start
from mtlviz.errors import DataError


@dataclass(frozen=True)
class Took:
    """Where the time of one run went, in seconds.

    Attributes:
        whole: From the settings to the last record.
        loading: Of it reading and tokenising the data and building the model.
        updates: Of it updates, with what is recorded of them.
        evaluating: Of it development scores.
        processor: Processors' time of the whole.
        made: How many updates were made.
        scores: The last development scores, for a person.
    """

    whole: float
    loading: float
    updates: float
    evaluating: float
    processor: float
    made: int
    scores: str


def rows_of_runs(took: Mapping[str, Took]) -> Iterator[Row]:
    """Each run and its parts, then all together."""
    for name, run in took.items():
        note = f"{run.made:,} updates; development scores at the end: {run.scores}"
        yield _row(name, run.whole, run.processor, note)
        yield _row(f"{name}: loading and tokenising", run.loading)
        speed = f"{run.made / run.updates:.1f} updates a second" if run.updates else ""
        yield _row(f"{name}: updates", run.updates, note=speed)
        yield _row(f"{name}: evaluation", run.evaluating)
        rest = run.whole - run.loading - run.updates - run.evaluating
        yield _row(f"{name}: probes and the rest", rest)
    whole, processor = (
        sum(getattr(t, part) for t in took.values()) for part in ("whole", "processor")
    )
    yield _row("all together", whole, processor)


def _row(name: str, seconds: float, processor: float | None = None, note: str = "") -> Row:
    return Row(name, seconds, seconds, seconds, processor=processor, note=note)


def reading(shape: Shape, checkpoint: str) -> str:
    """What was held equal, and which encoder it was."""
    encoder = (
        f"The encoder is {'/'.join(Path(checkpoint).parts[-2:])}"
        if checkpoint
        else f"No --checkpoint was given, so the encoder is a transformer of {shape.layers} layers "
        f"and width {shape.width} with random initial weights: the times are of use, the scores not"
    )
    return (
        f"{encoder}; on {shape.device} in {shape.precision}. Each run is trained once, to its end, "
        "with its preset's own batches and development scores after every epoch; the first also "
        "waits for libraries. They follow each other, so on a busy machine only processor time "
        "compares them."
    )


_METHODS = {"classic": "classic", "PCGrad": "pcgrad", "round robin": "round-robin"}
_LEFT_OUT = (
    "The course report's comparison was left out: the folder that MTLVIZ_DATA names must hold {} "
    "(the data of the default project of Stanford's CS224N, each set in a folder with a meta.json "
    "as the manual describes), and {} is not there."
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
        whole=time.perf_counter() - began, loading=loading, updates=updates, evaluating=evaluating,
        processor=time.process_time() - used, made=made, scores=_scores(config, last),
    )  # fmt: skip


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
