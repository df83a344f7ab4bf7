"""A run that is being recorded: its records are drawn at random, its pages are the real ones."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import EvalRecord, Plane, StepRecord
from mtlviz.runs.claims import Claim, claim
from mtlviz.runs.store import Store

RECORDED = 1000
"""Updates that the run has when the first visitor comes."""
A_SECOND = 10
"""Updates that it makes in a second."""
_PLANNED = 100_000
_TASKS, _BATCH = 3, 16


@contextmanager
def live_run(home: Path) -> Iterator[int]:
    """Number of a run of three tasks that goes on until the block ends.

    Args:
        home: The folder that keeps it.
    """
    store = Store(home)
    try:
        held = claim(store, store.create_run(_settings()))
        held.plan(_PLANNED, ["accuracy"] * _TASKS)
        drawn = np.random.default_rng(0)
        held.append([_update(number, drawn) for number in range(RECORDED)])
        held.append([_evaluation(RECORDED)])
        with _going_on(held, drawn):
            yield held.run
    finally:
        store.close()


@contextmanager
def _going_on(held: Claim, drawn: np.random.Generator) -> Iterator[None]:
    done = threading.Event()

    def record() -> None:
        made = RECORDED
        while not done.wait(1.0):
            held.append([_update(number, drawn) for number in range(made, made + A_SECOND)])
            made += A_SECOND

    thread = threading.Thread(target=record, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _settings() -> RunConfig:
    tasks = [{"name": name} for name in ("first", "second", "third")]
    return RunConfig.from_values({"name": "live", "data": {"tasks": tasks}})


def _update(number: int, drawn: np.random.Generator) -> StepRecord:
    """One update with everything that a run records by default."""
    gradients = drawn.normal(size=(_TASKS, 8))
    gram = gradients @ gradients.T
    found = make_combiner("pcgrad")(gram, drawn)
    return StepRecord(
        update=number,
        epoch=0,
        due=np.ones(_TASKS, bool),
        losses=np.exp(-number / RECORDED) + 0.1 * drawn.random(_TASKS),
        loss_weights=np.ones(_TASKS),
        weights=found.weights,
        coefficients=found.coefficients,
        gram=gram,
        order=found.order,
        planes={
            name: Plane(drawn.normal(size=(_TASKS, 2)), drawn.random(_TASKS))
            for name in ("two parameters", "random directions")
        },
        clipping=1.0,
        learning_rate=1e-3,
        tokens=1000,
        seconds=0.05,
        examples=drawn.integers(0, 10_000, (_TASKS, _BATCH)).astype(np.int32),
    )


def _evaluation(update: int) -> EvalRecord:
    scores, errors = np.full(_TASKS, 0.5), np.full(_TASKS, 0.01)
    return EvalRecord(
        update, 0, scores, errors, np.ones(_TASKS), [{}] * _TASKS, scores, False, 1.0
    )  # fmt: skip
