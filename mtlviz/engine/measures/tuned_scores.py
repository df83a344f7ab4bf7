"""Scores after a choice of step size that did not see them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def tuned_scores(scores: Array, *, each_task: bool = False) -> tuple[Array, NDArray[np.int64]]:
    """The scores of each seed at the step size that did best with the other seeds.

    So the seed that is scored has no part in the choice, and no luck of its own flatters it. With
    one seed alone there are no others: its own best is taken, which does flatter it. Step sizes
    that some seed of the choice lacks are chosen by the seeds that have them.

    Args:
        scores: Of R step sizes, S seeds and K tasks, (R, S, K); NaN where not known.
        each_task: Whether every task has a step size of its own, as tasks that share nothing may;
            otherwise one for all, by the mean over tasks.

    Returns:
        Scores, (S, K), NaN where the chosen one is not known; and the chosen step sizes, (S, K),
        −1 where nothing is known.
    """
    seeds, tasks = scores.shape[1:]
    found, chosen = np.full((seeds, tasks), np.nan), np.full((seeds, tasks), -1)
    for seed in range(seeds):
        others = [other for other in range(seeds) if other != seed] or [seed]
        means = _mean(scores[:, others], axis=1)  # (R, K)
        if not each_task:
            means = np.repeat(means.mean(axis=1, keepdims=True), tasks, axis=1)
        for task in np.flatnonzero(np.isfinite(means).any(axis=0)):
            best = int(np.nanargmax(means[:, task]))
            found[seed, task], chosen[seed, task] = scores[best, seed, task], best
    return found, chosen


def _mean(values: Array, axis: int) -> Array:
    known = np.isfinite(values)
    total, count = np.where(known, values, 0.0).sum(axis), known.sum(axis)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
