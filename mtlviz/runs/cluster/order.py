"""What a worker elsewhere is told of a run when it is to work on it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from mtlviz import __version__
from mtlviz.access import DATA_FOLDER
from mtlviz.runs.store import Store


@dataclass(frozen=True)
class Order:
    """A run to be worked on.

    Attributes:
        run: Its number.
        token: Known to its worker alone.
        config: Its settings, as JSON.
        access: What may be read for it, as `Access.to_text` writes it; None for everything.
        directory: The folder from which relative paths are meant; empty if not known.
        data: The data folder where the store is, for machines that name none of their own.
        threads: Threads that it may use.
        version: The mtlviz that asks for it.
    """

    run: int
    token: str
    config: str
    access: str | None
    directory: str
    data: str | None
    threads: int
    version: str = __version__


def order_of(store: Store, run: int, token: str, threads: int = 1) -> Order:
    """The order to work on a stored run.

    Args:
        store: The store.
        run: Number of the run.
        token: Known to its worker alone.
        threads: Threads that it may use.

    Raises:
        MtlvizError: There is no such run, or a newer mtlviz stored it.
    """
    rights = store.access(run)
    return Order(
        run=run,
        token=token,
        config=store.config(run).to_json(),
        access=None if rights.everywhere else rights.to_text(),
        directory=str(store.directory(run) or ""),
        data=os.environ.get(DATA_FOLDER),
        threads=threads,
    )
