"""Own points instead of clouds: a fresh split into training and held-out points per repetition."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.toy.config import ToyConfig

Floats = NDArray[np.float32]
HELD_OUT_SHARE = 0.3


@dataclass(frozen=True)
class OwnSplit:
    """Own points, split anew per repetition. A sign of 0 marks an empty place.

    Attributes:
        points: Training points, shape (K, S, N, 2).
        signs: Their labels as −1 or 1, shape (K, S, N).
        held_out: Held-out points, shape (K, S, H, 2).
        held_out_signs: Their labels, shape (K, S, H).
    """

    points: Floats
    signs: Floats
    held_out: Floats
    held_out_signs: Floats


def split_own_points(config: ToyConfig) -> OwnSplit:
    """Hold out 30 % of every task's every class, drawn anew in each repetition, at least one."""
    tasks, repetitions = len(config.tasks), config.seeds
    rows = [_rows_of(config, task) for task in range(tasks)]
    held = [_held_out_counts(row) for row in rows]
    tests = max(int(count.sum()) for count in held)
    size = max(len(row) - int(count.sum()) for row, count in zip(rows, held, strict=True))
    train = np.zeros((tasks, repetitions, size, 3), np.float32)
    test = np.zeros((tasks, repetitions, tests, 3), np.float32)
    for task, row in enumerate(rows):
        signed = row * [1, 1, 2] - [0, 0, 1]
        for repetition in range(repetitions):
            generator = np.random.default_rng((config.seed, repetition, task, 3))
            out = _held_out_rows(row, held[task], generator)
            train[task, repetition, : len(row) - len(out)] = np.delete(signed, out, axis=0)
            test[task, repetition, : len(out)] = signed[out]
    return OwnSplit(train[..., :2], train[..., 2], test[..., :2], test[..., 2])


def resplit_ratio(config: ToyConfig, task: int) -> float:
    """Held-out over training points of a task where repetitions split one table anew, else 0.

    It widens the interval over repetitions, which share most of their points.
    """
    if config.source != "table":
        return 0.0
    row = _rows_of(config, task)
    held = int(_held_out_counts(row).sum())
    return held / (len(row) - held)


def _rows_of(config: ToyConfig, task: int) -> NDArray[np.float64]:
    """A task's own points as x, y, label, shape (n, 3)."""
    table = np.array(config.own_points, dtype=np.float64).reshape(-1, 4)
    return table[table[:, 0] == task, 1:]


def _held_out_counts(row: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many points of class 0 and of class 1 are held out."""
    totals = np.array([(row[:, 2] == label).sum() for label in (0, 1)])
    return np.maximum(1, np.round(HELD_OUT_SHARE * totals)).astype(np.int64)


def _held_out_rows(
    row: NDArray[np.float64], counts: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int64]:
    chosen = [
        generator.permutation(np.flatnonzero(row[:, 2] == label))[: counts[label]]
        for label in (0, 1)
    ]
    return np.concatenate(chosen)
