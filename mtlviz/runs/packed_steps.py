"""The steps of a run in a pack: a column for each entry, checked against the number of tasks."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.gradient_planes import RECORDED
from mtlviz.engine.probing_batches import MOST_EXAMPLES
from mtlviz.engine.records import StepRecord
from mtlviz.errors import DataError
from mtlviz.runs.packing import entry_type, step_record_of, unpack

Arrays = dict[str, NDArray[Any]]
_ALWAYS = ("update", "epoch", "clipping", "learning_rate", "tokens", "seconds", "due", "losses",
           "loss_weights", "weights")  # fmt: skip
_MOST_LAYERS = 1024
SEQUENCE = "sequence"


def step_columns(rows: Iterable[tuple[int, str, bytes]]) -> dict[str, Arrays]:
    """Columns of packed steps, by group: steps of one layout are one group.

    Args:
        rows: Place among the run's records, layout, and packed step of each.
    """
    groups: dict[str, list[tuple[int, bytes]]] = {}
    for sequence, layout, body in rows:
        groups.setdefault(layout, []).append((sequence, body))
    return {
        str(number): _columns(layout, members)
        for number, (layout, members) in enumerate(groups.items())
    }


def _columns(layout: str, members: list[tuple[int, bytes]]) -> Arrays:
    table = unpack(layout, [body for _, body in members])
    places = np.array([sequence for sequence, _ in members], np.int64)
    return {SEQUENCE: places, **{name: table[name] for name in table.dtype.names}}


def steps_of(columns: Mapping[str, NDArray[Any]], tasks: int) -> list[tuple[int, StepRecord]]:
    """The steps of one group with their places, as they were recorded.

    Args:
        columns: Columns by name, that of the places among them.
        tasks: Number of tasks of the run.

    Raises:
        DataError: If an entry is missing, unknown, or of another type or shape than it must be.
    """
    entries = {name: columns[name] for name in sorted(columns, key=_rank) if name != SEQUENCE}
    places = columns.get(SEQUENCE)
    if places is None or places.dtype != np.int64 or places.ndim != 1:
        raise _wrong(SEQUENCE)
    if missing := [name for name in _ALWAYS if name not in entries]:
        raise _wrong(missing[0])
    for name, column in entries.items():
        _check(name, column, len(places), tasks)
    _check_values(entries, tasks)
    shapes = [(name, entry_type(name), column.shape[1:]) for name, column in entries.items()]
    table = np.zeros(len(places), np.dtype(shapes))
    for name, column in entries.items():
        table[name] = column
    return [(int(place), step_record_of(row)) for place, row in zip(places, table, strict=True)]


def _rank(name: str) -> int:
    """Planes stand in the order in which they are recorded."""
    planes = list(RECORDED.values())
    return planes.index(plane) if (plane := name.rpartition("/")[0]) in planes else -1


def _check(name: str, column: NDArray[Any], steps: int, tasks: int) -> None:
    """Check the type and the shape of an entry."""
    try:
        allowed = _is_shape(name, column.shape[1:], tasks)
    except KeyError:
        raise _wrong(name) from None
    if not allowed or len(column) != steps or column.dtype != np.dtype(entry_type(name)):
        raise _wrong(name)


def _is_shape(name: str, shape: tuple[int, ...], tasks: int) -> bool:
    """Whether an entry of a step of so many tasks may have this shape."""
    plane, _, part = name.rpartition("/")
    if plane:
        expected = {"coordinates": (tasks, 2), "share": (tasks,)}[part]
        return plane in RECORDED.values() and shape == expected
    if name == "order":
        return len(shape) == 2 and 1 <= shape[0] <= tasks and shape[1] == shape[0] - 1
    if name == "examples":
        return len(shape) == 2 and shape[0] == tasks and shape[1] <= MOST_EXAMPLES
    if name == "layers":
        return len(shape) == 3 and shape[0] <= _MOST_LAYERS and shape[1:] == (tasks, tasks)
    return shape == _FIXED[name](tasks)


_FIXED = {
    **dict.fromkeys(_ALWAYS[:6], lambda tasks: ()),
    **dict.fromkeys(_ALWAYS[6:], lambda tasks: (tasks,)),
    **dict.fromkeys(("coefficients", "gram"), lambda tasks: (tasks, tasks)),
}


def _check_values(entries: Mapping[str, NDArray[Any]], tasks: int) -> None:
    """Check what is used to find something else by."""
    for name in ("update", "epoch", "tokens"):
        if len(entries[name]) and not 0 <= entries[name].min() <= entries[name].max() < 2**53:
            raise _wrong(name)
    if np.any(np.diff(entries["update"]) <= 0):
        raise _wrong("update")
    for name, low, high in (("order", 0, tasks), ("examples", -1, 2**31)):
        found = entries.get(name, np.zeros(0))
        if found.size and not low <= found.min() <= found.max() < high:
            raise _wrong(name)
    planes = {name.rpartition("/")[0] for name in entries if "/" in name}
    parts = {f"{plane}/{part}" for plane in planes for part in ("coordinates", "share")}
    if not parts <= set(entries):
        raise _wrong("planes")


def _wrong(name: str) -> DataError:
    return DataError(f"The pack's steps cannot be read: their entry {name[:40]!r} is wrong.")
