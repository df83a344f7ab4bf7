"""What lies across under a run's curves (updates, epochs, seconds), and averages along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Whole = NDArray[np.int64]
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


def smoothed(updates: Whole, values: Array, span: float) -> Array:
    """A running average that looks back over about `span` updates; missing values are passed over.

    The weight of the past falls with the distance in updates, so that a thinned curve is smoothed
    as the full one. Missing values stay missing.

    Args:
        updates: Number of each update, (T,).
        values: Values, (T,) or (T, K); NaN where not measured.
        span: Distance in updates at which the past counts 1/e; 0 for no smoothing.
    """
    if span <= 0:
        return values.copy()
    columns = values if values.ndim == 2 else values[:, None]
    result = np.full(columns.shape, np.nan)
    for column in range(columns.shape[1]):
        known = np.flatnonzero(np.isfinite(columns[:, column]))
        result[known, column] = _running(updates[known], columns[known, column], span)
    return result.reshape(values.shape)


def _running(updates: Whole, values: Array, span: float) -> Array:
    """Weighted mean of all values so far, older ones fading; unbiased from the first value on."""
    fading = np.exp(-np.diff(updates, prepend=updates[:1]) / span)
    result, total, weight = np.empty(len(values)), 0.0, 0.0
    for place, (fade, value) in enumerate(zip(fading, values, strict=True)):
        total, weight = fade * total + value, fade * weight + 1.0
        result[place] = total / weight
    return result
