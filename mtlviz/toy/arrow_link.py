"""The conflict lab's settings as a link, and back."""

from collections.abc import Callable, Mapping
from typing import Any

from mtlviz.errors import ConfigError
from mtlviz.toy.arrow_presets import arrow_preset
from mtlviz.toy.arrows import ArrowsConfig, changed

DEFAULT_PRESET = "conflict"


def parameters() -> frozenset[str]:
    """The names of this lab's parameters in a link."""
    return frozenset(parameter for parameter, _, _ in _PARAMETERS.values())


def to_query(config: ArrowsConfig, preset: str = DEFAULT_PRESET) -> dict[str, str]:
    """The parameters of a link that opens these settings: only what differs from the preset."""
    start = arrow_preset(preset).config
    query = {} if preset == DEFAULT_PRESET else {"conflict": preset}
    for field, (parameter, write, _) in _PARAMETERS.items():
        value = getattr(config, field)
        if value != getattr(start, field) and value is not None:
            query[parameter] = write(value)
    if config.tasks == start.tasks or config.order != tuple(range(config.tasks)):
        return query
    # The usual order of another number of tasks needs no mention.
    query.pop("order", None)
    return query


def from_query(query: Mapping[str, str]) -> tuple[ArrowsConfig, list[str]]:
    """The settings of a link, and one sentence for each value that could not be used."""
    problems: list[str] = []
    name = query.get("conflict", DEFAULT_PRESET)
    try:
        config = arrow_preset(name).config
    except ConfigError as error:
        problems.append(str(error))
        config = arrow_preset(DEFAULT_PRESET).config
    for field, (parameter, _, read) in _PARAMETERS.items():
        if parameter not in query:
            continue
        try:
            config = changed(config, **{field: read(query[parameter])})
        except ConfigError as error:
            problems.append(str(error))
        except ValueError:
            problems.append(f"`{parameter}` in the link cannot be read: {query[parameter]!r:.60}.")
    return config, problems


def shortest(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


def _rows(rows: tuple[tuple[float, ...], ...]) -> str:
    return "_".join(":".join(shortest(value) for value in row) for row in rows)


def _read_rows(text: str) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row.split(":")) for row in text.split("_") if row)


def _read_names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


# Field: its parameter in a link, how it is written, how it is read. Gradients before their order.
_PARAMETERS: dict[str, tuple[str, Callable[[Any], str], Callable[[str], object]]] = {
    "arrows": ("arrows", _rows, _read_rows),
    "gram": ("gram", _rows, _read_rows),
    "methods": ("show", ",".join, _read_names),
    "match": ("match", lambda on: str(int(on)), lambda text: bool(int(text))),
    "order": (
        "order",
        lambda order: "".join(str(task + 1) for task in order),
        lambda text: tuple(int(digit) - 1 for digit in text),
    ),
    "landscape": ("landscape", str, str),
    "walkers": ("walkers", ",".join, _read_names),
    "starts": ("starts", _rows, _read_rows),
    "optimiser": ("optimiser", str, str),
    "steps": ("walk", str, int),
    "rate": ("rate", shortest, float),
}
