"""Sweeps whose runs are finished at once, with scores that a test decides."""

import numpy as np

from mtlviz.engine.presets import preset
from mtlviz.runs.results import RunResult, result_json
from mtlviz.runs.sweep.plan import SweepPlan
from mtlviz.runs.sweep.runs import begin_sweep

OVER = {
    "optimisation.learning_rate": (1e-3, 1e-2, 1e-1),
    "optimisation.combiner": ("sum", "pcgrad"),
}


class Idle:
    """A launcher that starts nothing."""

    name = None

    def __init__(self):
        self.submitted, self.stopped = set(), set()

    def submit(self, runs, *, anew=False):
        self.submitted |= set(runs)
        return len(runs)

    def poll(self):
        pass

    def stop(self, runs):
        self.stopped |= set(runs)


def steady(codes, seed, tasks):
    """The first setting's later values score more, a little differently for every task and seed."""
    noise = np.random.default_rng([seed, *codes]).normal(0, 0.004, tasks)
    return 0.5 + 0.1 * codes[0] + 0.03 * np.arange(tasks) + noise


def finished_sweep(store, over=None, seeds=3, scores=steady, base=None, **plan):
    """A sweep on the built-in tasks, all its runs finished.

    Args:
        store: Where.
        over: The values to try.
        seeds: How many seeds.
        scores: The scores given the numbers of the values, the seed, and the number of tasks.
        base: The run that is changed.
        plan: What else the plan says.
    """
    base = base or preset("default")
    made = SweepPlan(name="made up", base=base, over=over or OVER, seeds=seeds, **plan)
    sweep = begin_sweep(store, made, Idle())
    finish(store, sweep, scores)
    return sweep


def finish(store, sweep, scores=steady, only=lambda role: True):
    """Let the runs of a sweep be finished."""
    base, over = sweep.plan.base, sweep.plan.space
    names = tuple(task.name for task in base.data.tasks)
    rows = []
    for role, run in sweep.study.runs.items():
        if only(role):
            setting = sweep.settings[role[1]]
            codes = [values.index(v) for values, v in zip(over, setting, strict=True)]
            found = scores(codes, role[2], len(names)) - 0.02 * (role[0] == "alone")
            kept = names if role[0] == "run" else (names[role[3]],)
            found = found if role[0] == "run" else found[role[3] : role[3] + 1]
            rows.append((_result(kept, found), 1000.0, 1010.0, 100, 100, run))
    statement = ("UPDATE runs SET status = 'finished', result = ?, started = ?, finished = ?, "
                 "updates = ?, planned = ? WHERE id = ?")  # fmt: skip
    with store.connections.writing() as connection:
        connection.executemany(statement, rows)


def _result(names, scores):
    nothing = (0.01,) * len(names)
    metrics = ("accuracy",) * len(names)
    scores = tuple(map(float, scores))
    return result_json(RunResult(names, metrics, scores, nothing, nothing, 100, 100, 10.0))
