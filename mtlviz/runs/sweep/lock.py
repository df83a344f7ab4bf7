"""One process at a time: a lock on the home folder's studies that dies with its holder."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from mtlviz.runs.failures import in_words
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import FOLDER

_PATIENCE = 30.0


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Keep all others that want the same from changing a study meanwhile.

    SQLite's own lock on an empty file: every system has it, and gives it back however its holder
    ends.

    Raises:
        StoreError: If another process holds it for long, or the folder cannot be written.
    """
    with in_words(store.home):
        folder = store.home / FOLDER
        folder.mkdir(exist_ok=True)
        opened = sqlite3.connect(folder / "lock", timeout=_PATIENCE, isolation_level=None)
        with closing(opened) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
