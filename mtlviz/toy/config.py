"""The toy lab's settings: read and changed by the names of their controls; as links and files."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Self

from mtlviz.errors import ConfigError
from mtlviz.limits import parse_json
from mtlviz.methods import Option
from mtlviz.settings import Control, control_of
from mtlviz.toy.fields import MAX_TASKS, METHODS, TaskScene, ToyFields
from mtlviz.value_text import exact, read_text, short

Value = str | int | float
VERSION = 1
MAX_LINKED_POINTS = 60
_OF_TASK = re.compile(r"t(\d{1,3})\.(\w+)")


class ToyConfig(ToyFields):
    """Everything that decides what the toy lab shows.

    Its controls have short names: `tasks` is their number, `t1.angle` the first task's boundary,
    `scheduler.temperature` an option of the method chosen.
    """

    def controls(self) -> Mapping[str, Control]:
        """The controls that these settings have: those of their own tasks and of their methods."""
        return _controls(len(self.tasks), self.scheduler, self.combiner)

    def control_at(self, path: str) -> Control:
        """The control of this name.

        Raises:
            ConfigError: These settings have no such control.
        """
        if path not in self.controls():
            raise ConfigError(
                f"There is no control {path!r} in a configuration of {len(self.tasks)} tasks."
            )
        return self.controls()[path]

    def value_at(self, path: str) -> Any:
        """The value of a control.

        Raises:
            ConfigError: These settings have no such control.
        """
        self.control_at(path)
        if path == "tasks":
            return len(self.tasks)
        if place := _of_task(path):
            return getattr(self.tasks[place[0]], place[1])
        method, _, option = path.partition(".")
        if not option:
            return getattr(self, path)
        known = METHODS[method][getattr(self, method)]
        return getattr(self, f"{method}_options").get(option, known.defaults[option])

    def changed_at(self, path: str, value: object) -> Self:
        """These settings with one control changed, checked."""
        return self.with_values({path: value})

    def with_values(self, values: Mapping[str, object]) -> Self:
        """These settings with some controls changed, checked.

        A further task starts as a copy of the last one, turned by 30 degrees; a newly chosen method
        starts with its own default options.

        Raises:
            ConfigError: One sentence about the first value that is not allowed.
        """
        config = self
        together: dict[str, object] = {}  # A table is nothing without its points.
        for path in sorted(values, key=_order):
            if path in ("own", "source"):
                together |= {"own_points" if path == "own" else path: _plain(path, values[path])}
            else:
                config = config._with_one(path, values[path])
        return config.changed(**together) if together else config

    def query(self, base: Self | None = None) -> dict[str, str]:
        """The parameters of a link that opens these settings: only what differs from the base.

        Own points travel in the link up to 60; see `left_out` for the sentence about more.
        """
        start = type(self)() if base is None else base
        query = {}
        if len(start.tasks) != len(self.tasks):
            query["tasks"] = str(len(self.tasks))
            start = start.changed_at("tasks", len(self.tasks))
        for method in METHODS:
            if getattr(start, method) != getattr(self, method):
                start = start.changed_at(method, getattr(self, method))
                query[method] = getattr(self, method)
        for path in self.controls():
            value = self.value_at(path)
            if value != start.value_at(path) and not (path == "source" and left_out(self)):
                query[path] = _written(value)
        if self.own_points and not left_out(self):
            query["own"] = _OWN.write(self.own_points)
        return query

    @classmethod
    def parameters(cls) -> list[str]:
        """Names of the controls in a link."""
        return [*CONTROLS, "own"]

    @classmethod
    def knows(cls, name: str) -> bool:
        """Whether a name in a link may be one of these settings."""
        method, _, option = name.partition(".")
        return name in cls.parameters() or bool((option and method in METHODS) or _of_task(name))

    @classmethod
    def _given(cls, query: Mapping[str, str]) -> tuple[dict[str, tuple[object, str]], list[str]]:
        # What a text means is known where it is set: options depend on the method chosen.
        names = sorted(filter(cls.knows, query), key=_order)
        return {name: (query[name], query[name]) for name in names}, []

    def _with_one(self, path: str, given: object) -> Self:
        value = _read(self.control_at(path), given)
        if path == "tasks":
            return self._with_tasks(value)
        if place := _of_task(path):
            return self._with_scene(*place, value)
        method, _, option = path.partition(".")
        if option:
            return self._with_option(method, option, value)
        if path in METHODS and value != getattr(self, path):
            return self.changed(**{path: value, f"{path}_options": {}})
        return self.changed(**{path: value})

    def _with_option(self, method: str, option: str, value: object) -> Self:
        name = f"{method}_options"
        options = getattr(self, name) | {option: value}
        if value == METHODS[method][getattr(self, method)].defaults[option]:
            del options[option]  # What is as usual is told by no link.
        return self.changed(**{name: options})

    def _with_scene(self, task: int, name: str, value: object) -> Self:
        scenes = list(self.tasks)
        try:
            scenes[task] = scenes[task].changed(**{name: value})
        except ConfigError as error:
            told = str(error).replace(f"`{name}`", f"`t{task + 1}.{name}`", 1)
            raise ConfigError(told) from None
        return self.model_copy(update={"tasks": tuple(scenes)})

    def _with_tasks(self, count: object) -> Self:
        if not isinstance(count, int) or not 2 <= count <= MAX_TASKS:
            raise ConfigError(f"`tasks` must be from 2 to {MAX_TASKS}, got {short(count)}.")
        scenes = list(self.tasks[:count])
        while len(scenes) < count:
            angle = (scenes[-1].angle + 210) % 360 - 180
            scenes.append(scenes[-1].model_copy(update={"angle": angle}))
        own = tuple(point for point in self.own_points if point[0] < count)
        return self.changed(tasks=tuple(scenes), own_points=own)


_OWN = ToyConfig.control("own_points").text


def left_out(config: ToyConfig) -> str | None:
    """The sentence to show when a link cannot carry the own points, or None."""
    if len(config.own_points) <= MAX_LINKED_POINTS:
        return None
    return (
        f"The link leaves out the {len(config.own_points)} own points: "
        f"a link carries at most {MAX_LINKED_POINTS}, so save a file instead."
    )


def to_json(config: ToyConfig) -> str:
    """The whole configuration as a file."""
    content = {"kind": "toy", "version": VERSION, **config.model_dump(mode="json")}
    return json.dumps(content, indent=1)


def from_json(text: str | bytes) -> ToyConfig:
    """The configuration of a file.

    Raises:
        ConfigError: If the text is not such a file, is of a newer version, or holds a value that
            is not allowed.
    """
    content = parse_json(text, "The file")
    if not isinstance(content, dict) or content.pop("kind", None) != "toy":
        raise ConfigError('The file is not a toy configuration: it must say "kind": "toy".')
    version = content.pop("version", None)
    if not isinstance(version, int) or isinstance(version, bool) or version > VERSION:
        raise ConfigError(
            f"The file has version {version!r}, and this app reads versions up to {VERSION}."
        )
    return ToyConfig.checked(content)


def _of_task(path: str) -> tuple[int, str] | None:
    """The task, counted from 0, and the name of what is set of it."""
    found = _OF_TASK.fullmatch(path)
    return (int(found[1]) - 1, found[2]) if found else None


def _order(path: str) -> int:
    """The number of tasks first, then the methods, then what depends on them."""
    return 0 if path == "tasks" else 1 if "." not in path else 2


def _plain(path: str, value: object) -> object:
    """Own points from a link's text."""
    if path != "own" or not isinstance(value, str):
        return value
    try:
        return _OWN.read(value)
    except ValueError:
        raise ConfigError(f"`own` {_OWN.form}, got {short(value)}.") from None


def _read(control: Control, value: object) -> Any:
    """A value in its own kind, also where a link gave it as text.

    Raises:
        ConfigError: The text stands for none.
    """
    if not isinstance(value, str) or control.kind not in ("int", "float", "bool", "choice"):
        return value
    if control.kind == "choice":
        return next((each for each in control.offered() if str(each) == value), value)
    kind: Any = {"int": int, "float": float, "bool": bool}[control.kind]
    try:
        return read_text(value, kind | None if control.optional else kind)
    except ValueError as error:
        low, high = control.low, control.high
        ends = "" if low is None or high is None else f" from {exact(low)} to {exact(high)}"
        raise ConfigError(f"`{control.path}` {error}{ends}, got {short(value)}.") from None


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return exact(value) if isinstance(value, float) else "" if value is None else str(value)


@lru_cache(maxsize=256)
def _controls(tasks: int, scheduler: str, combiner: str) -> Mapping[str, Control]:
    fields = {name: control_of(name, field) for name, field in ToyConfig.model_fields.items()}
    count = replace(fields.pop("tasks"), kind="int", low=2, high=MAX_TASKS, step=1)
    found = {"tasks": count}
    for task in range(1, tasks + 1):
        for name, field in TaskScene.model_fields.items():
            control = control_of(f"t{task}.{name}", field)
            found[control.path] = replace(control, title=f"Task {task}: {control.title.lower()}")
    found |= {name: control for name, control in fields.items() if control.group}
    for method, name in (("scheduler", scheduler), ("combiner", combiner)):
        options = METHODS[method][name].options
        found |= {f"{method}.{each.name}": _option(method, name, each) for each in options
                  if each.kind != "values" and not each.required}  # fmt: skip
    return MappingProxyType(found)


def _option(method: str, name: str, option: Option) -> Control:
    """The control of a method's own option."""
    # The ends of its range are for the method to judge, which says which of them belong to it.
    return Control(
        path=f"{method}.{option.name}",
        title=option.title,
        help=option.help or f"Option of the {method} {name}.",
        group="Optimisation",
        kind="choice" if option.choices else _WIDGETS.get(option.kind, "text"),
        choices={value: str(value) for value in option.choices} or None,
        optional=option.may_be_none,
    )


_WIDGETS: Mapping[str, Any] = {"integer": "int", "number": "float", "truth": "bool"}
CONTROLS: Mapping[str, Control] = _controls(MAX_TASKS, "joint", "sum")
"""The controls of as many tasks as there may be."""
