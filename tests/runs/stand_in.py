"""A stand-in for training: the same numbers for the same settings, at a chosen pace.

Run as a script it is a worker like any other, only that its records come from here.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtlviz.engine.config import DataConfig, RunConfig, TaskConfig
from mtlviz.engine.records import EvalRecord, Note, Plane, Snapshot, StepRecord
from mtlviz.errors import DamagedError, DataError
from mtlviz.runs import queue, worker

COMMAND = (sys.executable, __file__)
K = 2


def config(updates=40, delay=0.0, seed=0, **options):
    """Settings of a stand-in run; `options` stand where a built-in task has no use for them."""
    text = json.dumps({"updates": updates, "delay": delay, **options})
    tasks = (TaskConfig(name="first", path=text), TaskConfig(name="second"))
    return RunConfig(name="stand-in", seed=seed, data=DataConfig(tasks=tasks))


def options_of(settings):
    """What `config` was given for the stand-in alone."""
    return json.loads(settings.data.tasks[0].path)


def step(seed, update):
    drawn = np.random.default_rng([seed, update])
    gram = None
    if update % 2 == 0:
        gradients = drawn.normal(size=(K, 3))
        gram = gradients @ gradients.T
    return StepRecord(
        update=update,
        epoch=update // 10,
        due=np.array([True, update % 3 != 0]),
        losses=np.array([drawn.random(), np.nan if update % 3 == 0 else drawn.random()]),
        loss_weights=np.ones(K),
        weights=np.ones(K),
        coefficients=None if gram is None else np.eye(K),
        gram=gram,
        order=None if gram is None else np.array([[1], [0]]),
        planes={"random directions": Plane(drawn.normal(size=(K, 2)), drawn.random(K))},
        clipping=1.0,
        learning_rate=1e-3,
        tokens=64,
        seconds=0.001,
    )


def evaluation(seed, updates, most=1.0):
    score = most * np.full(K, 1 - 1 / (updates + 1))
    return EvalRecord(
        update=updates,
        epoch=updates // 10,
        scores=score,
        errors=np.full(K, 0.01),
        losses=1 - score,
        metrics=[{"accuracy": float(score[0]), "f1": float("nan")}] * K,
        baselines=np.array([0.5, np.nan]),
        best=True,
        seconds=0.0,
    )


def snapshot(seed, update):
    drawn = np.random.default_rng([seed, update, 1])
    embeddings = [drawn.normal(size=(4, 3)).astype(np.float32) for _ in range(K)]
    return Snapshot(update, embeddings, [np.arange(4.0)] * K, 0.0)


def all_records(settings):
    """Every record of a run from its first to its last."""
    options = options_of(settings)
    # Where it is asked for, what learns faster scores more.
    most = settings.optimisation.learning_rate if "rated" in options else 1.0
    yield Note(0, "leakage", "Nothing leaks.")
    for update in range(options["updates"]):
        if update % 25 == 0:
            yield snapshot(settings.seed, update)
        yield step(settings.seed, update)
        if (update + 1) % 10 == 0:
            yield evaluation(settings.seed, update + 1, most)


@dataclass
class StandIn:
    settings: RunConfig
    emitted: int

    metrics = ("accuracy", "accuracy")
    fingerprints = ("first data", "second data")
    seconds = 1.0
    probe_seconds = 0.25

    @property
    def planned(self):
        return self.options["updates"]

    @property
    def options(self):
        return options_of(self.settings)

    def records(self):
        for place, record in enumerate(all_records(self.settings)):
            if place < self.emitted:
                continue
            time.sleep(self.options["delay"])
            self._misbehave(place)
            self.emitted += 1
            self._note(place)
            yield record

    def close(self):
        """Nothing trains beside it."""

    def save(self, path):
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(json.dumps({"emitted": self.emitted}) + " " * 1000)
        partial.replace(path)

    def _note(self, place):
        """Keep a journal of what was made when, which survives a kill."""
        if "journal" in self.options:
            with Path(self.options["journal"]).open("a") as file:
                file.write(json.dumps([place, time.time()]) + "\n")

    def _misbehave(self, place):
        if place == self.options.get("wrong_at"):
            raise DataError("The second table has no labels.")
        if place == self.options.get("broken_at"):
            raise ZeroDivisionError("secret detail")


def opening(settings, checkpoint):
    if checkpoint is None:
        return StandIn(settings, 0)
    try:
        return StandIn(settings, json.loads(Path(checkpoint).read_text())["emitted"])
    except ValueError as error:
        raise DamagedError("The checkpoint is damaged.") from error


if __name__ == "__main__":
    queue.WORKER = COMMAND
    pace = worker.Pace(beat_seconds=1.0, checkpoint_seconds=0.7)
    sys.exit(worker.main(opening=opening, pace=pace))
