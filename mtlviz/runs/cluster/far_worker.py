"""A worker on any machine of a cluster: it trains a run whose store is elsewhere.

Nothing here knows of Ray; who calls it gives it a way to ask the sink.
"""

from __future__ import annotations

import logging
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from mtlviz import __version__, access
from mtlviz.engine.config import RunConfig
from mtlviz.errors import ConfigError, MissingError
from mtlviz.runs.cluster.far_lease import Ask, FarLease
from mtlviz.runs.cluster.order import Order
from mtlviz.runs.cluster.tables import unpack
from mtlviz.runs.failures import LostRun
from mtlviz.runs.machine_slots import set_threads
from mtlviz.runs.queue import LOG
from mtlviz.runs.source import Opening, Source, training
from mtlviz.runs.worker import Pace, work_on

_log = logging.getLogger(__name__)
_OUTPUT, _ERRORS = 1, 2  # Numbers of a process's streams.


def work_far(
    ask: Ask,
    order: Order,
    tables: Mapping[str, bytes],
    *,
    opening: Opening = training,
    pace: Pace | None = None,
) -> str:
    """Work on a run until it has finished, failed or been stopped, and say which.

    Args:
        ask: Asks the sink.
        order: The run.
        tables: The uploaded tables that it reads, by the names of their folders.
        opening: Makes the source of records.
        pace: How often to write.
    """
    set_threads(order.threads)
    with tempfile.TemporaryDirectory(prefix="mtlviz-") as scratch:
        home = Path(scratch)
        try:
            folder = home / "runs" / str(order.run)
            held = FarLease(ask, order.run, order.token, RunConfig.from_json(order.config), folder)
            with _said_into(folder / LOG), _at_home(home, order, tables):
                _log.info("Run %s on %s", order.run, platform.node())
                return work_on(held, opening=_checked(opening, order), pace=pace)
        except LostRun as error:
            return str(error)


def _checked(opening: Opening, order: Order) -> Opening:
    """The same, where this machine is fit for it."""

    def opened(config: RunConfig, checkpoint: Path | None) -> Source:
        if order.version != __version__:
            raise ConfigError(
                f"The machine that worked on it has mtlviz {__version__}, the store's has "
                f"{order.version}: install the same on every machine of the cluster."
            )
        try:
            return opening(config, checkpoint)
        except MissingError as error:
            raise MissingError(
                f"{error} That is so on the machine of the cluster that worked on it: every one "
                "needs the data itself, but for uploaded tables."
            ) from error

    return opened


@contextmanager
def _at_home(home: Path, order: Order, tables: Mapping[str, bytes]) -> Iterator[None]:
    """Read what a run reads as where it is stored: own tasks, data, relative paths."""
    before = os.environ.get(access.HOME_FOLDER)
    os.environ[access.HOME_FOLDER] = str(home)
    if order.data is not None:
        os.environ.setdefault(access.DATA_FOLDER, order.data)
    for name, piece in tables.items():
        unpack(piece, home / access.OWN_TASKS / name)
    there = chdir(order.directory) if Path(order.directory).is_dir() else nullcontext()
    try:
        with there, access.chosen(_access(order)):
            yield
    finally:
        os.environ.pop(access.HOME_FOLDER)
        os.environ.update({} if before is None else {access.HOME_FOLDER: before})


def _access(order: Order) -> access.Access:
    """What may be read: as much as where the run is stored, in this machine's folders."""
    own = access.owners_access()
    if order.access is None:
        return own
    given = access.Access.from_text(order.access)
    return replace(given, folders={**given.folders, **own.folders})


@contextmanager
def _said_into(log: Path) -> Iterator[None]:
    """Let what this process says go to the run's log meanwhile."""
    handler = logging.FileHandler(log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    level, kept = root.level, [(stream, os.dup(stream)) for stream in (_OUTPUT, _ERRORS)]
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        with log.open("ab") as file:
            for stream, _ in kept:
                os.dup2(file.fileno(), stream)
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for stream, before in kept:
            os.dup2(before, stream)
            os.close(before)
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
