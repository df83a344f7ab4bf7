"""The axes of the transfer map: which controls can be one, their values, and setting them."""

import math
from collections.abc import Mapping

import numpy as np

from mtlviz.errors import ConfigError
from mtlviz.toy.config import ToyConfig, Value

DIRECTION = "direction"
"""Derived control of a task, as in `t3.direction`: where its cloud lies around the origin."""

_CYCLIC = ("angle", "rotation")


def moved(config: ToyConfig, values: Mapping[str, float | Value]) -> ToyConfig:
    """The configuration with some controls changed, `t3.direction` and the like among them.

    A cloud at the origin is first moved out by 2.

    Raises:
        ConfigError: If a control does not exist or a value is not allowed.
    """
    plain: dict[str, object] = {}
    for key, value in values.items():
        task, _, name = key.partition(".")
        if name != DIRECTION:
            plain[key] = value
            continue
        radius = (
            math.hypot(float(config.value_at(f"{task}.x")), float(config.value_at(f"{task}.y")))
            or 2.0
        )
        turn = math.radians(float(value))
        # More digits would only make links longer.
        plain[f"{task}.x"] = round(radius * math.cos(turn), 4)
        plain[f"{task}.y"] = round(radius * math.sin(turn), 4)
    return config.with_values(plain)


def axis_value(config: ToyConfig, key: str) -> float:
    """Where a configuration lies on an axis.

    Raises:
        ConfigError: If the configuration has no such control.
    """
    task, _, name = key.partition(".")
    if name != DIRECTION:
        return float(config.value_at(key))
    y, x = (float(config.value_at(f"{task}.{axis}")) for axis in ("y", "x"))
    return math.degrees(math.atan2(y, x))


def map_keys(config: ToyConfig) -> tuple[str, ...]:
    """The controls that can be an axis of the map: the numeric ones and the directions."""
    numeric = [
        key
        for key, control in config.controls().items()
        if control.kind in ("int", "float") and key not in ("tasks", "seeds", "seed")
    ]
    return (*numeric, *(f"t{task + 1}.{DIRECTION}" for task in range(len(config.tasks))))


def axis_values(config: ToyConfig, key: str, count: int) -> tuple[float, ...]:
    """Evenly spaced values over a control's range; whole numbers where the control wants them.

    Raises:
        ConfigError: If the control cannot be an axis.
    """
    if key not in map_keys(config):
        raise ConfigError(f"{key!r} cannot be an axis. Known: {', '.join(map_keys(config))}.")
    if key.endswith(f".{DIRECTION}"):
        return tuple(float(value) for value in np.linspace(-180, 180, count, endpoint=False))
    control = config.controls()[key]
    if control.low is None or control.high is None:
        raise ConfigError(f"{control.title} has no range that a map could cover.")
    around = key.rpartition(".")[2] in _CYCLIC  # Both ends are one and the same setting.
    values = np.linspace(control.low, control.high, count, endpoint=not around)
    if control.kind == "int":
        return tuple(float(value) for value in np.unique(np.round(values)))
    return tuple(float(f"{value:.4g}") for value in values)
