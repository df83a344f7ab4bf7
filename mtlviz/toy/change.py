"""Read and change a configuration by the keys of its controls."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from mtlviz.errors import ConfigError
from mtlviz.toy.controls import METHODS, Value, controls_of
from mtlviz.toy.fields import TaskScene, ToyConfig

Model = TypeVar("Model", TaskScene, ToyConfig)


def get(config: ToyConfig, key: str) -> Value:
    """The value of one control.

    Raises:
        ConfigError: If this configuration has no such control.
    """
    control = controls_of(config).get(key)
    if control is None:
        raise ConfigError(f"There is no control {key!r} in a configuration of "
                          f"{len(config.tasks)} tasks.")  # fmt: skip
    if key == "tasks":
        return len(config.tasks)
    if control.task is not None:
        return getattr(config.tasks[control.task], key.split(".")[1])
    method, _, option = key.partition(".")
    if not option:
        return getattr(config, key)
    chosen = METHODS[method][getattr(config, method)]
    return getattr(config, f"{method}_options").get(option, chosen.defaults[option])


def replace(config: ToyConfig, values: Mapping[str, object]) -> ToyConfig:
    """The configuration with some controls changed, checked.

    A further task starts as a copy of the last one, turned by 30 degrees; a newly chosen method
    starts with its own default options.

    Raises:
        ConfigError: One sentence about the first value that is not allowed.
    """
    for key in sorted(values, key=_order):
        config = _with_one(config, key, values[key])
    return config


def _order(key: str) -> int:
    """The number of tasks first, then the methods, then what depends on them."""
    return 0 if key == "tasks" else 1 if "." not in key else 2


def _with_one(config: ToyConfig, key: str, given: object) -> ToyConfig:
    control = controls_of(config).get(key)
    if control is None:
        get(config, key)
        raise ConfigError(f"There is no control {key!r}.")
    value = control.check(given)
    if key == "tasks":
        return _with_tasks(config, int(value))
    if control.task is not None:
        scenes = list(config.tasks)
        scene = scenes[control.task].model_dump() | {key.split(".")[1]: value}
        scenes[control.task] = validated(TaskScene, scene)
        return config.model_copy(update={"tasks": tuple(scenes)})
    method, _, option = key.partition(".")
    if option:
        changed = getattr(config, f"{method}_options") | {option: value}
        return validated(ToyConfig, _shallow(config) | {f"{method}_options": changed})
    update: dict[str, Any] = {key: value}
    if key in METHODS and value != getattr(config, key):
        update[f"{key}_options"] = {}
    return validated(ToyConfig, _shallow(config) | update)


def _with_tasks(config: ToyConfig, count: int) -> ToyConfig:
    scenes = list(config.tasks[:count])
    while len(scenes) < count:
        last = scenes[-1]
        scenes.append(last.model_copy(update={"angle": (last.angle + 210) % 360 - 180}))
    own = tuple(point for point in config.own_points if point[0] < count)
    return validated(ToyConfig, _shallow(config) | {"tasks": tuple(scenes), "own_points": own})


def _shallow(config: ToyConfig) -> dict[str, Any]:
    return {name: getattr(config, name) for name in ToyConfig.model_fields}


def validated(model: type[Model], values: Mapping[str, Any]) -> Model:
    """The model made of these values.

    Raises:
        ConfigError: One sentence about the first thing that is wrong.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        given = "" if first["type"] == "value_error" else f", got {first['input']!r:.60}"
        raise ConfigError(f"{f'`{where}`: ' if where else ''}{message}{given}.") from None
