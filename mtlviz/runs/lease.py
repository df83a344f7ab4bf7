"""A lease: the right of one process to work on a run. Only its holder writes records."""

from __future__ import annotations

import json
import os
import sqlite3
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mtlviz.engine.records import Record
from mtlviz.runs import rows
from mtlviz.runs.checkpoints import forget_older, set_aside
from mtlviz.runs.failures import DATABASE, LostRun, StoreError, in_words
from mtlviz.runs.process import Identity, this_process
from mtlviz.runs.results import RunResult, result_json
from mtlviz.runs.store import Store
from mtlviz.runs.summary import RESUMABLE, TRAINED_HERE, Status, why_not_resumable

if TYPE_CHECKING:
    from mtlviz.engine.config import RunConfig


class Hold(Protocol):
    """What a worker does with its run: a `Lease` where the store is, else one from afar."""

    run: int

    @property
    def folder(self) -> Path: ...  # noqa: D102
    def config(self) -> RunConfig: ...  # noqa: D102
    def append(self, records: Sequence[Record]) -> bool: ...  # noqa: D102
    def length(self) -> int: ...  # noqa: D102
    def cut(self, length: int) -> None: ...  # noqa: D102
    def plan(  # noqa: D102
        self, updates: int, metrics: Sequence[str], fingerprints: Sequence[str] | None = None
    ) -> None: ...
    def so_far(self) -> tuple[int, list[Record]]: ...  # noqa: D102
    def sync(self) -> None: ...  # noqa: D102
    def saved(self, checkpoint: Path) -> None: ...  # noqa: D102
    def set_aside(self, damaged: Path) -> str: ...  # noqa: D102
    def finish(  # noqa: D102
        self, status: Status, error: str | None = None, result: RunResult | None = None
    ) -> None: ...


@dataclass(frozen=True)
class Lease:
    """One process's hold on one run. Every write checks that it still holds.

    A process that was taken for dead (asleep for long, say) thereby learns that the run is no
    longer its own, and writes nothing.

    Attributes:
        store: The store.
        run: Number of the run.
        token: Known to no other process.
    """

    store: Store
    run: int
    token: str

    @property
    def folder(self) -> Path:
        """The folder of the run's files."""
        return self.store.folder(self.run)

    def config(self) -> RunConfig:
        """The run's settings."""
        return self.store.config(self.run)

    def append(self, records: Sequence[Record]) -> bool:
        """Add records, none being fine, and give a sign of life.

        Returns:
            Whether the run has been asked to stop.

        Raises:
            LostRun: If this process no longer holds the run.
            StoreError: If they cannot be written; none of them is then stored.
        """
        with self.store.connections.writing() as connection:
            self._write(connection, "heartbeat = ?", time.time())
            if records:
                first = rows.count(connection, self.run)
                rows.append(connection, self.run, first, records, self.folder)
                self._write(connection, "updates = ?", rows.updates(connection, self.run))
            query = "SELECT stop_requested FROM runs WHERE id = ?"
            return bool(connection.execute(query, (self.run,)).fetchone()[0])

    def length(self) -> int:
        """Number of records stored."""
        with self.store.connections.reading() as connection:
            return rows.count(connection, self.run)

    def cut(self, length: int) -> None:
        """Drop all records but the first `length`; readers learn of it by the run's edition."""
        with self.store.connections.writing() as connection:
            if rows.count(connection, self.run) > length:
                rows.cut(connection, self.run, length)
                self._write(connection, "edition = edition + ?", 1)
            self._write(connection, "updates = ?", rows.updates(connection, self.run))

    def plan(
        self, updates: int, metrics: Sequence[str], fingerprints: Sequence[str] | None = None
    ) -> None:
        """Tell what is known once the run is set up.

        Args:
            updates: How many updates it will have.
            metrics: Each task's main metric.
            fingerprints: Of each task's training and development examples.
        """
        marks = None if fingerprints is None else json.dumps(fingerprints)
        change = "planned = ?, metrics = ?, fingerprints = ?"
        with self.store.connections.writing() as connection:
            self._write(connection, change, updates, json.dumps(metrics), marks)

    def so_far(self) -> tuple[int, list[Record]]:
        """Updates recorded, and the evaluations and notes."""
        recorded = self.store.records(self.run, kinds=("evaluation", "note"))
        return self.store.run(self.run).updates, [record for _, record in recorded]

    def saved(self, checkpoint: Path) -> None:
        """A checkpoint stands in the run's folder; of the older ones one stays."""
        forget_older(self.folder, keep=2)

    def set_aside(self, damaged: Path) -> str:
        """Put a damaged checkpoint out of the way, and say from where the run can go on."""
        return set_aside(self.folder, damaged)

    def sync(self) -> None:
        """Wait until all that was appended would survive even a power cut."""
        # SQLite does this itself only when it moves the log into the database.
        log = self.store.home / f"{DATABASE}-wal"
        with in_words(self.store.home):
            if log.exists():
                with log.open("rb+") as file:
                    os.fsync(file.fileno())

    def finish(
        self, status: Status, error: str | None = None, result: RunResult | None = None
    ) -> None:
        """Give the run up with its last word."""
        text = None if result is None else result_json(result)

        def last_word(connection: sqlite3.Connection) -> None:
            self._write(connection, "finished = ?, error = ?, result = ?", time.time(), error, text)
            self._write(connection, "status = ?, claim = NULL, stop_requested = 0", status)

        self.store.connections.write_urgently(last_word)

    def _write(self, connection: sqlite3.Connection, change: str, *values: object) -> None:
        query = f"UPDATE runs SET {change} WHERE id = ? AND claim = ? AND status = 'running'"
        if not connection.execute(query, (*values, self.run, self.token)).rowcount:
            raise LostRun(f"Run {self.run} is no longer this process's to work on.")


def lease(
    store: Store, run: int, holder: Identity | None = None, token: str | None = None
) -> Lease:
    """Take a waiting run; of several that try, exactly one succeeds.

    Args:
        store: The store.
        run: Number of the run.
        holder: The process whose end is the run's end as well; this one by default.
        token: Known to no other process; whoever has it takes its run again.

    Raises:
        StoreError: If there is no such run or it does not wait to be worked on.
    """
    me, now, token = holder or this_process(), time.time(), token or uuid.uuid4().hex
    with store.connections.writing() as connection:
        taken = connection.execute(
            "UPDATE runs SET status = 'running', claim = ?, machine = ?, pid = ?, "
            "process_start = ?, heartbeat = ?, started = coalesce(started, ?), finished = NULL, "
            "error = NULL WHERE id = ? AND (status IN ('queued', 'starting') OR claim = ?)",
            (token, me.machine, me.pid, me.start, now, now, run, token),
        ).rowcount
    if not taken:
        found = store.run(run)
        holder = f" in process {found.pid}" if found.active else ""
        raise StoreError(f"Run {run} is {found.status}{holder}; it does not wait for a worker.")
    return Lease(store, run, token)


def resume_in_process(store: Store, run: int) -> None:
    """Take a run that has ended without finishing for this process; `work` on it next.

    It passes the queue by, so that no other process can begin with it first.

    Raises:
        StoreError: If there is no such run, or it cannot go on.
    """
    marks = ", ".join("?" for _ in RESUMABLE)
    me = this_process()
    with store.connections.writing() as connection:
        taken = connection.execute(
            "UPDATE runs SET status = 'starting', heartbeat = ?, machine = ?, pid = ?, "
            "process_start = ?, slot = NULL, error = NULL, finished = NULL, stop_requested = 0 "
            f"WHERE id = ? AND status IN ({marks}) AND {TRAINED_HERE}",
            (time.time(), me.machine, me.pid, me.start, run, *RESUMABLE),
        ).rowcount
    if not taken:
        raise StoreError(why_not_resumable(store.run(run)))
