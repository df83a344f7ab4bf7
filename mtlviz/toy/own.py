"""Own points: edited by hand in the picture, and split anew into training and held-out points."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import ConfigError
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


def edited(config: ToyConfig, edit: Mapping[str, Any]) -> ToyConfig:
    """The settings after one edit.

    Args:
        config: The settings before.
        edit: `kind` and what belongs to it: "scene" (`task`, `scene`), "paint" (`task`, `label`,
            and `x`, `y` or a stroke's `points` [[x, y], ...]), "move_point" (`task`, `point`, `x`,
            `y`) or "erase" (`task`, `point`). Tasks count from 0; `point` counts the task's
            training points as drawn, cloud first.

    Raises:
        ConfigError: If a value is not allowed, or the point is not an own point.
    """
    kind, task = edit["kind"], int(edit["task"])
    if kind == "scene":
        changes = {f"t{task + 1}.{name}": value for name, value in edit["scene"].items()}
        return config.with_values(changes)
    points = list(config.own_points)
    if kind == "paint":
        places = edit["points"] if "points" in edit else [(edit["x"], edit["y"])]
        points += [(task, float(x), float(y), int(edit["label"])) for x, y in places]
    elif kind == "move_point":
        place = _own_place(config, edit)
        points[place] = (task, float(edit["x"]), float(edit["y"]), points[place][3])
    elif kind == "erase":
        del points[_own_place(config, edit)]
    else:
        raise ConfigError(f"Unknown edit {kind!r}. Known: erase, move_point, paint, scene.")
    return config.changed(own_points=tuple(points))


_REACH = 1e-3
"""How far a point may lie from where the picture drew it, for rounding on the way."""


def _own_place(config: ToyConfig, edit: Mapping[str, Any]) -> int:
    """Where a drawn point stands among the own points."""
    task, point = int(edit["task"]), int(edit["point"])
    places = [place for place, own in enumerate(config.own_points) if own[0] == task]
    index = point - config.tasks[task].points
    if not 0 <= index < len(places):
        raise ConfigError(
            f"Only own points can be moved or erased: task {task + 1} has {len(places)} of them, "
            f"and point {point + 1} comes from its cloud."
        )
    _, x, y, _ = config.own_points[places[index]]
    seen_x, seen_y = edit.get("was", (x, y))
    if max(abs(x - seen_x), abs(y - seen_y)) > _REACH:
        raise ConfigError(
            f"The point seen at ({seen_x:.2f}, {seen_y:.2f}) is now at ({x:.2f}, {y:.2f}): "
            "the picture was out of date, so nothing was changed."
        )
    return places[index]
