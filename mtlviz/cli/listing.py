"""What `mtlviz train` can list: the presets, and every setting with its default and choices."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from mtlviz.engine.config import fields
from mtlviz.engine.presets import PRESETS
from mtlviz.methods import Registry, Spec

WIDTH = 100
_BOUNDS = {"ge": "from {:,}", "gt": "above {:,}", "le": "to {:,}", "lt": "below {:,}"}
_HEADING = (
    "Each setting with its default; presets and files set others. N is a task's number, from 0."
)


def preset_list() -> str:
    """Every preset with its title, one a line."""
    return "\n".join(f"{name:28} {entry.title}" for name, entry in PRESETS.items())


def described() -> str:
    """Every setting with its default, what it means, and what is allowed."""
    from mtlviz.engine.choices import METHODS

    lines = (line for place, field in fields() for line in _lines(place, field, METHODS))
    return "\n".join([_HEADING, *lines])


def _lines(place: str, field: FieldInfo, registries: Mapping[str, Registry]) -> Iterator[str]:
    """One setting."""
    yield f"{place} = {_default(field)}"
    known = registries.get(place)
    allowed = f"One of: {', '.join(known)}." if known else _allowed(field)
    text = f"{field.description} {allowed}".strip()
    yield from textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ")
    for name, method in registries.get(_chosen_by(place), {}).items():
        for line in _options(name, method):
            yield from textwrap.wrap(
                line, WIDTH, initial_indent="      ", subsequent_indent=" " * 8
            )


def _chosen_by(place: str) -> str:
    """The setting that names the method whose options are given here; empty if none are."""
    if place.endswith(".options"):
        return place.removesuffix("options") + "source"
    return place.removesuffix("_options") if place.endswith("_options") else ""


def _options(name: str, spec: Spec) -> Iterator[str]:
    """The options of one method, with their defaults and what they mean."""
    from mtlviz.engine.choices import FROM_DATA

    for option in spec.options:
        default = "(must be given)" if option.required else json.dumps(option.default)
        if option.required and option.name in FROM_DATA:
            default = "(taken from the data)"
        yield f"{name}: {option.name} = {default} {option.help}"


def _default(field: FieldInfo) -> str:
    """The value a setting has if nobody gives one, as JSON."""
    return (
        "(must be given)"
        if field.is_required()
        else json.dumps(field.get_default(call_default_factory=True))
    )


def _allowed(field: FieldInfo) -> str:
    """What a setting may be, in words; nothing where its description says all."""
    kinds = _kinds(field.annotation)
    empty = " or null" if type(None) in kinds else ""
    for kind in kinds:
        if get_origin(kind) is Literal:
            return f"One of: {', '.join(map(str, get_args(kind)))}{empty}."
    if bool in kinds:
        return "true or false."
    names = {int: "A whole number", float: "A number"}
    found = [names[kind] for kind in kinds if kind in names]
    if not found:
        return ""
    return " ".join(filter(None, (found[0], _bounds(field.metadata)))) + f"{empty}."


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of a type."""
    is_union = get_origin(annotation) in (Union, UnionType)
    return get_args(annotation) if is_union else (annotation,)


def _bounds(metadata: Iterable[object]) -> str:
    """The range of a number."""
    return " ".join(
        words.format(getattr(bound, name))
        for name, words in _BOUNDS.items()
        for bound in metadata
        if hasattr(bound, name)
    )
