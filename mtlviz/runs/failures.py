"""What can go wrong between a run and its disk, each said in one sentence.

The sentences name files but no folders: they may be shown to anyone who opens the app. The folder
is added as a note, which tracebacks and logs show.
"""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mtlviz.errors import MtlvizError

DATABASE = "runs.sqlite"
_ADVICE = "Set MTLVIZ_HOME to a folder that can be written."
_FULL = "The disk that holds the home folder is full; make room there and resume the run."
_READ_ONLY = f"The home folder cannot be written. {_ADVICE}"
_DAMAGED = (
    f"The store of runs, {DATABASE} in the home folder, is damaged and was left as it is; "
    "move it away to begin a new one."
)
_SENTENCES = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: f"The store of runs cannot be opened in the home folder. {_ADVICE}",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: "The store of runs is kept locked by another process; try again.",
}
_FEW_BYTES = 2**16


class StoreError(MtlvizError):
    """The home folder or the store cannot be used, or a run is not in a state to do this."""


class DiskFull(StoreError):
    """The disk of the home folder has no room left."""

    def __init__(self) -> None:
        super().__init__(_FULL)


class NoRun(StoreError):
    """There is no such run, or no longer."""

    def __init__(self, run: int) -> None:
        super().__init__(f"There is no run {run}.")


class LostRun(StoreError):
    """This process no longer owns the run it was working on."""


@contextmanager
def in_words(home: Path) -> Iterator[None]:
    """Turn what SQLite and the operating system say about the home folder into one sentence.

    Raises:
        StoreError: In place of what the database or the operating system raised.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if type(error) not in (sqlite3.DatabaseError, sqlite3.OperationalError):
            raise  # A wrong statement of ours, not a fault of the disk.
        raise _noted(_database_sentence(error, home), home) from error
    except OverflowError as error:
        raise StoreError("There is no run or update of a number that large.") from error
    except OSError as error:
        raise _noted(_file_sentence(error), home) from error


def is_full(error: BaseException) -> bool:
    """Whether what failed, or what it came from, failed for want of room on the disk."""
    cause = error.__cause__ or error
    if isinstance(cause, OSError):
        return cause.errno in (errno.ENOSPC, errno.EDQUOT)
    # safetensors tells the system's error by its number in the text.
    return f"os error {errno.ENOSPC}" in str(cause)


def _noted(sentence: str, home: Path) -> StoreError:
    error = DiskFull() if sentence == _FULL else StoreError(sentence)
    error.add_note(f"Home folder: {home}")
    return error


def _database_sentence(error: sqlite3.DatabaseError, home: Path) -> str:
    # Extended codes carry the main code in their lowest byte (https://sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_IOERR and shutil.disk_usage(home).free < _FEW_BYTES:
        return _FULL
    return _SENTENCES.get(code, f"The store of runs cannot be used: {error}.")


def _file_sentence(error: OSError) -> str:
    if is_full(error):
        return _FULL
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return _READ_ONLY
    return f"The home folder cannot be used: {error.strerror or error}. {_ADVICE}"
