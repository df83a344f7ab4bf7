"""One process at a time: a lock in the home folder that dies with its holder."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from mtlviz.runs.failures import in_words
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import FOLDER

_PATIENCE = 30.0


@contextmanager
def locked(
    store: Store, name: str = f"{FOLDER}/lock", patience: float = _PATIENCE
) -> Iterator[None]:
    """Keep all others that want the same from changing a study meanwhile, or from what has a name.

    SQLite's own lock on an empty file: every system has it, and gives it back however its holder
    ends.

    Args:
        store: The store.
        name: Of the lock, below the home folder.
        patience: Seconds to wait for whoever holds it.

    Raises:
        StoreError: If another process holds it for long, or the folder cannot be written.
    """
    place = store.home / name
    with in_words(store.home):
        place.parent.mkdir(exist_ok=True)
        opened = sqlite3.connect(place, timeout=patience, isolation_level=None)
        with closing(opened) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
