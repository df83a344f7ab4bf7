"""Values as the text of a link, and back: exact for every value, one sentence where it is none."""

import json
import re
from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from urllib.parse import unquote

from pydantic import BaseModel

from mtlviz.limits import parse_json

_LONGEST = 60  # Characters of a wrong value that a sentence repeats.
_NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,3})?")


def short(value: object) -> str:
    """A value as text, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def exact(number: float) -> str:
    """The shortest text that reads back as the same number."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def comma_text(values: Sequence[object]) -> str:
    """Values with commas between them; commas and opening brackets inside one are quoted."""
    plain = (str(value).replace("%", "%25").replace(",", "%2C") for value in values)
    return ",".join(text.replace("[", "%5B") for text in plain)


def comma_values(text: str) -> tuple[str, ...]:
    """The values of `comma_text`."""
    return tuple(unquote(part.strip()) for part in text.split(",") if part.strip())


def written(value: object) -> str:
    """A value as it stands in a link, where its field says nothing else."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return exact(value)
    if value is None:
        return ""
    if isinstance(value, tuple | list) and all(type(each) in (str, int) for each in value):
        text = comma_text(value)
        # Commas tell neither an empty word nor blanks around one.
        return text if comma_values(text) == tuple(map(str, value)) else _json(tuple(value))
    if isinstance(value, str) and not _is_quoted(value):
        return value
    return str(value) if isinstance(value, int) else _json(value)


def _json(value: object) -> str:
    plain = [each.model_dump(mode="json", exclude_defaults=True) if isinstance(each, BaseModel)
             else each for each in value] if isinstance(value, tuple) else value  # fmt: skip
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)


def read_text(text: str, annotation: Any, what: str = "The text") -> object:
    """The value of a link's text for a field of this type.

    Raises:
        ValueError: It stands for none, with what is allowed.
    """
    kinds = kinds_of(annotation)
    if NoneType in kinds and text in ("", "null", "None"):
        return None
    if bool in kinds:
        return _switch(text)
    if {int, float} & kinds:
        return _number(text, float in kinds)
    if str in kinds or any(literals_of(kind) for kind in kinds):
        return _unquoted(text)
    inner = next((kind for kind in kinds if get_origin(kind) is tuple), None)
    if not text:
        return ()
    if inner is not None and not text.startswith("["):
        of = get_args(inner)[0]
        if of in (str, int, float):
            return tuple(read_text(part, of) for part in comma_values(text))
    return parse_json(text, what)


def _unquoted(text: str) -> str:
    # Links quote words that could be taken for something else.
    value = parse_json(text) if _is_quoted(text) else text
    return value if isinstance(value, str) else text


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and text[0] == text[-1] == '"'


def _switch(text: str) -> bool:
    known = {"1": True, "0": False, "true": True, "false": False, "True": True, "False": False}
    if text not in known:
        raise ValueError("must be 0 or 1")
    return known[text]


def _number(text: str, fraction: bool) -> int | float:
    if not _NUMBER.fullmatch(text):
        raise ValueError("should be a number")
    if fraction and not text.lstrip("+-").isdecimal():
        return float(text)
    if not text.lstrip("+-").isdecimal():
        raise ValueError("should be a whole number")
    return int(text)


def kinds_of(annotation: Any) -> set[Any]:
    """The alternatives of a type."""
    is_union = isinstance(annotation, UnionType) or get_origin(annotation) is Union
    return set(get_args(annotation)) if is_union else {annotation}


def literals_of(annotation: Any) -> tuple[Any, ...]:
    """The values that a literal type is limited to; none for another type."""
    return get_args(annotation) if get_origin(annotation) is Literal else ()
