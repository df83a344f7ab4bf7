"""Step records as packed numbers, so that a hundred thousand of them open at once.

All records of one layout (same tasks, same entries present) have the same bytes in the same places;
many of them joined are one structured array.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.records import Plane, StepRecord

_SCALARS = {
    "update": "<i8",
    "epoch": "<i8",
    "clipping": "<f8",
    "learning_rate": "<f8",
    "tokens": "<i8",
    "seconds": "<f8",
}
_ARRAYS = {
    "due": "|b1",
    "losses": "<f8",
    "loss_weights": "<f8",
    "weights": "<f8",
    "coefficients": "<f8",
    "gram": "<f8",
    "order": "<i8",
    "examples": "<i4",
    "layers": "<f8",
}
_PLANE = ("coordinates", "share")


def pack(record: StepRecord) -> tuple[str, bytes]:
    """A step record as the text of its layout and its bytes."""
    entries = _entries(record)
    layout = json.dumps(
        [
            [name, dtype, np.shape(value)]
            for (name, value), dtype in zip(entries.items(), map(entry_type, entries), strict=True)
        ]
    )
    row = np.zeros((), structured(layout))
    for name, value in entries.items():
        row[name] = value
    return layout, row.tobytes()


@lru_cache(maxsize=256)
def structured(layout: str) -> np.dtype[Any]:
    """The structured type that a layout describes."""
    return np.dtype([(name, dtype, tuple(shape)) for name, dtype, shape in json.loads(layout)])


def unpack(layout: str, bodies: Sequence[bytes]) -> NDArray[Any]:
    """The records of one layout as one structured array, one row a record."""
    return np.frombuffer(b"".join(bodies), dtype=structured(layout))


def step_record(layout: str, body: bytes) -> StepRecord:
    """The record that `pack` packed."""
    return step_record_of(unpack(layout, [body])[0])


def step_record_of(row: Any) -> StepRecord:
    """The record in one row of a structured array."""
    names = row.dtype.names
    values: dict[str, Any] = {name: row[name].item() for name in _SCALARS}
    values |= {name: row[name].copy() if name in names else None for name in _ARRAYS}
    return StepRecord(**values, planes={name: _plane(row, name) for name in plane_names(names)})


def plane_names(names: Sequence[str]) -> list[str]:
    """The planes among the entries of a layout."""
    end = f"/{_PLANE[0]}"
    return [name.removesuffix(end) for name in names if name.endswith(end)]


def _plane(row: Any, name: str) -> Plane:
    return Plane(*(row[f"{name}/{part}"].copy() for part in _PLANE))


def _entries(record: StepRecord) -> dict[str, Any]:
    """What is to be packed, by name, without what is absent."""
    present = [name for name in _ARRAYS if getattr(record, name) is not None]
    entries = {name: getattr(record, name) for name in (*_SCALARS, *present)}
    for name, plane in record.planes.items():
        entries |= {f"{name}/{part}": getattr(plane, part) for part in _PLANE}
    return entries


def entry_type(name: str) -> str:
    """How the numbers of an entry are written."""
    return _SCALARS.get(name) or _ARRAYS.get(name, "<f8")
