"""Edits by hand in the picture: a cloud or boundary moved, a point painted, moved or erased."""

from collections.abc import Mapping
from typing import Any

from mtlviz.errors import ConfigError
from mtlviz.toy.config import ToyConfig


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
