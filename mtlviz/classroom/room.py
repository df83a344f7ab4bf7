"""A room: who has a seat, where the class is, and its votes; in a file that survives a restart."""

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mtlviz.errors import ConfigError

FILE = "class.sqlite"
PHASES = ("waiting", "first", "between", "second", "closed", "told")
"""Nothing asked yet; first vote; talk with the neighbour; second vote; histograms; the answer."""
OPEN = {"first": 1, "second": 2}
"""The round in which a phase takes votes."""
MOST_SEATS = 300
MOST_HANDS = 1000
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # None is mistaken for another.
_CODE_LENGTH = 5
_TABLES = """
CREATE TABLE IF NOT EXISTS room (
    id INTEGER PRIMARY KEY CHECK (id = 1), code TEXT NOT NULL, key TEXT NOT NULL,
    lesson TEXT NOT NULL, step INTEGER NOT NULL, phase TEXT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS seats (seat TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS votes (
    lesson TEXT, step INTEGER, round INTEGER, seat TEXT, choice INTEGER NOT NULL,
    PRIMARY KEY (lesson, step, round, seat));
CREATE TABLE IF NOT EXISTS hands (
    lesson TEXT, step INTEGER, round INTEGER, choice INTEGER, count INTEGER NOT NULL,
    PRIMARY KEY (lesson, step, round, choice));
"""


@dataclass(frozen=True)
class Place:
    """Where the class is.

    Attributes:
        lesson: Name of the lesson; empty before the teacher chose one.
        step: Number of the step, from 1.
        phase: One of PHASES.
        version: Rises with every change and every vote.
    """

    lesson: str
    step: int
    phase: str
    version: int


class Room:
    """The room of one home folder. Nothing in it tells who a seat is.

    Args:
        folder: The home folder.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # Kept open, for all threads in turn: to open the file for each question took longer than
        # to answer it, and thirty ask at once.
        self._opened = sqlite3.connect(
            folder / FILE, timeout=10, isolation_level=None, check_same_thread=False
        )
        self._turn = threading.RLock()
        with self._turn:
            # What is committed outlives the process without waiting for the disk at every vote.
            self._opened.execute("PRAGMA journal_mode = WAL")
            self._opened.execute("PRAGMA synchronous = NORMAL")
            self._opened.executescript(_TABLES)
            code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
            self._opened.execute(
                "INSERT OR IGNORE INTO room VALUES (1, ?, ?, '', 1, 'waiting', 0)",
                (code, secrets.token_urlsafe(18)),
            )

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._opened.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """Read and write as one."""
        with self._turn, self._opened:
            self._opened.execute("BEGIN IMMEDIATE")
            yield self._opened

    def _rows(self, query: str, given: Sequence[object] = ()) -> list[tuple]:
        with self._turn:
            return self._opened.execute(query, given).fetchall()

    @property
    def code(self) -> str:
        """What students type to get a seat."""
        return str(self._one("SELECT code FROM room"))

    @property
    def key(self) -> str:
        """What the teacher's link holds."""
        return str(self._one("SELECT key FROM room"))

    @property
    def place(self) -> Place:
        """Where the class is now."""
        return Place(*self._rows("SELECT lesson, step, phase, version FROM room")[0])

    @property
    def seats(self) -> int:
        """How many seats are taken."""
        return int(self._one("SELECT count(*) FROM seats"))

    def _one(self, query: str, given: Sequence[object] = ()) -> object:
        return self._rows(query, given)[0][0]

    def is_teacher(self, key: str) -> bool:
        """Whether somebody holds the teacher's link."""
        return secrets.compare_digest(key.encode(), self.key.encode())

    def has(self, seat: str) -> bool:
        """Whether there is such a seat."""
        return bool(self._one("SELECT count(*) FROM seats WHERE seat = ?", (seat,)))

    def join(self, code: str) -> str:
        """A seat for whoever knows the code.

        Raises:
            ConfigError: If the code is another one, or all seats are taken.
        """
        given = code.strip().upper()
        if not secrets.compare_digest(given.encode(), self.code.encode()):
            raise ConfigError("That is not the code of this class; it stands on the screen.")
        seat = secrets.token_urlsafe(12)
        with self._write() as opened:
            taken = opened.execute("SELECT count(*) FROM seats").fetchone()[0]
            if taken >= MOST_SEATS:
                raise ConfigError(f"All {MOST_SEATS} seats of this class are taken.")
            opened.execute("INSERT INTO seats VALUES (?)", (seat,))
            opened.execute("UPDATE room SET version = version + 1")
        return seat

    def lead(self, lesson: str, step: int, phase: str) -> None:
        """Take the class to a step and a phase; votes that were given stay.

        Raises:
            ConfigError: If there is no such phase.
        """
        if phase not in PHASES:
            raise ConfigError(f"`phase` must be one of {', '.join(PHASES)}, got {phase!r:.40}.")
        with self._write() as opened:
            opened.execute(
                "UPDATE room SET lesson = ?, step = ?, phase = ?, version = version + 1",
                (lesson, step, phase),
            )

    def vote(self, seat: str, choice: int, options: int) -> None:
        """Give a vote, or change it while the round is open.

        Raises:
            ConfigError: If the seat is none, no round is open, or there is no such option.
        """
        if not 0 <= choice < options:
            raise ConfigError(f"`choice` must be from 0 to {options - 1}, got {choice}.")
        if not self.has(seat):
            raise ConfigError("This seat is not of this class; join it with its code.")
        with self._write() as opened:
            # Read and write are one: a vote must not slip in after the round was closed.
            row = opened.execute("SELECT lesson, step, phase FROM room").fetchone()
            if row[2] not in OPEN:
                raise ConfigError("No vote is open now.")
            opened.execute(
                "INSERT OR REPLACE INTO votes VALUES (?, ?, ?, ?, ?)",
                (row[0], row[1], OPEN[row[2]], seat, choice),
            )
            opened.execute("UPDATE room SET version = version + 1")

    def raise_hands(self, round_: int, counts: Sequence[int]) -> None:
        """Count shown hands of those who have no seat, beside the votes; instead of earlier hands.

        Raises:
            ConfigError: If the round is none, or a count is below 0 or too large.
        """
        if round_ not in OPEN.values() or any(not 0 <= each <= MOST_HANDS for each in counts):
            raise ConfigError(f"Counts must be from 0 to {MOST_HANDS}, of round 1 or 2.")
        now = self.place
        with self._write() as opened:
            opened.executemany(
                "INSERT OR REPLACE INTO hands VALUES (?, ?, ?, ?, ?)",
                [(now.lesson, now.step, round_, k, count) for k, count in enumerate(counts)],
            )
            opened.execute("UPDATE room SET version = version + 1")

    def counts(self, round_: int, options: int) -> list[int]:
        """Votes and hands for each option in a round of the step that is taken."""
        now, found = self.place, [0] * options
        query = (
            "SELECT choice, count(*) FROM votes WHERE lesson = ? AND step = ? AND round = ? "
            "GROUP BY choice UNION ALL "
            "SELECT choice, count FROM hands WHERE lesson = ? AND step = ? AND round = ?"
        )
        key = (now.lesson, now.step, round_)
        for choice, count in self._rows(query, (*key, *key)):
            if choice < options:
                found[choice] += count
        return found

    def hands(self, round_: int) -> int:
        """How many hands were counted in a round of the step that is taken."""
        now = self.place
        query = "SELECT sum(count) FROM hands WHERE lesson = ? AND step = ? AND round = ?"
        return int(self._rows(query, (now.lesson, now.step, round_))[0][0] or 0)

    def choice_of(self, seat: str, round_: int) -> int | None:
        """What a seat has voted in a round of the step that is taken; None for nothing."""
        now = self.place
        query = "SELECT choice FROM votes WHERE lesson = ? AND step = ? AND round = ? AND seat = ?"
        rows = self._rows(query, (now.lesson, now.step, round_, seat))
        return int(rows[0][0]) if rows else None
