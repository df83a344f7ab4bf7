"""What a stranger wrote, read within limits: settings as JSON, and whole numbers.

A link, a file and a flag are read by the same three functions, so that none of them can end a page
or the shell with more nesting, longer numbers or other characters than the rest of the app takes.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from mtlviz.errors import ConfigError, brief

LONGEST_JSON = 2**23
"""Characters in a text of settings; a run of 100 tasks has some 50,000."""
DEEPEST_JSON = 32
"""Levels of lists and objects within each other; settings have 6."""
LONGEST_NUMBER = 100
"""Characters in a number; an exact float has at most 24."""
_WHOLE = 2**63  # The store and numpy hold whole numbers below.
# What ends a line, moves a terminal's cursor or turns the direction of writing.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# What no file, store or browser can be given: NUL, and halves of characters.
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


class _NoJsonError(ValueError):
    """Why a text is no JSON; anything else that is wrong with it is a ConfigError."""


def parse_json(text: str | bytes, what: str = "The text", longest: int = LONGEST_JSON) -> Any:
    """The value that a JSON text stands for.

    Args:
        text: What a person, a link or a file gave.
        what: The text's name, with which the sentence of an error begins.
        longest: Characters that it may have.

    Raises:
        ConfigError: If it is no JSON, names a key twice, is too long or too deep, or holds a
            number or a character that nothing else could take.
    """
    try:
        return _parsed(text, what, longest)
    except _NoJsonError as error:
        raise ConfigError(f"{what} is not valid JSON: {error}.") from error


def json_or_text(text: str, what: str = "The value") -> Any:
    """A value as JSON if it is JSON, and otherwise the text itself: `0.1`, `[1, 2]`, `pcgrad`.

    Raises:
        ConfigError: As `parse_json`, but for what is no JSON.
    """
    try:
        return _parsed(text, what, LONGEST_JSON)
    except _NoJsonError:
        _check_characters([text], what)
        return text


def whole_number(text: str, what: str, low: int = 0, high: int = _WHOLE - 1) -> int:
    """The whole number that a text of plain digits stands for, such as the number of a run.

    Raises:
        ConfigError: If it is none, or lies outside `low` to `high`.
    """
    digits = text.removeprefix("-") if low < 0 else text
    if digits.isascii() and digits.isdecimal() and len(digits) < LONGEST_NUMBER:
        number = int(text)
        if low <= number <= high:
            return number
    allowed = f"from {low} to {high}" if high < _WHOLE - 1 else f"of at least {low}"
    raise ConfigError(f"{what} must be a whole number {allowed}, got {brief(text)}.")


def control_character(text: str, allowed: str = "") -> str:
    """The first character of a text that a terminal would obey, as U+001B; empty without any.

    Args:
        text: What a person, a link or a file gave.
        allowed: Characters that are fine, such as the ends of lines in a note.
    """
    found = (each for each in _CONTROL.findall(text) if each not in allowed)
    return next((f"U+{ord(each):04X}" for each in found), "")


def printable(text: str) -> str:
    """A text that older versions stored, with what a terminal would obey made visible."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _parsed(text: str | bytes, what: str, longest: int) -> Any:
    if len(text) > longest:
        raise ConfigError(f"{what} has {len(text):,} characters; at most {longest:,} are read.")
    plain = _decoded(text)
    try:
        value = json.loads(
            plain,
            parse_int=lambda digits: _whole(digits, what),
            parse_float=lambda digits: _decimal(digits, what),
            parse_constant=_refuse_constant,
            object_pairs_hook=lambda pairs: _object(pairs, what),
        )
    except json.JSONDecodeError as error:
        raise _NoJsonError(f"{error.msg} in line {error.lineno}") from error
    except RecursionError:
        raise _too_deep(what) from None
    # Without an escape no text holds a character that the whole does not.
    simple = "\\" not in plain and plain.count("[") + plain.count("{") <= DEEPEST_JSON
    _check_characters([plain] if simple else _texts(value, what), what)
    return value


def _decoded(text: str | bytes) -> str:
    try:
        plain = text if isinstance(text, str) else text.decode(json.detect_encoding(text))
    except UnicodeDecodeError as error:
        raise _NoJsonError(f"it is not in UTF-8 (byte {error.start})") from error
    return plain.removeprefix("\ufeff")


def _whole(digits: str, what: str) -> int:
    if len(digits) > LONGEST_NUMBER or not -_WHOLE <= int(digits) < _WHOLE:
        raise ConfigError(f"{what} holds the whole number {brief(digits, 24)}, which is too large.")
    return int(digits)


def _decimal(digits: str, what: str) -> float:
    number = float(digits) if len(digits) <= LONGEST_NUMBER else float("inf")
    if abs(number) == float("inf"):
        raise ConfigError(f"{what} holds the number {brief(digits, 24)}, which is too large.")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise _NoJsonError(f"{name} is no number of JSON")


def _object(pairs: list[tuple[str, Any]], what: str) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigError(f"{what} names {brief(twice)} twice in one object.")
    return found


def _texts(value: Any, what: str) -> Iterator[str]:
    """Every text in a value, level by level.

    Raises:
        ConfigError: If there are too many levels.
    """
    level = [value]
    for _ in range(DEEPEST_JSON + 1):
        yield from (each for each in level if isinstance(each, str))
        yield from (key for each in level if isinstance(each, dict) for key in each)
        level = [inner for each in level for inner in _inside(each)]
    if level:
        raise _too_deep(what)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep(what: str) -> ConfigError:
    return ConfigError(f"{what} is nested too deeply: at most {DEEPEST_JSON} levels are read.")


def _check_characters(texts: Iterable[str], what: str) -> None:
    for text in texts:
        if found := _UNWRITABLE.search(text):
            raise ConfigError(
                f"{what} holds the character U+{ord(found[0]):04X}, which no text can be written "
                "with."
            )
