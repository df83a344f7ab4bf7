"""Settings: frozen objects that check themselves and travel in links, files and widgets.

A field is declared once, with `setting`: its default, its range, its group, and the words of its
control. Everything else is derived from that: the widget, the help, the link, the check.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import NoneType
from typing import Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from mtlviz.access import current
from mtlviz.errors import ConfigError
from mtlviz.value_text import exact, kinds_of, literals_of, read_text, short, written

GROUPS: Mapping[str, str] = {
    "Data": "What the tasks bring.",
    "Capacity": "What the tasks share.",
    "Optimisation": "Who moves the shared weights, and when.",
}
"""The three groups of controls, everywhere the same, and what each is about."""

ControlKind = Literal["choice", "int", "float", "bool", "text", "list"]
Choices = Mapping[Any, str]
_GOT = re.compile(r", got .*\.$", re.DOTALL)
_OUTSIDE = ("greater_than_equal", "less_than_equal")
_EXTRA = "mtlviz"


@dataclass(frozen=True)
class Text:
    """How a value stands in a link, where the usual way is not short enough.

    Attributes:
        write: The value as text.
        read: The value that a text stands for; raises ValueError where it stands for none.
        form: What it must be, for the sentence that says that it is not; `read` says it if empty.
    """

    write: Callable[[Any], str]
    read: Callable[[str], object]
    form: str = "cannot be read"


@dataclass(frozen=True)
class Control:
    """What a person can change: where it is, what it is called, and what is allowed.

    Attributes:
        path: Dotted place of the setting, such as `optimisation.epochs`.
        choices: Values to choose from, with what each is called; empty where it is free.
        optional: Whether it may be left empty.
        visible: Whether it matters, given all settings.
        about: What is said below a choice, such as the help of the method chosen.
        parameter: Its name in a link; the field's own name if empty.
        linked: Whether a link carries it.
        text: How it stands in a link, where the usual way is not short enough.
        typed: How a person types it, where it is neither a number nor one of a few.
    """

    path: str = ""
    title: str = ""
    help: str = ""
    group: str = ""
    kind: ControlKind = "text"
    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""
    choices: Choices | Callable[[], Choices] | None = None
    optional: bool = False
    visible: Callable[[Any], bool] | None = None
    about: Callable[[Any], str] | None = None
    parameter: str = ""
    linked: bool = True
    text: Text | None = None
    typed: Text | None = None

    def offered(self) -> Choices:
        """The values to choose from, with what each is called; empty where it is free."""
        return self.choices() if callable(self.choices) else self.choices or {}


def setting(  # noqa: PLR0913 (a setting is declared once, in one call, by names)
    default: Any = ...,
    title: str = "",
    help: str = "",
    group: str = "",
    *,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    choices: Choices | Callable[[], Choices] | None = None,
    unit: str = "",
    visible: Callable[[Any], bool] | None = None,
    about: Callable[[Any], str] | None = None,
    parameter: str = "",
    linked: bool = True,
    text: Text | None = None,
    typed: Text | None = None,
    **field: Any,
) -> Any:
    """A field of `Settings` together with its control; `field` goes to pydantic's own `Field`."""
    control = Control(
        title=title, help=help, group=group, low=low, high=high, step=step, choices=choices,
        unit=unit, visible=visible, about=about, parameter=parameter, linked=linked, text=text,
        typed=typed,
    )  # fmt: skip
    if "default_factory" not in field:
        field["default"] = default
    return Field(
        title=title or None, description=help or None, ge=low, le=high,
        json_schema_extra={_EXTRA: control}, **field,
    )  # fmt: skip


class Settings(BaseModel):
    """The base of all settings: frozen, without unknown fields, wrong in one sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    link_prefix: ClassVar[str] = ""
    """What the names of these settings begin with in links, and in sentences on them."""

    @classmethod
    def checked(cls, values: Mapping[str, object]) -> Self:
        """Settings made of these values.

        Raises:
            ConfigError: One sentence on the first that is not allowed.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigError(cls.sentence(error)) from None

    def changed(self, **values: object) -> Self:
        """The same settings with some of them changed.

        Raises:
            ConfigError: A value is not allowed.
        """
        return self.checked(dict(self) | values)

    def changed_at(self, path: str, value: object) -> Self:
        """The same settings with the one at a dotted path changed.

        Raises:
            ConfigError: There is no such setting, or the value is not allowed.
        """
        return self.with_values({path: value})

    def with_values(self, changes: Mapping[str, object]) -> Self:
        """The same settings with some of them changed; the values may fit each other only in sum.

        Args:
            changes: New values by dotted path.

        Raises:
            ConfigError: There is no such setting, or a value is not allowed.
        """
        if all("." not in path for path in changes):
            return self.changed(**changes)
        values = self.model_dump(mode="json")
        for path, value in changes.items():
            _put(values, path, value)
        return self.checked(values)

    def value_at(self, path: str) -> Any:
        """The value at a dotted path.

        Raises:
            ConfigError: There is no such setting.
        """
        found: object = self
        for name in path.split("."):
            found = _inside(found, name, path)
        return found

    def control_at(self, path: str) -> Control:
        """The control of the setting at a path, as these settings have it.

        Raises:
            ConfigError: There is no such setting.
        """
        return self.control(path)

    @classmethod
    def control(cls, path: str) -> Control:
        """The control of the setting at a dotted path; a number in it stands for any.

        Raises:
            ConfigError: There is no such setting.
        """
        model: type[Settings] = cls
        *parents, last = path.split(".")
        for name in parents:
            if not name.isdecimal():
                model = _inner(model.model_fields[name]) if name in model.model_fields else None
            if model is None:
                raise ConfigError(f"There is no setting `{path}`.")
        if last not in model.model_fields:
            raise ConfigError(f"There is no setting `{path}`.")
        return _declared(model, last, path)

    @classmethod
    def controls(cls) -> dict[str, Control]:
        """Every field that has a group, by path: what a form shows."""
        found = {name: _declared(cls, name, name) for name in cls.model_fields}
        return {name: control for name, control in found.items() if control.group}

    def query(self, base: Self | None = None) -> dict[str, str]:
        """The parameters of a link that opens these settings: only what differs from the base."""
        start = type(self)() if base is None else base
        query = {}
        for path, value in _differences(self, start):
            control = _known(type(self), path)
            if control.linked:
                name = control.parameter or path
                # A link names no folder of this machine.
                value = current().portable(value) if isinstance(value, str) else value
                query[self.link_prefix + name] = (control.text or _usual(value)).write(value)
        return query

    @classmethod
    def read(cls, query: Mapping[str, str], base: Self | None = None) -> tuple[Self, list[str]]:
        """The settings of a link, and one sentence for each value that cannot be used.

        Parameters of others are passed over. A value that is not allowed leaves its setting as the
        base has it.

        Args:
            query: The parameters of the link.
            base: What the link starts from; the defaults if None.
        """
        start = cls() if base is None else base
        given, problems = cls._given(query)
        try:
            return start.with_values({path: value for path, (value, _) in given.items()}), problems
        except ConfigError:
            pass  # One of them is wrong: the others hold.
        for path, (value, text) in given.items():
            try:
                start = start.with_values({path: value})
            except ConfigError as error:
                # A person knows what the link says, not what was read of it.
                problems.append(_GOT.sub(lambda _, text=text: f", got {short(text)}.", str(error)))
        return start, problems

    @classmethod
    def parameters(cls) -> list[str]:
        """Names of the settings in a link, without what they begin with."""
        found = (_declared(cls, name, name) for name in cls.model_fields)
        return [control.parameter or control.path for control in found if control.linked]

    @classmethod
    def knows(cls, name: str) -> bool:
        """Whether a name in a link, without what it begins with, may be one of these settings."""
        return name.split(".")[0] in cls._names()

    def key_without(self, *paths: str) -> str:
        """A signature of these settings but for those at the paths: equal signature, equal else."""
        values = self.model_dump(mode="json")
        for path in paths:
            *parents, last = path.split(".")
            place: Any = values
            for name in parents:
                place = place[int(name) if isinstance(place, list) else name]
            place.pop(last, None)
        text = json.dumps(values, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    @classmethod
    def sentence(cls, error: ValidationError) -> str:
        """The first thing pydantic found wrong, in one sentence."""
        return sentence(error, cls)

    @classmethod
    def _names(cls) -> dict[str, str]:
        """Each field by its name in a link, which is not another part's name for something else."""
        return {_declared(cls, name, name).parameter or name: name
                for name in cls.model_fields}  # fmt: skip

    @classmethod
    def _given(cls, query: Mapping[str, str]) -> tuple[dict[str, tuple[object, str]], list[str]]:
        """Values and texts by path in the fields' order, whole lists first; and sentences."""
        given: dict[str, tuple[object, str]] = {}
        problems: list[str] = []
        names = cls._names()
        for parameter, text in query.items():
            first, *inside = parameter.removeprefix(cls.link_prefix).split(".")
            if not parameter.startswith(cls.link_prefix) or first not in names:
                continue
            path = ".".join([names[first], *inside])
            try:
                given[path] = (cls._value(path, parameter, text), text)
            except ConfigError as error:
                problems.append(str(error))
        place = list(cls.model_fields).index
        order = sorted(given, key=lambda path: (path.count("."), place(path.split(".")[0])))
        return {path: given[path] for path in order}, problems

    @classmethod
    def _value(cls, path: str, parameter: str, text: str) -> object:
        """What a text of a link stands for.

        Raises:
            ConfigError: It stands for nothing that this setting could be.
        """
        control = _known(cls, path)
        if not control.linked:
            raise ConfigError(f"A link cannot set `{parameter}`.")
        try:
            return (control.text.read if control.text else _usual_read(cls, path))(text)
        except ValueError as error:
            reason = (control.text.form if control.text else "") or str(error)
            raise ConfigError(f"`{parameter}` {reason}, got {short(text)}.") from None


@lru_cache(maxsize=4096)
def _declared(model: type[BaseModel], name: str, path: str) -> Control:
    """The control of a model's field, worked out once."""
    return control_of(path, model.model_fields[name])


def control_of(path: str, field: FieldInfo) -> Control:
    """The control of a field, completed from its type and limits."""
    extra = field.json_schema_extra
    declared = extra.get(_EXTRA) if isinstance(extra, dict) else None
    declared = declared if isinstance(declared, Control) else Control()
    kinds = kinds_of(field.annotation)
    limits = {name: getattr(limit, name) for limit in field.metadata
              for name in ("ge", "gt", "le", "lt") if hasattr(limit, name)}  # fmt: skip
    names = [each for kind in kinds for each in literals_of(kind)]
    plain = path.split(".")[-1].replace("_", " ").capitalize()
    values = vars(declared) | {
        "path": path,
        "title": declared.title or field.title or plain,
        "help": declared.help or field.description or "",
        "choices": declared.choices or {name: str(name) for name in names} or None,
        "low": declared.low if declared.low is not None else limits.get("ge"),
        "high": declared.high if declared.high is not None else limits.get("le"),
        "optional": NoneType in kinds,
    }  # fmt: skip
    return Control(**values | {"kind": _kind(kinds, bool(values["choices"]))})


def sentence(error: ValidationError, model: type[Settings] | None = None) -> str:
    """The first thing pydantic found wrong, in one sentence.

    Args:
        error: What pydantic raised.
        model: The settings it was raised for, which know names and what is allowed.
    """
    return sentences(error, model)[0]


def sentences(error: ValidationError, model: type[Settings] | None = None) -> list[str]:
    """All that pydantic found wrong, a sentence each; see `sentence`."""
    found = error.errors(include_url=False, include_context=False)
    return [_told(each, model) for each in found]


def _told(found: Mapping[str, Any], model: type[Settings] | None) -> str:
    place = ".".join(str(part) for part in found["loc"])
    control = Control() if model is None else _known(model, place)
    name = f"`{'' if model is None else model.link_prefix}{control.parameter or place}`"
    if found["type"] == "extra_forbidden":
        return f"There is no setting {name}."
    if found["type"] == "missing":
        return f"The setting {name} is missing."
    message = _allowed(found["type"], control) or _plain(found["msg"])
    if not place:
        return f"{message[0].upper()}{message[1:]}."
    return f"{name} {message}, got {short(found['input'])}."


def _allowed(kind: str, control: Control) -> str:
    """What is allowed, where the control knows it and pydantic says only half of it."""
    if kind.startswith(("int_", "float_")):
        return f"should be a {'whole ' if kind.startswith('int_') else ''}number"
    if kind == "literal_error":
        return f"must be one of {', '.join(map(str, control.offered()))}"
    if kind in _OUTSIDE and control.low is not None and control.high is not None:
        low, high = (str(end) if isinstance(end, int) else exact(end)
                     for end in (control.low, control.high))  # fmt: skip
        return f"must be from {low} to {high}"
    return ""


def _plain(message: str) -> str:
    """Pydantic's message as a person says it."""
    message = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message = message.removeprefix("Input ").removeprefix("String ").rstrip(".")
    # What Python calls a tuple is a list in a settings file; so is what pydantic counts in it.
    return message.replace("valid tuple", "list").replace("Tuple should", "should")


def _usual(value: object) -> Text:
    """How a value stands in a link where its field says nothing else."""
    return Text(written, str)


def _usual_read(model: type[Settings], path: str) -> Callable[[str], object]:
    annotation = _annotation(model, path)
    return lambda text: read_text(text, annotation, f"`{model.link_prefix}{path}`")


def _kind(kinds: set[Any], limited: bool) -> ControlKind:
    if any(get_origin(kind) is tuple for kind in kinds):
        return "list"
    if limited:
        return "choice"
    named: tuple[tuple[Any, ControlKind], ...] = ((bool, "bool"), (float, "float"), (int, "int"))
    return next((name for kind, name in named if kind in kinds), "text")


def _inner(field: FieldInfo) -> type[Settings] | None:
    """The settings inside a field: its own, or those of each of its list."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _known(model: type[Settings], path: str) -> Control:
    """The control at a path; a plain one inside what is no settings object, such as options."""
    try:
        return model.control(path)
    except ConfigError:
        return Control(path=path)


def _annotation(model: type[BaseModel], path: str) -> Any:
    """The type of the field at a path; None inside what is no settings object."""
    found: Any = model
    for name in path.split("."):
        if name.isdecimal():
            continue
        if not (isinstance(found, type) and issubclass(found, BaseModel)):
            return None
        if name not in found.model_fields:
            return None
        field = found.model_fields[name]
        found = _inner(field) or field.annotation
    last = path.split(".")[-1]
    return found if last.isdecimal() or not isinstance(found, type) else _whole(model, path, found)


def _whole(model: type[BaseModel], path: str, found: Any) -> Any:
    """A list of settings is read as such, not as one of them."""
    return None if issubclass(found, BaseModel) else found


def _differences(now: object, start: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Paths at which two settings differ; lists of another length and options are one value."""
    if now == start:
        return
    if isinstance(now, BaseModel) and isinstance(start, BaseModel):
        for name in type(now).model_fields:
            inside = f"{path}.{name}".lstrip(".")
            values = getattr(now, name), getattr(start, name)
            # What has a text of its own is one value.
            whole = _declared(type(now), name, name).text is not None and values[0] != values[1]
            yield from [(inside, values[0])] if whole else _differences(*values, inside)
    elif _same_list(now, start):
        for number, (value, old) in enumerate(zip(now, start, strict=True)):  # type: ignore[call-overload]
            yield from _differences(value, old, f"{path}.{number}")
    else:
        yield path, now


def _same_list(now: object, start: object) -> bool:
    """Whether both are lists of settings of one length and the same names."""
    if not (isinstance(now, tuple) and isinstance(start, tuple)) or len(now) != len(start):
        return False
    if not all(isinstance(each, BaseModel) for each in (*now, *start)):
        return False
    return _names(now) == _names(start)


def _names(models: Sequence[object]) -> list[object]:
    return [getattr(each, "name", "") for each in models]


def _put(values: Any, path: str, value: object) -> None:
    *parents, last = path.split(".")
    place = values
    for name in parents:
        place = _inside(place, name, path)
    if isinstance(place, dict):
        place[last] = value  # A name that is unknown is found by the check that follows.
    elif isinstance(place, list):
        _inside(place, last, path)
        place[int(last)] = value
    else:
        raise ConfigError(f"There is no setting `{path}`.")


def _inside(place: Any, name: str, path: str) -> Any:
    """One step down a dotted path."""
    if isinstance(place, tuple | list) and name in map(str, range(len(place))):
        return place[int(name)]
    if isinstance(place, dict) and name in place:
        return place[name]
    if isinstance(place, BaseModel) and name in type(place).model_fields:
        return getattr(place, name)
    raise ConfigError(f"There is no setting `{path[:60]}`: {short(name)} was not found.")
