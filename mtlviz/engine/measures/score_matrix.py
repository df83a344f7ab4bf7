"""What the matrix R of scores says of tasks that come one after another.

R[i, j] is the score of task j after step i of S. Every number of continual learning is read from
it, from the step after which each task was learned, and from two rows for comparison: the untrained
model's scores and those of joint training.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtlviz.errors import ConfigError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ContinualScores:
    """One number for each question that R answers, in the unit of the scores, each of shape (...).

    What has no task to be read from, or no scores to compare with, is NaN.

    Attributes:
        average: Mean score of all tasks at the end (ACC).
        backward: What later steps did to the tasks learned before them: score at the end less score
            when learned (BWT). Below 0 they were forgotten. The mean is over the tasks learned
            before the last step; the GEM authors' code divides by all of them, which is smaller.
        forward: Score just before a task is learned, less the untrained model's (FWT), over the
            tasks learned after the first step. It means something only where the head is shared and
            labels mean the same.
        forgetting: Best score before the end less score at the end, over the tasks learned before
            the last step (Chaudhry et al.). Avalanche's forgetting is `-backward` instead.
        learning: Mean score of each task when it was learned: can the method still learn?
        gap: Joint training's mean score less `average`.
        intransigence: Joint training's score less that when learned: the price of stability.
    """

    average: Array
    backward: Array
    forward: Array
    forgetting: Array
    learning: Array
    gap: Array
    intransigence: Array


def continual_scores(
    matrix: ArrayLike,
    learned: ArrayLike | None = None,
    untrained: ArrayLike | None = None,
    joint: ArrayLike | None = None,
) -> ContinualScores:
    """Read all numbers from R.

    Args:
        matrix: R, shape (..., S, T): rows are steps, columns tasks. Leading dimensions (seeds,
            methods) are kept.
        learned: Step after which each task was learned for the first time, counted from 0, shape
            (T,). Left out, task j is learned in step j.
        untrained: Scores of the untrained model, shape (..., T).
        joint: Scores of joint training on all tasks, shape (..., T).

    Raises:
        ConfigError: If a task was learned in a step that R does not have.

    Reference:
        Lopez-Paz & Ranzato 2017, eqs. 2 to 4; Chaudhry et al. 2018, RWalk, section 3.1.
    """
    scores = np.asarray(matrix, dtype=np.float64)
    steps, tasks = scores.shape[-2:]
    when = np.arange(tasks) if learned is None else np.asarray(learned, dtype=np.int64)
    if when.shape != (tasks,) or not ((when >= 0) & (when < steps)).all():
        raise ConfigError(
            f"Each of {tasks} tasks must be learned in one of {steps} steps, got {when.tolist()}."
        )
    end, fresh = scores[..., -1, :], scores[..., when, np.arange(tasks)]
    before = scores[..., np.maximum(when - 1, 0), np.arange(tasks)]
    best = scores[..., :-1, :].max(axis=-2, initial=-np.inf)
    old, late = when < steps - 1, when > 0
    start, other = _row(untrained, tasks), _row(joint, tasks)
    return ContinualScores(
        average=end.mean(axis=-1),
        backward=_mean(end - fresh, old),
        forward=_mean(before - start, late),
        forgetting=_mean(best - end, old),
        learning=fresh.mean(axis=-1),
        gap=(other - end).mean(axis=-1),
        intransigence=(other - fresh).mean(axis=-1),
    )


def _row(scores: ArrayLike | None, tasks: int) -> Array:
    return np.full(tasks, np.nan) if scores is None else np.asarray(scores, dtype=np.float64)


def _mean(values: Array, tasks: NDArray[np.bool_]) -> Array:
    """The mean over the chosen tasks; NaN where there is none."""
    if not tasks.any():
        return np.full(values.shape[:-1], np.nan)
    return values[..., tasks].mean(axis=-1)
