"""What a run recorded beside its steps, in a pack: scores, notes, phases, embeddings."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.metrics import METRICS
from mtlviz.engine.records import (
    AffinityRecord,
    EvalRecord,
    GroupScore,
    Note,
    PhaseRecord,
    Plane,
    Record,
    Snapshot,
    WorkedExampleRecord,
    from_json,
    to_json,
)
from mtlviz.errors import DataError

Arrays = dict[str, NDArray[Any]]
_LONGEST, _MOST_EXAMPLES, _MOST_GROUPS = 2000, 2000, 20


def record_entries(records: Iterable[tuple[int, Record]]) -> tuple[list[dict[str, Any]], Arrays]:
    """Records as JSON, each with its place, and the arrays of embeddings by name."""
    entries, arrays = [], {}
    for sequence, record in records:
        values = to_json(record) if not isinstance(record, Snapshot) else _snapshot(record)
        entries.append({**values, "sequence": sequence})
        if isinstance(record, Snapshot):
            for name in ("embeddings", "labels"):
                for task, array in enumerate(getattr(record, name)):
                    arrays[f"{sequence}/{name}/{task}"] = array
    return entries, arrays


def _snapshot(record: Snapshot) -> dict[str, Any]:
    return {"kind": record.kind, "update": record.update, "seconds": record.seconds}


def record_of(
    entry: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], tasks: int
) -> tuple[int, Record]:
    """The record of an entry with its place, each of its parts as it must be.

    Args:
        entry: What `record_entries` wrote.
        arrays: Arrays of the run's embeddings by name.
        tasks: Number of tasks of the run.

    Raises:
        DataError: If anything in it is not what the kind of record has.
    """
    values = dict(entry)
    sequence, kind = values.pop("sequence", None), values.get("kind")
    try:
        whole = type(sequence) is int and type(values["update"]) is int
        if not whole or not (0 <= sequence < 2**31 and 0 <= values["update"] < 2**53):
            raise DataError("A record of the pack has no place.")
        if kind == Snapshot.kind:
            values |= {
                name: [arrays[f"{sequence}/{name}/{task}"] for task in range(tasks)]
                for name in ("embeddings", "labels")
            }
            del values["kind"]
            record: Record = Snapshot(**values)
        else:
            record = from_json(values)
        fits = _FITS[type(record)](record, tasks)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise DataError(f"A record of the pack cannot be read: {str(kind)[:40]!r}.") from error
    if not fits:
        raise DataError(f"A record of the pack does not fit its run: {str(kind)[:40]!r}.")
    return sequence, record


def is_plain(text: object, longest: int = _LONGEST) -> bool:
    """Whether this is a text without characters that a terminal obeys."""
    return isinstance(text, str) and len(text) <= longest and text.replace("\n", "").isprintable()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has_shape(value: object, *shape: int) -> bool:
    return isinstance(value, np.ndarray) and value.shape == shape


def _are_metrics(values: Sequence[dict[str, float]], tasks: int) -> bool:
    return len(values) == tasks and all(
        name in METRICS and isinstance(value, float)
        for each in values
        for name, value in each.items()
    )


def _is_group(group: GroupScore) -> bool:
    known = [name in METRICS for name in (*group.metrics, *group.errors)]
    return is_plain(group.name, 200) and type(group.count) is int and all(known)


def _fits_evaluation(record: EvalRecord, tasks: int) -> bool:
    arrays = (record.scores, record.errors, record.losses, record.baselines)
    if record.groups is not None:
        few = len(record.groups) == tasks and all(len(g) <= _MOST_GROUPS for g in record.groups)
        if not few or not all(_is_group(each) for task in record.groups for each in task):
            return False
    return (
        all(_has_shape(each, tasks) for each in arrays)
        and (record.ceilings is None or _has_shape(record.ceilings, tasks))
        and _are_metrics(record.metrics, tasks)
        and (type(record.epoch), type(record.best)) == (int, bool)
        and _is_number(record.seconds)
    )


def _fits_snapshot(record: Snapshot, tasks: int) -> bool:
    pairs = list(zip(record.embeddings, record.labels, strict=True))
    return _is_number(record.seconds) and all(
        points.dtype == np.float32
        and points.ndim == 2
        and labels.dtype == np.float64
        and len(labels) == len(points) <= _MOST_EXAMPLES
        and labels.ndim <= 2
        for points, labels in pairs
    )


def _fits_affinity(record: AffinityRecord, tasks: int) -> bool:
    numbers = (record.learning_rate, record.seconds)
    return _has_shape(record.affinity, tasks, tasks) and all(map(_is_number, numbers))


def _fits_worked_example(record: WorkedExampleRecord, tasks: int) -> bool:
    count = len(record.tasks)
    few = count <= tasks and all(0 <= task < tasks for task in record.tasks)
    arrays = all(_has_shape(each, count) for each in (record.losses, record.answers))
    planes = all(_is_plane(name, plane, count) for name, plane in record.planes.items())
    numbers = all(map(_is_number, (record.learning_rate, record.seconds)))
    return few and arrays and planes and numbers and _has_shape(record.gram, count, count)


def _is_plane(name: str, plane: Plane, count: int) -> bool:
    return (
        is_plain(name, 100)
        and _has_shape(plane.coordinates, count, 2)
        and _has_shape(plane.share, count)
    )


def _fits_phase(record: PhaseRecord, tasks: int) -> bool:
    whole = all(type(each) is int and each >= 0 for each in (record.phase, record.trained))
    masks = _has_shape(record.due, tasks) and _has_shape(record.fresh, tasks)
    return whole and masks and type(record.optimiser_reset) is bool


def _fits_note(record: Note, tasks: int) -> bool:
    return is_plain(record.topic, 40) and record.topic.isidentifier() and is_plain(record.text)


_FITS = {
    EvalRecord: _fits_evaluation,
    Snapshot: _fits_snapshot,
    AffinityRecord: _fits_affinity,
    WorkedExampleRecord: _fits_worked_example,
    PhaseRecord: _fits_phase,
    Note: _fits_note,
}


def is_moment(value: object) -> bool:
    """Whether this can be a moment in seconds since 1970."""
    return _is_number(value) and math.isfinite(value) and 0 <= value < 2**40
