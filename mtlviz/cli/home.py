"""The store that a command works on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from mtlviz.access import HOME_FOLDER
from mtlviz.runs.store import Store


@contextmanager
def opened_store(home: str | None) -> Iterator[Store]:
    """The store of --home, from where own tasks are meant meanwhile; closed at the end.

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
