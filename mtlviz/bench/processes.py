"""What sharing one run among processes costs on a CPU, the same number of threads in all."""

from collections.abc import Callable, Iterator
from contextlib import closing

from mtlviz.bench.random_run import encoder_of
from mtlviz.bench.result import Table, rows_of
from mtlviz.bench.rounds import Told, interleaved
from mtlviz.bench.shape import Shape
from mtlviz.engine.config import (
    DataConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.device import use_threads
from mtlviz.engine.records import Record, StepRecord
from mtlviz.runs.source import training

THREADS = 2
_BASE = "one process, two threads"
_COMBINERS = ("sum", "pcgrad")


def process_costs(shape: Shape, rounds: int, told: Told) -> Iterator[Table]:
    """Milliseconds of an update by one process with two threads and by two with one each."""
    before = use_threads(THREADS)
    try:
        for place, combiner in enumerate(_COMBINERS):

            def part(share: float, done: int = place) -> None:
                told((done + share) / len(_COMBINERS))

            yield _table(shape, combiner, rounds, part)
    finally:
        use_threads(before)


def _table(shape: Shape, combiner: str, rounds: int, told: Told) -> Table:
    config = _config(shape, combiner)
    with (
        closing(training(config, None).records()) as alone,
        closing(training(config.changed_at("processes", 2), None).records()) as both,
    ):
        use_threads(THREADS)
        cases = {
            _BASE: _update(alone, THREADS),
            "two processes, one thread each": _update(both, 1),
        }
        seconds = interleaved(cases, rounds, told=told)
    return Table(
        title=f"One update of {shape.tasks} built-in tasks by {combiner}, shared: {shape.layers} "
        f"layers, width {shape.width}, {shape.batch} texts a task",
        unit="ms",
        reading="The same model and batches; gradients are summed by gloo. Ratios are against "
        f"“{_BASE}” in the same round: above 1, a second process does not pay.",
        rows=rows_of(seconds, _BASE, factor=1e3),
    )


def _update(records: Iterator[Record], threads: int) -> Callable[[], None]:
    """One update of a run, by the process that records it with so many threads."""

    def update() -> None:
        use_threads(threads)
        while not isinstance(next(records), StepRecord):
            pass

    return update


def _config(shape: Shape, combiner: str) -> RunConfig:
    names = (f"task {number + 1}" for number in range(shape.tasks))
    tasks = tuple(TaskConfig(name=name, options={"size": 8 * shape.batch}) for name in names)
    never = 10_000_000
    return RunConfig(
        data=DataConfig(tasks=tasks, batch_size=shape.batch),
        capacity=encoder_of(shape),
        optimisation=OptimisationConfig(combiner=combiner, epochs=1000, learning_rate=1e-4),
        probes=ProbeConfig(
            gram_every=0, planes_every=0, layers_every=0, examples_every=0, evaluate_every=never
        ),
        device="cpu",
    )
