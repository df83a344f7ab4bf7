"""What a way of sharing trains and stores, over the number of tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.choices import sharing_of
from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.sizes import ModelSize


@dataclass(frozen=True)
class Storage:
    """One way of sharing in numbers.

    Attributes:
        trained: Parameters that training one task changes, shared ones included, its head too.
        stored: Parameters of the whole model.
        over_tasks: Stored parameters with 1, 2, … tasks, each with a head of the mean size.
    """

    trained: float
    stored: int
    over_tasks: NDArray[np.float64]


def storage(config: RunConfig, size: ModelSize, most: int) -> Storage:
    """What the way of sharing of a run trains and stores.

    Args:
        config: The run's settings.
        size: Its parameters.
        most: Tasks to count up to.
    """
    sharing, tasks = sharing_of(config), len(size.tasks)
    mean_own = sum(size.tasks) / tasks
    head = mean_own - sharing.counts(size.encoder, tasks).own
    over = []
    for count in range(1, most + 1):
        found = sharing.counts(size.encoder, count)
        over.append(found.shared + found.frozen + count * (found.own + head))
    return Storage(size.shared + mean_own, size.total, np.array(over, dtype=np.float64))


def crossings(stored: Mapping[str, Sequence[float]]) -> list[tuple[str, str, int]]:
    """Where one way begins to store less than another that was smaller before.

    Args:
        stored: Parameters with 1, 2, … tasks of each way.

    Returns:
        The way that is smaller from then on, the other, and the first number of tasks so.
    """
    found = []
    for one, its in stored.items():
        for other, others in stored.items():
            smaller = np.asarray(its) < np.asarray(others)
            if smaller[-1] and not smaller[0]:
                found.append((one, other, int(np.flatnonzero(~smaller)[-1]) + 2))
    return sorted(found, key=lambda each: each[2])
