"""One run in a pack: settings, records and what the store says of it, checked part by part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.access import ELSEWHERE, chosen, visible_to_others
from mtlviz.engine.choices import check_choices
from mtlviz.engine.config import RunConfig
from mtlviz.engine.metrics import METRICS
from mtlviz.engine.records import EvalRecord, Note, Record, StepRecord
from mtlviz.errors import DataError, MtlvizError
from mtlviz.runs import rows
from mtlviz.runs.failures import StoreError
from mtlviz.runs.flat_settings import portable
from mtlviz.runs.packed_records import is_moment, is_plain, record_entries, record_of
from mtlviz.runs.packed_steps import step_columns, steps_of
from mtlviz.runs.results import RunResult, run_result
from mtlviz.runs.store import Store
from mtlviz.runs.summary import Status

Arrays = dict[str, NDArray[Any]]
PACKED: tuple[Status, ...] = ("finished", "stopped")
"""Runs of these statuses have nothing more to come, and something to show."""
_TIMES = ("created", "started", "finished")
_LONGEST_FINGERPRINT = 200


@dataclass(frozen=True)
class PackedRun:
    """A run out of a pack.

    Attributes:
        config: Its settings.
        about: Name and value of each column of the store that is kept.
        records: Its records, oldest first.
        result: What it had to say, worked out from them.
    """

    config: RunConfig
    about: Mapping[str, Any]
    records: list[Record]
    result: RunResult | None


def entry_of(store: Store, run: int, encoder: str | None = None) -> tuple[dict[str, Any], Arrays]:
    """A run as text and arrays. Paths of this machine are left out.

    Args:
        store: The store.
        run: Its number.
        encoder: What others call its pretrained encoder, if it is a folder of this machine.

    Raises:
        StoreError: If there is no such run, or it has not ended.
    """
    found = store.run(run)
    if found.status not in PACKED:
        raise StoreError(f"Run {run} is {found.status}; only a finished or stopped run is packed.")
    result = store.result(run)
    records, embeddings = record_entries(store.records(run, kinds=_BESIDE))
    entry = {
        "config": _config(store, run, encoder).model_dump(mode="json"),
        **{name: getattr(found, name) for name in ("status", "planned", *_TIMES)},
        "metrics": found.metrics,
        "fingerprints": found.fingerprints,
        "seconds": None if result is None else result.seconds,
        "probe_seconds": None if result is None else result.probe_seconds,
        "records": records,
    }
    arrays = {f"embeddings/{name}": array for name, array in embeddings.items()}
    for group, columns in step_columns(_step_rows(store, run)).items():
        arrays |= {f"steps/{group}/{name}": column for name, column in columns.items()}
    return entry, arrays


_BESIDE = ("evaluation", "snapshot", "affinity", "worked_example", "phase", "note")


def _config(store: Store, run: int, encoder: str | None) -> RunConfig:
    """The settings with no folder of this machine in them."""
    with chosen(visible_to_others()):
        config = portable(store.config(run))
    if encoder is not None and config.capacity.checkpoint.startswith(ELSEWHERE):
        config = config.with_values({"capacity.checkpoint": encoder})
    return config


def _step_rows(store: Store, run: int) -> list[tuple[int, str, bytes]]:
    query = (
        "SELECT sequence, layout, body FROM records WHERE run = ? AND kind = ? ORDER BY sequence"
    )
    with store.connections.reading() as connection:
        layouts = rows.layouts(connection)
        found = connection.execute(query, (run, StepRecord.kind)).fetchall()
    return [(sequence, layouts[layout], body) for sequence, layout, body in found]


def run_of(entry: Any, arrays: Mapping[str, NDArray[Any]]) -> PackedRun:
    """The run of an entry, as far as every part of it is what a run has.

    Raises:
        DataError: If it is not.
    """
    if not isinstance(entry, dict):
        raise DataError("A run of the pack cannot be read.")
    config = _settings(entry.get("config"))
    names = [task.name for task in config.data.tasks]
    about = _about(entry, len(names))
    records = _records(entry.get("records"), arrays, len(names))
    seconds, probing = (entry.get(name) for name in ("seconds", "probe_seconds"))
    if any(value is not None and not is_moment(value) for value in (seconds, probing)):
        raise _wrong("seconds")
    steps = sum(isinstance(record, StepRecord) for record in records)
    result = None
    if about["status"] == "finished" and about["metrics"] is not None:
        told = [record for record in records if isinstance(record, EvalRecord | Note)]
        result = run_result(
            names, about["metrics"], told, updates=steps, seconds=seconds or 0.0,
            probe_seconds=probing,
        )  # fmt: skip
    last = max((each.update for each in records if isinstance(each, StepRecord)), default=-1)
    return PackedRun(config, {**about, "updates": last + 1}, records, result)


def _settings(values: object) -> RunConfig:
    try:
        config = RunConfig.from_values(values)
        check_choices(config)
    except MtlvizError as error:
        raise DataError(f"The settings of a run in the pack cannot be used. {error}") from error
    if not is_plain(config.name, 120):
        raise _wrong("name")
    return config


def _about(entry: Mapping[str, Any], tasks: int) -> dict[str, Any]:
    """What the store says of a run, checked."""
    found = {name: entry.get(name) for name in ("status", "planned", *_TIMES)}
    if found["status"] not in PACKED:
        raise _wrong("status")
    planned = found["planned"]
    if planned is not None and (type(planned) is not int or not 0 <= planned < 2**53):
        raise _wrong("planned")
    for name in _TIMES:
        if not is_moment(found[name]) and (found[name] is not None or name == "created"):
            raise _wrong(name)
    found["metrics"] = _texts(entry, "metrics", tasks)
    if found["metrics"] is not None and not set(found["metrics"]) <= set(METRICS):
        raise _wrong("metrics")
    return {**found, "fingerprints": _texts(entry, "fingerprints", tasks)}


def _texts(entry: Mapping[str, Any], name: str, tasks: int) -> list[str] | None:
    """A text for each task, or nothing."""
    found = entry.get(name)
    if found is None:
        return None
    plain = isinstance(found, list) and all(is_plain(each, _LONGEST_FINGERPRINT) for each in found)
    if not plain or len(found) != tasks:
        raise _wrong(name)
    return found


def _records(entries: object, arrays: Mapping[str, NDArray[Any]], tasks: int) -> list[Record]:
    """All records in their order, whose places have no gaps."""
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise _wrong("records")
    embeddings = _under(arrays, "embeddings")
    found = [record_of(each, embeddings, tasks) for each in entries]
    for columns in grouped(_under(arrays, "steps")).values():
        found += steps_of(columns, tasks)
    found.sort(key=lambda each: each[0])
    if [place for place, _ in found] != list(range(len(found))):
        raise _wrong("places of records")
    updates = np.array([each.update for _, each in found if isinstance(each, StepRecord)])
    if np.any(np.diff(updates) <= 0):
        raise _wrong("order of updates")
    return [record for _, record in found]


def _under(arrays: Mapping[str, NDArray[Any]], group: str) -> Arrays:
    return grouped(arrays).get(group, {})


def grouped(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Arrays]:
    """Arrays by the first part of their names, in one look: a pack may hold very many."""
    found: dict[str, Arrays] = {}
    for name, array in arrays.items():
        first, _, rest = name.partition("/")
        found.setdefault(first, {})[rest] = array
    return found


def _wrong(what: str) -> DataError:
    return DataError(f"A run of the pack cannot be read: its {what} is not as it must be.")
