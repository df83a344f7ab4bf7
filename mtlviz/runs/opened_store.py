"""The store that a command or a program works on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mtlviz.access import HOME_FOLDER
from mtlviz.runs.store import Store


@contextmanager
def opened_store(home: str | Path | None) -> Iterator[Store]:
    """The store of a home folder, or the usual one, closed at the end.

    Meanwhile own tasks are meant from that folder.

    Raises:
        MtlvizError: If the home folder cannot be used.
    """
    store, before = Store(home), os.environ.get(HOME_FOLDER)
    os.environ[HOME_FOLDER] = str(store.home)
    try:
        yield store
    finally:
        store.close()
        os.environ.pop(HOME_FOLDER)
        os.environ.update({} if before is None else {HOME_FOLDER: before})
