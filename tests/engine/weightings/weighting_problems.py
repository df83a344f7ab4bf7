"""Steps and settings that the weighting tests share."""

from dataclasses import replace

import numpy as np

from mtlviz.engine.weightings import make_weighting
from mtlviz.engine.weightings.weighting import Step

TASKS = 3

# What the methods need beyond their defaults, for three tasks.
NEEDED = {
    "manual": {"values": [0.5, 2.0, 1.0]},
    "size": {"sizes": [100, 400, 500]},
    "svd": {
        "inputs": np.arange(12.0).reshape(6, 2) % 5,
        "targets": np.arange(18.0).reshape(6, 3) % 4,
    },
    "svd_task_embeddings": {"embeddings": np.array([[1.0, 2.0], [2.0, 1.0], [0.5, 0.5]])},
}


def make(name, **options):
    return make_weighting(name, TASKS, **{**NEEDED.get(name, {}), **options})


def step(losses, *, due=None, epoch=0, seed=0, norms=None):
    losses = np.asarray(losses, dtype=np.float64)
    due = np.ones(len(losses), dtype=bool) if due is None else np.asarray(due)
    return Step(losses, due, epoch, np.random.default_rng(seed), norms)


def advance(weighting, at, *, norms=None, losses_after=None):
    """Give a weighting everything that it asks for, and return its weights."""
    norms = np.ones(len(at.losses)) if norms is None else norms
    at = replace(at, norms=norms if weighting.needs_norms else None)
    weights = weighting.weights(at)
    after = 0.9 * at.losses if losses_after is None else losses_after
    weighting.observe(
        at,
        norms=at.norms,
        losses_after=after if weighting.needs_losses_after else None,
    )
    return weights


def random_steps(count, *, epochs=4, seed=0):
    """Steps with falling random losses, every third of them with one task not due."""
    source = np.random.default_rng(seed)
    for number in range(count):
        due = np.ones(TASKS, dtype=bool)
        if number % 3 == 2:
            due[number % TASKS] = False
        losses = source.uniform(0.5, 1.5, TASKS) * np.array([0.1, 1.0, 20.0]) / (1 + number)
        losses[~due] = np.nan
        at = step(losses, due=due, epoch=number * epochs // count, seed=number)
        norms = source.uniform(0.1, 3.0, TASKS)
        after = losses * source.uniform(0.7, 1.1, TASKS)
        yield at, norms, after
