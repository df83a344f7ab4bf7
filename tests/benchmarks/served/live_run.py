"""A run that is being recorded: its records are drawn at random, its pages are the real ones."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import EvalRecord, Plane, StepRecord
from mtlviz.runs.lease import Lease, lease
from mtlviz.runs.store import Store

RECORDED = 1000
"""Updates that the run has when the first visitor comes."""
A_SECOND = 10
"""Updates that it makes in a second."""
TASKS = 3
_PLANNED, _BATCH, _EPOCHS = 100_000, 16, 10


@contextmanager
def live_run(home: Path) -> Iterator[int]:
    """Number of a run of three tasks that goes on until the block ends.

    Args:
        home: The folder that keeps it.
    """
    store = Store(home)
    try:
        held = begun(store, RECORDED, _PLANNED)
        with recording(held, A_SECOND, _PLANNED):
            yield held.run
    finally:
        store.close()


def begun(store: Store, recorded: int, planned: int) -> Lease:
    """A run that this process works on, with so many of its planned updates and one evaluation."""
    held = lease(store, store.create_run(settings()))
    held.plan(planned, ["accuracy"] * TASKS)
    drawn = np.random.default_rng(0)
    held.append([step(update, drawn, planned) for update in range(recorded)])
    held.append([evaluation(recorded)])
    return held


@contextmanager
def recording(held: Lease, a_second: float, planned: int) -> Iterator[None]:
    """Record updates of a run at a steady pace until the block ends.

    Args:
        held: The run.
        a_second: Updates that it makes in a second.
        planned: Updates after which it makes no more.
    """
    drawn, done = np.random.default_rng(1), threading.Event()

    def record() -> None:
        update = held.store.run(held.run).updates
        while not done.wait(1.0):
            made = range(update, min(update + int(a_second), planned))
            held.append([step(number, drawn, planned) for number in made])
            update += len(made)

    thread = threading.Thread(target=record, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def settings() -> RunConfig:
    """A run of three tasks."""
    tasks = [{"name": name} for name in ("first", "second", "third")]
    values = {"name": "drawn", "data": {"tasks": tasks}, "optimisation": {"epochs": _EPOCHS}}
    return RunConfig.from_values(values)


def step(update: int, drawn: np.random.Generator, planned: int) -> StepRecord:
    """One of the planned updates, with everything that a run records by default."""
    gradients = drawn.normal(size=(TASKS, 8))
    gram = gradients @ gradients.T
    found = make_combiner("pcgrad")(gram, drawn)
    return StepRecord(
        update=update,
        epoch=update * _EPOCHS // planned,
        due=np.ones(TASKS, bool),
        losses=np.exp(-3 * update / planned) + 0.1 * drawn.random(TASKS),
        loss_weights=np.ones(TASKS),
        weights=found.weights,
        coefficients=found.coefficients,
        gram=gram,
        order=found.order,
        planes={
            name: Plane(drawn.normal(size=(TASKS, 2)), drawn.random(TASKS))
            for name in ("two parameters", "random directions")
        },
        clipping=1.0,
        learning_rate=1e-3,
        tokens=1000,
        seconds=0.05,
        examples=drawn.integers(0, 10_000, (TASKS, _BATCH)).astype(np.int32),
    )


def evaluation(update: int) -> EvalRecord:
    """Development scores at the end of an epoch."""
    scores, errors = np.full(TASKS, 0.5), np.full(TASKS, 0.01)
    return EvalRecord(
        update, 0, scores, errors, np.ones(TASKS), [{}] * TASKS, scores, False, 1.0
    )  # fmt: skip
