"""Which of the due tasks is learned now, and which are the memory of tasks learned before."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners.combination import Array
from mtlviz.errors import ConfigError

Mask = NDArray[np.bool_]


class Roles(NamedTuple):
    """The two parts that due tasks play in continual learning, each of shape (K,), 1.0 or 0.0."""

    current: Array
    memory: Array


def roles(tasks: int, current: Mask | None, newest: int | None) -> Roles:
    """Who is learned now; everybody else due is memory.

    Args:
        tasks: Number of due tasks K.
        current: What the run's phase says, shape (K,); None where nobody says anything.
        newest: Number, from 1, of the one due task that is learned now, which goes before the
            phase; None to leave it to the phase, and without a phase to the last task.

    Raises:
        ConfigError: If fewer tasks are due than that, or the phase speaks of other tasks.
    """
    if newest is not None:
        if newest > tasks:
            raise ConfigError(
                f"`newest` must be the number of a due task, 1 to {tasks}, got {newest}."
            )
        learned = np.arange(tasks) == newest - 1
    elif current is not None:
        learned = np.asarray(current, dtype=bool)
        if learned.shape != (tasks,):
            raise ConfigError(
                f"What is learned now must be said of each of {tasks} due tasks, "
                f"got {learned.shape} values."
            )
    else:
        learned = np.arange(tasks) == tasks - 1
    return Roles(learned.astype(np.float64), (~learned).astype(np.float64))
