"""What drivers have in common: processes that give runs to a cluster, and leave when none waits.

A driver works on all runs that wait for the name of its launcher, and holds a lock of that name as
long as it lives.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import subprocess
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mtlviz import access
from mtlviz.errors import MtlvizError
from mtlviz.runs.checkpoints import checkpoints
from mtlviz.runs.failures import StoreError
from mtlviz.runs.lock import locked
from mtlviz.runs.machine_slots import environment
from mtlviz.runs.store import Store
from mtlviz.runs.summary import QUEUE

if TYPE_CHECKING:
    from mtlviz.runs.sweep.steering import Overseer

FOLDER = "launchers"
MOST_DEATHS = 5
"""So often a run is begun without getting to another checkpoint."""
_STEER_SECONDS = 2.0
_log = logging.getLogger(__name__)
_drivers: dict[tuple[Path, str], subprocess.Popen] = {}


def waits(store: Store, name: str) -> bool:
    """Whether a run waits for this launcher."""
    query = "SELECT EXISTS (SELECT 1 FROM runs WHERE status = 'queued' AND launcher = ?)"
    with store.connections.reading() as connection:
        return bool(connection.execute(query, (name,)).fetchone()[0])


def next_waiting(store: Store, name: str, most: int, given: Collection[int]) -> list[int]:
    """The runs that wait for this launcher in their turn, but for those its cluster has already.

    Args:
        store: The store.
        name: Of the launcher.
        most: How many of them.
        given: Those that the cluster has.
    """
    with store.connections.reading() as connection:
        found = connection.execute(f"{QUEUE} LIMIT ?", (name, most + len(given))).fetchall()
    return [run for (run,) in found if run not in given][:most]


def lock_name(name: str) -> str:
    """The lock of the driver of this name, below the home folder; its log lies beside it."""
    readable = re.sub(r"[^\w.]+", "-", name)
    return f"{FOLDER}/{readable}"


def see_to_driver(store: Store, name: str, command: tuple[str, ...]) -> None:
    """Start the driver unless there is one: whoever lives holds its lock."""
    begun = _drivers.get((store.home, name))
    if begun is not None and begun.poll() is None:
        return
    try:
        with locked(store, lock_name(name), patience=0):
            pass
    except StoreError as error:
        _log.info("No driver is begun: %s", error)
        return
    # A cluster gives each run its share of threads itself.
    values = environment(0, 1)
    values.pop("RAY_ADDRESS", None)  # It would win over the address that was given.
    values.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with (store.home / f"{lock_name(name)}.log").open("ab") as log:
        _drivers[store.home, name] = subprocess.Popen(
            [*command, str(store.home), name],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=values,
            start_new_session=True,
        )


def be_driver(
    program: str, arguments: Sequence[str] | None, drive: Callable[[Store, str], None]
) -> int:
    """Be the driver of a store, unless there is one; what a driver's `main` does.

    Args:
        program: What its help calls it.
        arguments: Of the command line.
        drive: Gives the runs of a store that wait for a launcher of this name to the cluster.
    """
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("home", help="home folder")
    parser.add_argument("name", help="name of the launcher")
    flags = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    store = Store(flags.home)
    os.environ[access.HOME_FOLDER] = str(store.home)  # Own tasks are meant from there.
    try:
        with locked(store, lock_name(flags.name), patience=0):
            drive(store, flags.name)
    except StoreError as error:  # Another driver is there.
        _log.info("%s", error)
        return 1
    return 0


class GivesRuns(Protocol):
    """What works as a driver.

    Attributes:
        overseer: Steers the sweeps whose runs it gives.
        pause_seconds: Between two steps; 0 where a step itself waits for the cluster.
        linger_seconds: How long to wait for more where no run is left.
    """

    overseer: Overseer
    pause_seconds: float
    linger_seconds: float

    def step(self) -> bool:
        """Do what is to be done now; whether any run is with the cluster."""
        ...


def give_until_none_waits(
    store: Store, name: str, cluster: str, begin: Callable[[], GivesRuns]
) -> None:
    """Give all waiting runs to a cluster until none is left, and steer their sweeps meanwhile.

    Sweeps that learn from what has been scored go on whether or not anybody looks.

    Args:
        store: The store.
        name: Of the launcher.
        cluster: What people call the cluster.
        begin: Makes the driver.
    """
    try:
        driver, steered = begin(), 0.0
        busy = time.monotonic()
        while time.monotonic() - busy < driver.linger_seconds:
            if time.monotonic() - steered >= _STEER_SECONDS:
                steered = time.monotonic()
                driver.overseer.step()
            if driver.step():
                busy = time.monotonic()
            time.sleep(driver.pause_seconds)
    except MtlvizError as error:
        fail_waiting(store, name, str(error))
    except Exception:
        _log.exception("The driver broke off")
        fail_waiting(
            store, name, f"The process that gives runs to {cluster} broke off; its log in the home "
            "folder says more."
        )  # fmt: skip
        raise


def last_line(error: Exception) -> str:
    """The last line of what an error says, at readable length."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1][:200]


class Deaths:
    """Counts how often a run was lost without having got to another checkpoint.

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, tuple[int, int]] = {}

    def add(self, run: int, token: str, why: str) -> None:
        """A run has lost its worker: too often, and it has failed.

        Args:
            run: Number of the run.
            token: The right of its worker to it.
            why: What became of the worker, as in "its machine was lost".
        """
        reached = next(iter(checkpoints(self._store.folder(run))), 0)
        before, times = self._known.get(run, (reached, 0))
        times = times + 1 if reached == before else 1
        self._known[run] = reached, times
        if times >= MOST_DEATHS:
            fail(self._store, run, token, f"It was begun {times} times, and each time {why} "
                 "before it had saved another checkpoint.")  # fmt: skip

    def forget(self, run: int) -> None:
        """A run has ended."""
        self._known.pop(run, None)


def fail(store: Store, run: int, token: str, sentence: str) -> None:
    """Write down that a run has failed which no worker has."""
    statement = (
        "UPDATE runs SET status = 'failed', error = ?, finished = ?, claim = NULL WHERE id = ? "
        "AND (status = 'queued' OR (status = 'running' AND claim = ?))"
    )
    store.connections.write_urgently(
        lambda connection: connection.execute(statement, (sentence, time.time(), run, token))
    )


def fail_waiting(store: Store, name: str, sentence: str) -> None:
    """Write down that all runs that wait for this launcher have failed."""
    statement = (
        "UPDATE runs SET status = 'failed', error = ?, finished = ? "
        "WHERE status = 'queued' AND launcher = ?"
    )
    store.connections.write_urgently(
        lambda connection: connection.execute(statement, (sentence, time.time(), name))
    )
