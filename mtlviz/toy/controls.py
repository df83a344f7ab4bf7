"""One table of controls, derived from the settings: it drives widgets, links, checks and tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, get_args

from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.errors import ConfigError
from mtlviz.methods import Option
from mtlviz.toy.fields import MAX_TASKS, TaskScene, ToyConfig

Value = str | int | float
METHODS = {"scheduler": SCHEDULERS, "combiner": COMBINERS}


@dataclass(frozen=True)
class Control:
    """What a person can change: its label, its help and its allowed values.

    Attributes:
        key: Name in links and files: `t1.angle`, `capacity`, `combiner`, ...
        task: Task it belongs to, counted from 0, or None.
    """

    key: str
    title: str
    help: str
    group: str
    kind: Literal["choice", "int", "float"]
    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    task: int | None = None

    @property
    def label(self) -> str:
        """The title, with the task's name in front where there is one."""
        return self.title if self.task is None else f"Task {self.task + 1}: {self.title.lower()}"

    def check(self, value: object) -> Value:
        """The value in its own type.

        Raises:
            ConfigError: If it is not allowed; the sentence says what is.
        """
        if self.kind == "choice":
            if value not in self.choices:
                raise ConfigError(
                    f"{self.label} must be one of {', '.join(self.choices)}, got {value!r}."
                )
            return str(value)
        number = self._number(value)
        if not self._lower() <= number <= self._upper():
            raise ConfigError(f"{self.label} must be {self._range()}, got {value}.")
        return number

    def _number(self, value: object) -> int | float:
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise ConfigError(f"{self.label} must be {self._range()}, got {value!r}.") from None
        if self.kind == "float":
            return number
        if not number.is_integer():
            raise ConfigError(
                f"{self.label} must be a whole number {self._range()}, got {value!r}."
            )
        return int(number)

    def _lower(self) -> float:
        return float("-inf") if self.low is None else self.low

    def _upper(self) -> float:
        return float("inf") if self.high is None else self.high

    def _range(self) -> str:
        if self.low is None or self.high is None:
            return "a number"
        return f"between {self.low:g} and {self.high:g}"


def _bounds(metadata: list[Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for constraint in metadata:
        for name, key in (("ge", "low"), ("le", "high"), ("min_length", "low"),
                          ("max_length", "high")):  # fmt: skip
            if hasattr(constraint, name):
                found[key] = getattr(constraint, name)
    return found


def _control(model: type[TaskScene | ToyConfig], name: str, task: int | None) -> Control | None:
    """The control of one field, or None for a field that is not one value."""
    field = model.model_fields[name]
    extra = field.json_schema_extra
    if not isinstance(extra, dict) or name == "own_points":
        return None
    choices = tuple(METHODS[name]) if name in METHODS else get_args(field.annotation)
    if name == "tasks":
        choices = ()
    kind = "choice" if choices else ("float" if field.annotation is float else "int")
    return Control(
        key=name if task is None else f"t{task + 1}.{name}",
        title=field.title or name,
        help=field.description or "",
        group=str(extra["group"]),
        kind=kind,
        step=None if choices else float(extra["step"]),  # type: ignore[arg-type]
        unit=str(extra.get("unit", "")),
        choices=choices,
        task=task,
        **_bounds(field.metadata),
    )


def _table() -> dict[str, Control]:
    found = [_control(ToyConfig, "tasks", None)]
    for task in range(MAX_TASKS):
        found += [_control(TaskScene, name, task) for name in TaskScene.model_fields]
    found += [_control(ToyConfig, name, None) for name in ToyConfig.model_fields if name != "tasks"]
    return {control.key: control for control in found if control is not None}


CONTROLS: dict[str, Control] = _table()


def controls_of(config: ToyConfig) -> Mapping[str, Control]:
    """The controls that this configuration has: those of its own tasks and of its methods."""
    return _controls(len(config.tasks), config.scheduler, config.combiner)


@lru_cache(maxsize=256)
def _controls(tasks: int, scheduler: str, combiner: str) -> Mapping[str, Control]:
    present = {
        key: control
        for key, control in CONTROLS.items()
        if control.task is None or control.task < tasks
    }
    for method, name in (("scheduler", scheduler), ("combiner", combiner)):
        present |= _option_controls(method, name)
    return MappingProxyType(present)


def _option_controls(method: str, name: str) -> dict[str, Control]:
    """The controls of a method's own options."""
    return {
        f"{method}.{option.name}": Control(
            key=f"{method}.{option.name}",
            title=option.title,
            help=option.help or f"Option of the {method} {name}.",
            group="Optimisation",
            **_option_kind(option),
        )
        for option in METHODS[method][name].options
    }


def _option_kind(option: Option) -> dict[str, Any]:
    """Kind and range of an option's control."""
    if isinstance(option.default, str):
        return {"kind": "choice", "choices": option.choices}
    kind = "int" if isinstance(option.default, int) else "float"
    if option.choices:
        return {"kind": kind, "low": min(option.choices), "high": max(option.choices), "step": 1}
    # The ends of its range are for the method to judge, which says which of them belong to it.
    return {"kind": kind}
