"""What lies across under a run's curves: updates, epochs, or seconds of work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Axis:
    """Where each update is drawn. T places, rising.

    Attributes:
        title: Title of the axis, with its unit.
        updates: Numbers of updates, (T,).
        positions: Where they lie, (T,).
    """

    title: str
    updates: Array
    positions: Array

    def at(self, updates: ArrayLike) -> Array:
        """Where updates lie; between known ones in proportion, outside at the nearest known."""
        if not len(self.updates):
            return np.asarray(updates, dtype=np.float64)
        return np.interp(np.asarray(updates, dtype=np.float64), self.updates, self.positions)


BY_UPDATE = Axis("update", np.empty(0), np.empty(0))
"""Every update lies at its own number."""
