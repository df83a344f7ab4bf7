"""Runs made by hand, for tests of comparing: stored at once, without training."""

import numpy as np

from mtlviz.engine.config import DataConfig, RunConfig, TaskConfig
from mtlviz.engine.presets import preset
from mtlviz.engine.records import EvalRecord, StepRecord
from mtlviz.runs.lease import lease
from mtlviz.runs.plan_runs import begin
from mtlviz.ui.core.existing_runs import missing_runs
from mtlviz.ui.core.family_panel import SEEDS

TASKS = ("reviews", "letters")


def settings(seed=0, name="made", tasks=TASKS, **changes):
    """Settings of a run; changes by dotted place with `__` for the dots."""
    config = RunConfig(
        name=name, seed=seed, data=DataConfig(tasks=tuple(TaskConfig(name=task) for task in tasks))
    )
    for place, value in changes.items():
        config = config.changed_at(place.replace("__", "."), value)
    return config


def step(update, tasks, due=None):
    ones, due = np.ones(tasks), np.ones(tasks, bool) if due is None else due
    return StepRecord(
        update, 0, due, ones / (1 + update), ones, ones, None, None, None, {},
        1.0, 0.1, 10, 0.01,
    )  # fmt: skip


def evaluation(update, scores):
    scores = np.array(scores, dtype=float)
    fill = np.full(len(scores), 0.5)
    return EvalRecord(
        update, 0, scores, fill / 50, fill, [{}] * len(scores), fill, True, 0.1
    )  # fmt: skip


def stored(store, config, scores, *, updates=6, status="finished", error=None, planned=None,
           data=None, due=None):  # fmt: skip
    """A run in the store with these scores at its end; status None leaves it running."""
    tasks = len(config.data.tasks)
    held = lease(store, store.create_run(config))
    held.plan(planned or updates, ["accuracy"] * tasks, data)
    half = [evaluation(updates // 2, np.array(scores) - 0.1)] if scores is not None else []
    last = [evaluation(updates, scores)] if scores is not None else []
    steps = [step(update, tasks, None if due is None else due[update]) for update in range(updates)]
    held.append([*steps[: updates // 2], *half, *steps[updates // 2 :], *last])
    if status:
        held.finish(status, error)
    return held.run


def finish_waiting(store, run, updates, data=None):
    """A waiting run of one task ends with a score, having read data of this fingerprint."""
    held = lease(store, run)
    held.plan(updates, ["accuracy"], None if data is None else [data])
    every = store.config(run).probes.evaluate_every or updates
    scored = [evaluation(update, [0.7]) for update in (*range(every, updates, every), updates)]
    held.append([*(step(update, 1) for update in range(updates)), *scored])
    held.finish("finished")


def begin_default(store):
    """The experiment of Start, queued; the numbers of its runs."""
    begin(store, missing_runs(preset("default"), SEEDS))
    return sorted(run.id for run in store.runs())


def finished_default(store):
    """The same, finished by hand: letters gains, similarity pays, the others stay as they were."""
    runs = begin_default(store)
    for number in runs:
        finish(store, number)
    return runs


def finish(store, number):
    """One of these runs ends."""
    taken(store, number).finish("finished")


def taken(store, number):
    """One of these runs with all that it records, still to be finished."""
    config = store.config(number)
    names = [task.name for task in config.data.tasks]
    scores = [0.8 if names[0] in ("letters", "similarity") else 0.9]
    if len(names) > 1:
        scores = [0.9, 0.9 + config.seed / 1000, 0.9, 0.5 + config.seed / 1000]
    held = lease(store, number)
    held.plan(250, ["accuracy"] * len(names))
    scored = [evaluation(update, scores) for update in range(10, 251, 10)]
    held.append([*(step(update, len(names)) for update in range(250)), *scored])
    return held
