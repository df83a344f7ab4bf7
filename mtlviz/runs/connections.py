"""Connections to the store's database, shared by the threads of one process."""

import queue
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mtlviz.runs.failures import DATABASE, DiskFull, in_words
from mtlviz.runs.schema import migrate

_RESERVED = 2**17
"""Bytes on the disk kept for a run's last word: that it ended because the disk is full."""
_BUSY_SECONDS = 10.0

_Idle = queue.LifoQueue[sqlite3.Connection]


class Connections:
    """A pool: a thread takes an idle connection, or opens one, and puts it back.

    Readers never wait for writers (WAL); writers wait for each other up to ten seconds.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._idle: _Idle = queue.LifoQueue()
        # Whoever forgets a store leaves no open file behind.
        weakref.finalize(self, _close, self._idle)
        with in_words(home):
            self._idle.put(self._opened())
        keep_reserve(home)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection whose queries all see the same moment of the store."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction: committed at the end, undone by any exception."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def write_urgently(self, change: Callable[[sqlite3.Connection], object]) -> None:
        """Write what must be written even to a full disk: a few bytes, kept free for this.

        Args:
            change: Makes the change; called again where it found no room.
        """
        try:
            with self.writing() as connection:
                change(connection)
        except DiskFull:
            if not release_reserve(self.home):
                raise
            with self.writing() as connection:
                change(connection)

    def close(self) -> None:
        """Close the idle connections; the store can still be used and opens new ones."""
        _close(self._idle)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with in_words(self.home):
            connection = self._taken()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            finally:
                # After some errors (a full disk) SQLite has already undone the transaction.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._idle.put(connection)

    def _taken(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._opened()

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.home / DATABASE,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            # The pool hands a connection to one thread at a time.
            check_same_thread=False,
        )
        try:
            migrate(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            # With WAL, NORMAL survives any death of a process; only a power cut can take the last
            # transactions, and never the consistency (https://sqlite.org/pragma.html#pragma_synchronous).
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection


def _close(idle: _Idle) -> None:
    while True:
        try:
            idle.get_nowait().close()
        except queue.Empty:
            return


def keep_reserve(home: Path) -> None:
    """Take the room for a last word, unless it is taken already.

    Raises:
        StoreError: If there is not even that much.
    """
    place = _reserve(home)
    with in_words(home):
        if not place.exists() or place.stat().st_size < _RESERVED:
            place.write_bytes(bytes(_RESERVED))


def release_reserve(home: Path) -> bool:
    """Give the kept room back, and tell whether there was any."""
    place = _reserve(home)
    there = place.exists()
    place.unlink(missing_ok=True)
    return there


def _reserve(home: Path) -> Path:
    return home / "reserve"
