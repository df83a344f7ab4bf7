"""Records as rows of the store: appended, read back, cut off."""

import json
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from mtlviz.engine.records import Record, Snapshot, StepRecord, from_json, to_json
from mtlviz.errors import DataError
from mtlviz.runs.packing import pack, step_record

Row = tuple[str, int | None, Any]


def append(
    connection: sqlite3.Connection, run: int, first: int, records: Iterable[Record], folder: Path
) -> None:
    """Add records to a run, the first of them at place `first`; embeddings go to its folder."""
    known: dict[str, int] = {}
    rows = [
        (run, sequence, *_row(connection, known, sequence, record, folder))
        for sequence, record in enumerate(records, first)
    ]
    connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", rows)


def count(connection: sqlite3.Connection, run: int) -> int:
    """Number of records of a run; also the place of the next one, as places have no gaps."""
    query = "SELECT coalesce(max(sequence) + 1, 0) FROM records WHERE run = ?"
    return connection.execute(query, (run,)).fetchone()[0]


def cut(connection: sqlite3.Connection, run: int, length: int) -> None:
    """Drop all records of a run but the first `length`."""
    connection.execute("DELETE FROM records WHERE run = ? AND sequence >= ?", (run, length))


def updates(connection: sqlite3.Connection, run: int) -> int:
    """Number of updates a run has recorded."""
    query = "SELECT coalesce(max(updates) + 1, 0) FROM records WHERE run = ? AND kind = 'step'"
    return connection.execute(query, (run,)).fetchone()[0]


def record(row: Row, known: dict[int, str], folder: Path) -> Record:
    """The record in a row of (kind, layout, body), with the layouts by number.

    Raises:
        DataError: If the row or the file it names cannot be read.
    """
    kind, layout, body = row
    if layout is not None:
        return step_record(known[layout], body)
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise DataError(f"A stored {kind} record cannot be read: it is damaged.")
    return read_snapshot(folder, values) if kind == Snapshot.kind else from_json(values)


def layouts(connection: sqlite3.Connection) -> dict[int, str]:
    """The layouts of packed records, by number."""
    return dict(connection.execute("SELECT id, entries FROM layouts"))


def _row(
    connection: sqlite3.Connection,
    known: dict[str, int],
    sequence: int,
    record: Record,
    folder: Path,
) -> tuple[Any, ...]:
    """Kind, updates, layout and body of a record."""
    if isinstance(record, StepRecord):
        layout, body = pack(record)
        if layout not in known:
            known[layout] = _layout_number(connection, layout)
        return record.kind, record.update, known[layout], body
    if isinstance(record, Snapshot):
        values = write_snapshot(folder, sequence, record)
    else:
        values = to_json(record)
    return record.kind, record.update, None, json.dumps(values, ensure_ascii=False)


def _layout_number(connection: sqlite3.Connection, layout: str) -> int:
    connection.execute("INSERT OR IGNORE INTO layouts (entries) VALUES (?)", (layout,))
    query = "SELECT id FROM layouts WHERE entries = ?"
    return connection.execute(query, (layout,)).fetchone()[0]


def write_snapshot(folder: Path, sequence: int, snapshot: Snapshot) -> dict[str, Any]:
    """Write the arrays of a snapshot and return what the store keeps of it.

    The file appears under its name only when it is complete.
    """
    name = f"embeddings-{sequence}.npz"
    arrays = {f"embeddings {task}": array for task, array in enumerate(snapshot.embeddings)}
    arrays |= {f"labels {task}": array for task, array in enumerate(snapshot.labels)}
    partial = folder / f".{name}.{os.getpid()}.partial"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with partial.open("wb") as file:
            np.savez(file, **arrays)
        partial.replace(folder / name)
    finally:
        partial.unlink(missing_ok=True)
    values = {"update": snapshot.update, "seconds": snapshot.seconds}
    return {**values, "file": name, "tasks": len(snapshot.embeddings)}


def read_snapshot(folder: Path, values: dict[str, Any]) -> Snapshot:
    """The snapshot that `write_snapshot` wrote.

    Raises:
        DataError: If its file is missing or damaged.
    """
    try:
        tasks, update, seconds = range(values["tasks"]), values["update"], values["seconds"]
        with np.load(folder / values["file"], allow_pickle=False) as file:
            embeddings = [file[f"embeddings {task}"] for task in tasks]
            labels = [file[f"labels {task}"] for task in tasks]
    except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile) as error:
        name = values.get("file", "of a snapshot")
        raise DataError(f"The embeddings {name} of the run cannot be read.") from error
    return Snapshot(update, embeddings, labels, seconds)
