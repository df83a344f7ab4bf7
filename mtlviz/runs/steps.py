"""Many step records as columns: what curves, matrices and scrubbing need."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.records import Plane
from mtlviz.runs.packing import plane_names, unpack

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Steps:
    """Step records as columns, oldest first: T steps, K tasks. What was not measured is NaN.

    Attributes:
        sequence: Place of each step among all records of the run, (T,).
        update: Number of the update, (T,).
        epoch: Epoch of the schedule, (T,).
        due: Whether each task took part, (T, K).
        losses: Training losses, (T, K).
        loss_weights: What the weighting multiplied each loss by, (T, K).
        weights: Weight of each task's gradient in the update, (T, K).
        coefficients: Each task's part of the update in the tasks' own gradients, (T, K, K).
        gram: Inner products of the tasks' gradients, (T, K, K).
        planes: Gradients in planes of fixed directions: coordinates (T, K, 2), share (T, K).
        clipping: Factor by which the update was shortened, (T,).
        learning_rate: Step size, (T,).
        tokens: Tokens read, (T,).
        seconds: Time taken, (T,).
    """

    sequence: NDArray[np.int64]
    update: NDArray[np.int64]
    epoch: NDArray[np.int64]
    due: NDArray[np.bool_]
    losses: Array
    loss_weights: Array
    weights: Array
    coefficients: Array
    gram: Array
    planes: dict[str, Plane]
    clipping: Array
    learning_rate: Array
    tokens: NDArray[np.int64]
    seconds: Array


def columns(rows: Sequence[tuple[int, int, bytes]], layouts: dict[int, str], tasks: int) -> Steps:
    """Columns from stored rows.

    Args:
        rows: (sequence, number of the layout, packed record), oldest first.
        layouts: Layouts by number.
        tasks: Number of tasks K.
    """
    filled = _empty(len(rows), tasks)
    planes: dict[str, Plane] = {}
    which = np.array([row[1] for row in rows], dtype=np.int64)
    for number in np.unique(which):
        places = np.flatnonzero(which == number)
        table = unpack(layouts[number], [rows[place][2] for place in places])
        for name in filled.keys() & set(table.dtype.names):
            filled[name][places] = table[name]
        for name in plane_names(table.dtype.names):
            plane = planes.setdefault(name, _empty_plane(len(rows), tasks))
            plane.coordinates[places] = table[f"{name}/coordinates"]
            plane.share[places] = table[f"{name}/share"]
    sequence = np.array([row[0] for row in rows], dtype=np.int64)
    return Steps(sequence=sequence, planes=planes, **filled)


def _empty(length: int, tasks: int) -> dict[str, NDArray]:
    """Columns to be filled; numbers that may be missing start as NaN."""
    whole = {name: np.zeros(length, np.int64) for name in ("update", "epoch", "tokens")}
    real = {name: np.full(length, np.nan) for name in ("clipping", "learning_rate", "seconds")}
    per_task = {
        name: np.full((length, tasks), np.nan) for name in ("losses", "loss_weights", "weights")
    }
    per_pair = {name: np.full((length, tasks, tasks), np.nan) for name in ("coefficients", "gram")}
    return {**whole, **real, **per_task, **per_pair, "due": np.zeros((length, tasks), bool)}


def _empty_plane(length: int, tasks: int) -> Plane:
    return Plane(np.full((length, tasks, 2), np.nan), np.full((length, tasks), np.nan))
