"""Random settings of every page, drawn from what their controls say is allowed."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args, get_origin

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from mtlviz.access import current
from mtlviz.engine.choices import METHODS
from mtlviz.errors import ConfigError
from mtlviz.limits import control_character
from mtlviz.settings import Control, Settings, control_of
from mtlviz.toy.config import ToyConfig
from mtlviz.ui.core.part import Part
from mtlviz.ui.pages import PAGES
from mtlviz.value_text import kinds_of

Strategy = st.SearchStrategy[Any]
Place = tuple[str, Strategy]
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12).filter(
    lambda text: current().portable(text) == text
)
_NAMES = sorted({name for registry in METHODS.values() for name in registry})
_LEAST, _MOST = -(10**9), 10**12  # A link's whole numbers have at most twenty digits.


@cache
def places(part: Part[Any]) -> list[Place]:
    """Every setting of a page that a link can carry, by its path, with values that it may have."""
    start = next(iter(part.presets.values()), None) or part.model()
    if isinstance(start, ToyConfig):
        options = [(path, _of_control(each)) for path, each in start.controls().items()]
        return [("own", _own_points()), *options]
    return [(path, values) for path, values in _places(part.model) if _is_there(start, path)]


def settings_of(part: Part[Any], *only: str) -> Strategy:
    """A preset, and settings that a visitor can come to from it: any changes that are allowed.

    Args:
        part: The settings' part.
        only: The settings that may be changed; all if empty.
    """
    changed = {path: values for path, values in places(part) if not only or path in only}
    presets = st.sampled_from(list(part.presets) or [""])
    changes = st.fixed_dictionaries({}, optional=changed)
    return st.tuples(presets, changes).map(lambda drawn: (drawn[0], _changed(part, *drawn)))


def _changed(part: Part[Any], preset: str, given: Mapping[str, object]) -> Settings:
    now = part.presets[preset] if part.presets else part.model()
    for path, value in given.items():
        try:
            now = now.changed_at(path, value)
        except ConfigError:
            continue  # What another setting forbids is not on the screen.
    return now


def _is_there(settings: Settings, path: str) -> bool:
    try:
        settings.value_at(path)
    except ConfigError:
        return False
    return True


def _places(model: type[Settings], start: str = "") -> Iterator[Place]:
    for name, field in model.model_fields.items():
        control, path, inner = control_of(name, field), f"{start}{name}", _inner(field.annotation)
        if inner is None or control.kind == "list":
            yield from [(path, _of_field(model, name))] if control.linked else []
        if inner is not None:
            yield from _places(inner, f"{path}.0." if control.kind == "list" else f"{path}.")


def _of_field(model: type[Settings], name: str) -> Strategy:
    field = model.model_fields[name]
    control, words = control_of(name, field), _words(model, name)
    if name in _SPECIAL:
        return _SPECIAL[name]
    if get_origin(field.annotation) is dict:
        return _options()
    if control.kind != "list":
        return _of_control(control, words, _excluded(field))
    kind = next(kind for kind in kinds_of(field.annotation) if get_origin(kind) is tuple)
    return (st.none() if control.optional else st.nothing()) | _tuples(kind, words)


def _of_control(
    control: Control, words: Strategy = TEXTS, outside: Mapping[str, float] | None = None
) -> Strategy:
    """Values as the control says: its choices, or its kind within its ends."""
    outside = outside or {}
    low, high = control.low, control.high
    if control.choices:
        found: Strategy = st.sampled_from(list(control.offered()))
    elif control.kind == "bool":
        found = st.booleans()
    elif control.kind == "int":
        found = st.integers(_LEAST if low is None else int(low), int(high or _MOST))
    elif control.kind == "float":
        ends = (outside.get("gt", _LEAST if low is None else low),
                outside.get("lt", high or _MOST))  # fmt: skip
        found = st.floats(*ends, exclude_min="gt" in outside, exclude_max="lt" in outside)
    else:
        found = words
    return st.none() | found if control.optional else found


def _excluded(field: FieldInfo) -> dict[str, float]:
    """Ends of a range that do not belong to it."""
    return {name: float(getattr(each, name)) for each in field.metadata
            for name in ("gt", "lt") if hasattr(each, name)}  # fmt: skip


def _tuples(kind: Any, words: Strategy) -> Strategy:
    """Lists, or tuples of a certain length, of what their type says."""
    inside = get_args(kind)
    if inside[-1] is not Ellipsis:
        return st.tuples(*(_elements(each, words) for each in inside))
    return st.lists(_elements(inside[0], words), max_size=4, unique_by=str).map(tuple)


def _elements(kind: Any, words: Strategy) -> Strategy:
    if get_origin(kind) is tuple:
        return _tuples(kind, words)
    if isinstance(kind, type) and issubclass(kind, Settings):
        return _models(kind)
    return {int: st.integers(1, 60), float: st.floats(-3, 3), str: words}[kind]


def _models(model: type[Settings]) -> Strategy:
    """One of a list of settings, such as a task."""
    known = {name: _models(inner) if (inner := _inner(field.annotation)) else _of_field(model, name)
             for name, field in model.model_fields.items()}  # fmt: skip
    named = {name: known.pop(name).filter(bool) for name, field in model.model_fields.items()
             if field.is_required()}  # fmt: skip
    return st.fixed_dictionaries(named, optional=known).map(model.checked)


def _words(model: type[Settings], name: str) -> Strategy:
    """Any text where any is allowed; else those names of methods that are."""
    if name == "name":  # One line: a terminal would obey the rest.
        return TEXTS.filter(lambda text: bool(text) and not control_character(text))
    if _allows(model, name, "zq"):
        return TEXTS if _allows(model, name, "") else TEXTS.filter(bool)
    names = [word for word in _NAMES if _allows(model, name, word)]
    return st.sampled_from(names) if names else TEXTS


def _allows(model: type[Settings], name: str, word: str) -> bool:
    field = model.model_fields[name]
    is_list = control_of(name, field).kind == "list"
    try:
        model().changed(**{name: (word,) if is_list else word})
    except (ConfigError, ValueError):
        return False
    return True


def _options() -> Strategy:
    """Options of a method: any that JSON can say."""
    numbers = st.integers(_LEAST, _MOST) | st.floats(-1e9, 1e9)
    return st.dictionaries(TEXTS, numbers | st.booleans() | TEXTS | st.none(), max_size=3)


def _gram() -> Strategy:
    sides = st.tuples(st.floats(0.1, 3), st.floats(0.1, 3), st.floats(-0.9, 0.9))
    return st.none() | sides.map(
        lambda s: ((s[0] ** 2, s[0] * s[1] * s[2]), (s[0] * s[1] * s[2], s[1] ** 2))
    )


def _own_points() -> Strategy:
    """Painted points, as fine as a hand can paint: a link carries two decimals."""
    place = st.integers(-1000, 1000).map(lambda hundredths: hundredths / 100)
    points = st.tuples(st.integers(0, 1), place, place, st.integers(0, 1))
    table = [(task, x, 0.25, label) for task in range(3) for x in (1.0, -1.0) for label in (0, 1)]
    tables = st.integers(2, 3).map(lambda tasks: tuple(table[: 4 * tasks]))
    return tables | st.lists(points, max_size=5).map(tuple)


_SPECIAL: Mapping[str, Strategy] = {
    "gram": _gram(),
    "by": st.none() | st.lists(TEXTS.filter(bool), max_size=4).map(tuple),
    "runs": st.none() | st.sets(st.integers(0, 10**8), max_size=5).map(sorted).map(tuple),
    "order": st.integers(2, 5).flatmap(lambda tasks: st.permutations(range(tasks)).map(tuple)),
}
"""Settings whose parts must fit each other, which no control says."""


def _inner(annotation: Any) -> type[Settings] | None:
    """The settings inside a field: its own, or those of each of its list."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Settings):
            return kind
    return None


PARTS: Mapping[str, Part[Any]] = {
    part.name: part for page in PAGES for part in page.parts()
    if places(part)
}  # fmt: skip
"""The parts of all pages that a link carries anything of, by their names."""
