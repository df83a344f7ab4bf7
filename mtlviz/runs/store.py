"""The store of runs: settings, status and records in one SQLite file, larger things in folders.

A list of runs needs neither settings nor records, so these are imported where they are read: the
shell's list is there before NumPy and pydantic would be.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, chdir, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.access import Access, current, owners_access
from mtlviz.runs.connections import Connections
from mtlviz.runs.failures import NoRun, StoreError, in_words
from mtlviz.runs.home import home_folder, run_folder
from mtlviz.runs.process import this_process
from mtlviz.runs.summary import COLUMNS, QUEUE, STATUSES, RunSummary, Status, summary

if TYPE_CHECKING:
    from mtlviz.engine.config import RunConfig
    from mtlviz.engine.records import Record, StepRecord
    from mtlviz.runs.results import RunResult
    from mtlviz.runs.steps import Steps

NEXT_PLACE = "(SELECT coalesce(max(place), 0) + 1 FROM runs)"


class Store:
    """All runs of one home folder. Any number of processes and threads may use it at once.

    Args:
        home: The home folder; see `home_folder`.

    Raises:
        StoreError: If the folder or the database in it cannot be used; nothing is changed then.
    """

    def __init__(self, home: str | Path | None = None) -> None:
        self.home = home_folder(home)
        self.connections = Connections(self.home)

    def close(self) -> None:
        """Close the database; the store may be used again."""
        self.connections.close()

    def folder(self, run: int) -> Path:
        """The folder of a run's files: `log.txt`, checkpoints, embeddings."""
        return run_folder(self.home, run)

    def directory(self, run: int) -> Path | None:
        """The folder from which relative paths in a run's settings are meant; None if not known."""
        found = self._row(run, "directory")[0]
        return None if found is None else Path(found)

    def in_directory(self, run: int) -> AbstractContextManager[None]:
        """Works where relative paths in a run's settings are meant from, if that is still there."""
        directory = self.directory(run)
        return chdir(directory) if directory is not None and directory.is_dir() else nullcontext()

    def access(self, run: int) -> Access:
        """What may be read for a run: as much as the process that created it could read."""
        found = self._row(run, "access")[0]
        return owners_access() if found is None else Access.from_text(found)

    def create_run(
        self,
        config: RunConfig,
        *,
        queued: bool = True,
        owner: str | None = None,
        launcher: str | None = None,
        study: int | None = None,
    ) -> int:  # Each is a word about the run of its own, and most runs need none of them.
        """Store a new run and return its number.

        Args:
            config: Its settings.
            queued: Whether it waits in the queue; otherwise this very process will work on it.
            owner: The visitor who asks for it; None for the shell.
            launcher: The name under which a launcher starts it; None for the queue of this machine.
            study: Number of the study that it is stored for; None for none.

        Raises:
            MtlvizError: If a method, an option or the checkpoint that it names cannot be used;
                nothing is stored then.
        """
        from mtlviz.engine.choices import check_choices
        from mtlviz.engine.estimate.checkpoints import check_checkpoint

        check_choices(config)
        check_checkpoint(config)
        now, me, access = time.time(), this_process(), current()
        with self.connections.writing() as connection:
            run = connection.execute(
                "INSERT INTO runs (owner, launcher, study, name, config, access, directory, "
                "status, created, heartbeat, machine, pid, process_start, place) "
                f"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {NEXT_PLACE})",
                (
                    owner,
                    launcher,
                    study,
                    config.name,
                    config.to_json(),
                    None if access.everywhere else access.to_text(),
                    # Relative paths in the settings are meant from here, whoever starts the run.
                    str(Path.cwd()),
                    "queued" if queued else "starting",
                    now,
                    *((None,) * 4 if queued else (now, me.machine, me.pid, me.start)),
                ),
            ).lastrowid
            self.folder(run).mkdir(parents=True, exist_ok=True)
        return run

    def join(self, runs: Sequence[int]) -> None:
        """Let runs that were begun together stand as one family, named by the first of them."""
        if len(runs) < 2:
            return
        with self.connections.writing() as connection:
            change = "UPDATE runs SET family = ? WHERE id = ?"
            connection.executemany(change, [(runs[0], run) for run in runs])

    def runs(self, statuses: Collection[Status] = STATUSES) -> list[RunSummary]:
        """All runs of these statuses, newest first."""
        marks = ", ".join("?" for _ in statuses)
        query = f"SELECT {COLUMNS} FROM runs WHERE status IN ({marks}) ORDER BY id DESC"
        with self.connections.reading() as connection:
            rows = connection.execute(query, tuple(statuses)).fetchall()
            places = _places(connection) if "queued" in statuses else {}
        return [summary(row, places) for row in rows]

    def run(self, run: int) -> RunSummary:
        """One run.

        Raises:
            StoreError: If there is no such run.
        """
        with self.connections.reading() as connection:
            row = connection.execute(f"SELECT {COLUMNS} FROM runs WHERE id = ?", (run,)).fetchone()
            places = _places(connection)
        if row is None:
            raise NoRun(run)
        return summary(row, places)

    def config(self, run: int) -> RunConfig:
        """The settings of a run, with paths as others can read them.

        Raises:
            StoreError: If there is no such run.
            ConfigError: If a newer mtlviz wrote them.
        """
        from mtlviz.engine.config import RunConfig
        from mtlviz.runs.flat_settings import portable

        return portable(RunConfig.from_json(self._row(run, "config")[0]))

    def result(self, run: int) -> RunResult | None:
        """What a finished run had to say; None if it is not finished."""
        from mtlviz.runs.results import result_from_json

        text = self._row(run, "result")[0]
        return None if text is None else result_from_json(text)

    def log(self, run: int, characters: int = 20_000) -> str:
        """The end of a run's log; empty if it has none yet."""
        path = self.folder(run) / "log.txt"
        if not path.exists():
            return ""
        with in_words(self.home), path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - characters))
            return file.read().decode("utf-8", errors="replace")

    def delete(self, run: int) -> None:
        """Delete a run with its records and files; its number is never used again.

        Raises:
            StoreError: If there is no such run, or a process works on it.
        """
        if self.run(run).active:
            raise StoreError(f"Run {run} is running; stop it before deleting it.")
        with self.connections.writing() as connection:
            query = "DELETE FROM runs WHERE id = ? AND status NOT IN ('starting', 'running')"
            if not connection.execute(query, (run,)).rowcount:
                raise StoreError(f"Run {run} has just begun; stop it before deleting it.")
        with in_words(self.home):
            if self.folder(run).exists():
                shutil.rmtree(self.folder(run))

    def records(
        self, run: int, after: int = -1, kinds: Collection[str] | None = None
    ) -> list[tuple[int, Record]]:
        """The records of a run, oldest first, each with its place in the run.

        Args:
            run: Number of the run.
            after: Give only records later than this place.
            kinds: Give only records of these kinds ("step", "evaluation", ...); all by default.
        """
        from mtlviz.runs import rows

        chosen = "" if kinds is None else f" AND kind IN ({', '.join('?' for _ in kinds)})"
        query = (
            "SELECT sequence, kind, layout, body FROM records WHERE run = ? AND sequence > ?"
            f"{chosen} ORDER BY sequence"
        )
        with self.connections.reading() as connection:
            layouts = rows.layouts(connection)
            found = connection.execute(query, (run, after, *(kinds or ()))).fetchall()
        folder = self.folder(run)
        return [(sequence, rows.record(row, layouts, folder)) for sequence, *row in found]

    def steps_array(self, run: int, max_points: int | None = None, after: int = -1) -> Steps:
        """The steps of a run as columns, oldest first.

        Args:
            run: Number of the run.
            max_points: Give at most about this many steps, evenly spaced, the last one among them.
            after: Give only steps later than this place among the run's records.
        """
        from mtlviz.runs import rows
        from mtlviz.runs.steps import columns

        tasks = len(json.loads(self._row(run, "config")[0])["data"]["tasks"])
        with self.connections.reading() as connection:
            last = rows.updates(connection, run) - 1
            stride = 1 if max_points is None else max(1, -(-(last + 1) // max_points))
            # `updates` is in the index, so that the bodies of skipped steps are never read.
            found = connection.execute(
                "SELECT sequence, layout, body FROM records WHERE run = ? AND kind = 'step' "
                "AND (updates % ? = 0 OR updates = ?) AND sequence > ? ORDER BY updates",
                (run, stride, last, after),
            ).fetchall()
            return columns(found, rows.layouts(connection), tasks)

    def step(self, run: int, update: int) -> StepRecord | None:
        """The record of one update; None if it is not stored."""
        from mtlviz.runs import rows

        query = (
            "SELECT kind, layout, body FROM records WHERE run = ? AND kind = 'step' AND updates = ?"
        )
        with self.connections.reading() as connection:
            row = connection.execute(query, (run, update)).fetchone()
            layouts = rows.layouts(connection)
        return None if row is None else rows.record(row, layouts, self.folder(run))

    def _row(self, run: int, names: str) -> tuple:
        """These columns of a run.

        Raises:
            NoRun: If there is no such run.
        """
        with self.connections.reading() as connection:
            row = connection.execute(f"SELECT {names} FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise NoRun(run)
        return row


def _places(connection: sqlite3.Connection) -> dict[int, int]:
    """Place in the queue of this machine, from 1, of every run that waits there."""
    return {row[0]: place for place, row in enumerate(connection.execute(QUEUE, (None,)), 1)}
