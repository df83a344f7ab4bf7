"""The queue: which runs begin when, and what has become of those that began.

There is no server of the queue. Any process may call `tick`: the app, the command line, a worker
that leaves. All that is known stands in the store, so it does not matter who dies.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mtlviz.errors import MtlvizError
from mtlviz.runs.checkpoints import forget_older
from mtlviz.runs.failures import StoreError
from mtlviz.runs.machine_slots import (
    check_devices,
    environment,
    free_slot,
    gpus,
    run_limit,
    small_run_limit,
)
from mtlviz.runs.process import Identity, identity, is_alive
from mtlviz.runs.store import NEXT_PLACE, Store
from mtlviz.runs.summary import QUEUE, RESUMABLE, TRAINED_HERE, Status, why_not_resumable
from mtlviz.runs.visitor_limits import current_limits

if TYPE_CHECKING:
    import sqlite3

    from mtlviz.engine.config import RunConfig

LOG = "log.txt"
WORKER = (sys.executable, "-m", "mtlviz.runs.worker")
_NEVER_BEGAN = "Its process ended before it began; its log says more."
_DIED = "Its process died or was killed; it can go on from its last checkpoint."
# A process of another machine is known by its heartbeat, one a second, alone.
_SILENT_SECONDS = 6.0
# Between reserving a run and naming its process a starter needs milliseconds.
_UNNAMED_SECONDS = 5.0
_ROUNDING = 1e-9
_NARROW = 128
"""Width up to which a product of matrices is too small to be shared among threads."""
# Workers that this process started, kept so that they are collected when they end.
_children: list[subprocess.Popen] = []
_children_lock = threading.Lock()


def tick(store: Store) -> list[int]:
    """Bring the store up to date with the world, and start what may start.

    Runs whose process died become interrupted; a living process is left alone, whoever started it;
    waiting runs begin in order while there is room. Cheap when there is nothing to do.

    Returns:
        The runs it has started.
    """
    _collect_children()
    _settle(store)
    started = []
    while (reserved := _reserve(store)) is not None:
        share = environment(reserved.slot, reserved.limit, reserved.count)
        _launch(store, reserved.run, share)
        started.append(reserved.run)
    return started


def take_next(store: Store, run: int) -> int | None:
    """The next waiting run, taken for the process that has just finished another one.

    Small runs take longer to load PyTorch than to train. One that reads from the same folders, in
    the same way, goes on in the process that has it loaded; any other begins in one of its own.

    Args:
        store: The store.
        run: The run that this process has finished.
    """
    if gpus():
        return None
    reserved = _reserve(store, lambda other: _alike(store, run, other))
    return None if reserved is None else reserved.run


def _alike(store: Store, run: int, other: int) -> bool:
    """Whether two runs may follow each other in one process: small ones, with equal rights."""
    with store.connections.reading() as connection:
        query = "SELECT directory, access FROM runs WHERE id IN (?, ?)"
        places = set(connection.execute(query, (run, other)).fetchall())
    configs = store.config(run), store.config(other)
    return len(places) == 1 and all(is_small(config) for config in configs)


def is_small(config: RunConfig) -> bool:
    """Whether a run leaves nothing large, and nothing compiled: others may follow it there."""
    plain = config.capacity.encoder != "checkpoint" and config.capacity.vectors == "random"
    plain = plain and config.processes == 1
    return plain and config.device in ("auto", "cpu") and not config.optimisation.compile


def at_once(configs: Iterable[RunConfig]) -> int:
    """How many of such runs may be active at once on this machine.

    Raises:
        ConfigError: If MTLVIZ_RUNS is not a whole number from 1 up.
    """
    found = list(configs)
    return max(1, _limit(found) // max((config.processes for config in found), default=1))


def _limit(configs: Sequence[RunConfig]) -> int:
    """How many places there are for such runs, which take one for each of their processes."""
    return small_run_limit() if all(map(_uses_one_thread, configs)) else run_limit()


def _uses_one_thread(config: RunConfig) -> bool:
    """Whether a second thread would have nothing to do: word vectors averaged, on few numbers."""
    from mtlviz.engine.models.encoders import ENCODERS

    averages = ENCODERS[config.capacity.encoder].method.per_text
    return is_small(config) and averages and config.capacity.width <= _NARROW


def start(store: Store, config: RunConfig) -> int:
    """Put a new run into the queue, start it if there is room, and return its number."""
    return start_all(store, [config])[0]


def start_all(store: Store, configs: Sequence[RunConfig], owner: str | None = None) -> list[int]:
    """Put new runs into the queue, start what there is room for, and return their numbers.

    Several that begin together are a family: lists show them as one.

    Raises:
        ConfigError: If that many cannot wait for this visitor, or one needs more devices than this
            machine has.
        StoreError: If the store cannot be used.
    """
    check_room(store, len(configs), owner)
    for config in configs:
        check_devices(config)
    runs = [store.create_run(config, owner=owner) for config in configs]
    store.join(runs)
    tick(store)
    return runs


def check_room(store: Store, count: int, owner: str | None) -> None:
    """So many more runs of a visitor may wait.

    Raises:
        ConfigError: If they may not; see `Limits.waiting_runs`.
    """
    query = "SELECT count(*) FROM runs WHERE status = 'queued' AND owner = ?"
    with store.connections.reading() as connection:
        (waiting,) = connection.execute(query, (owner,)).fetchone()
    if owner is not None:
        current_limits().check("waiting_runs", waiting, count)


def pending_of(store: Store, owner: str) -> set[int]:
    """Numbers of the runs of a visitor that wait or train."""
    query = "SELECT id FROM runs WHERE owner = ? AND status IN ('queued', 'starting', 'running')"
    with store.connections.reading() as connection:
        return {number for (number,) in connection.execute(query, (owner,))}


def stop(store: Store, run: int) -> None:
    """Ask a run to stop: it finishes its update, saves a checkpoint and leaves.

    A run that waits in the queue leaves it.

    Raises:
        StoreError: If there is no such run, or it neither waits nor runs.
    """
    with store.connections.writing() as connection:
        waiting = connection.execute(
            "UPDATE runs SET status = 'stopped', finished = ? WHERE id = ? AND status = 'queued'",
            (time.time(), run),
        ).rowcount
        asked = connection.execute(
            "UPDATE runs SET stop_requested = 1 WHERE id = ? AND status IN ('starting', 'running')",
            (run,),
        ).rowcount
    if not waiting and not asked:
        raise StoreError(f"Run {run} is {store.run(run).status}; it cannot be stopped.")


def resume(store: Store, run: int, launcher: str | None = None) -> None:
    """Let a run that was stopped, interrupted or failed go on from its last checkpoint.

    Args:
        store: The store.
        run: Number of the run.
        launcher: The name under which a launcher starts it; None for the queue of this machine.

    Raises:
        StoreError: If there is no such run, or it is not one of these.
    """
    _queue_again(store, run, launcher=launcher)
    tick(store)


def retry(store: Store, run: int, launcher: str | None = None) -> None:
    """Let a run that was stopped, interrupted or failed begin anew; what it recorded is dropped.

    Args:
        store: The store.
        run: Number of the run.
        launcher: The name under which a launcher starts it; None for the queue of this machine.

    Raises:
        StoreError: If there is no such run, or it is not one of these.
    """
    _queue_again(store, run, anew=True, launcher=launcher)
    tick(store)


def _queue_again(
    store: Store, run: int, *, anew: bool = False, launcher: str | None = None
) -> None:
    """Let a run that has ended without finishing wait again, for this launcher or the queue."""
    from mtlviz.runs import rows

    marks = ", ".join("?" for _ in RESUMABLE)
    with store.connections.writing() as connection:
        queued = connection.execute(
            f"UPDATE runs SET status = 'queued', launcher = ?, place = {NEXT_PLACE}, error = NULL, "
            f"finished = NULL, stop_requested = 0 WHERE id = ? AND status IN ({marks}) "
            f"AND {TRAINED_HERE}",
            (launcher, run, *RESUMABLE),
        ).rowcount
        if queued and anew:
            rows.cut(connection, run, 0)
            change = "UPDATE runs SET edition = edition + 1, updates = 0 WHERE id = ?"
            connection.execute(change, (run,))
            forget_older(store.folder(run), keep=0)
    if not queued:
        raise StoreError(why_not_resumable(store.run(run)))


def _settle(store: Store) -> None:
    """Write down which active runs have lost their process."""
    query = (
        "SELECT id, status, claim, machine, pid, process_start, heartbeat FROM runs "
        "WHERE status IN ('starting', 'running')"
    )
    with store.connections.reading() as connection:
        active = connection.execute(query).fetchall()
    for run, status, token, machine, pid, began, heartbeat in active:
        process = None if pid is None else Identity(machine, pid, began)
        fate = _fate(process, time.time() - heartbeat)
        if fate is not None:
            _write_fate(store, run, fate, (status, token, pid, heartbeat))


def _fate(process: Identity | None, silent: float) -> Status | None:
    """What an active run has become: interrupted, queued again, or None for still active."""
    if process is None:
        return "queued" if silent > _UNNAMED_SECONDS else None
    alive = is_alive(process)
    if alive is None:
        alive = silent <= _SILENT_SECONDS
    return None if alive else "interrupted"


def _write_fate(store: Store, run: int, fate: Status, seen: tuple) -> None:
    """Change a run's status unless anything has happened to it since it was looked at."""
    error = _NEVER_BEGAN if seen[0] == "starting" else _DIED
    values = (fate, error, time.time()) if fate == "interrupted" else (fate, None, None)
    statement = (
        "UPDATE runs SET status = ?, error = ?, finished = ?, claim = NULL "
        "WHERE id = ? AND status = ? AND claim IS ? AND pid IS ? AND heartbeat = ?"
    )
    store.connections.write_urgently(
        lambda connection: connection.execute(statement, (*values, run, *seen))
    )


class _Reserved(NamedTuple):
    """A run taken off the queue: its number, its slots, and how many slots there are for such."""

    run: int
    slot: int
    count: int
    limit: int


def _reserve(store: Store, fits: Callable[[int], bool] | None = None) -> _Reserved | None:
    """Take the first waiting run off the queue if there is room.

    One of several processes takes a slot for each, as far as there are as many; whoever comes
    after it waits until it has them.

    Args:
        store: The store.
        fits: Whether the one that takes it can use it, if not every run will do.
    """
    found = _first(store)
    if found is None or (fits is not None and not fits(found)):
        return None
    with store.connections.writing() as connection:
        query = (
            "SELECT slot, config FROM runs WHERE status IN ('starting', 'running') "
            "AND launcher IS NULL"
        )
        active = [(slot, *_places(config)) for slot, config in connection.execute(query)]
        first = _first_of(connection)
        if first is None:
            return None
        query = "SELECT config FROM runs WHERE id = ?"
        count, limit = _places(connection.execute(query, (first,)).fetchone()[0])
        if sum(taken / of for _, taken, of in active) + count / limit > 1 + _ROUNDING:
            return None
        if fits is not None and first != found:
            return None  # Another process has just taken the one that fits.
        slot = free_slot([(slot, taken) for slot, taken, _ in active], count, limit)
        if slot is None:
            return None
        connection.execute(
            "UPDATE runs SET status = 'starting', slot = ?, heartbeat = ?, machine = NULL, "
            "pid = NULL, process_start = NULL WHERE id = ?",
            (slot, time.time(), first),
        )
    return _Reserved(first, slot, count, limit)


def _places(config: str) -> tuple[int, int]:
    """How many places a run takes, of how many; one of a newer version counts as large."""
    from mtlviz.engine.config import RunConfig

    try:
        read = RunConfig.from_json(config)
        limit = _limit([read])
        return min(read.processes, limit), limit
    except MtlvizError:
        return 1, run_limit()


def _first(store: Store) -> int | None:
    with store.connections.reading() as connection:
        return _first_of(connection)


def _first_of(connection: sqlite3.Connection) -> int | None:
    """The waiting run whose turn it is."""
    found = connection.execute(f"{QUEUE} LIMIT 1", (None,)).fetchone()
    return None if found is None else found[0]


def _launch(store: Store, run: int, environment: dict[str, str]) -> None:
    """Start a worker that outlives this process, and write down which it is."""
    try:
        child = _worker(store, run, environment)
    except OSError as error:
        problem = f"Its process could not be started: {error.strerror}."
        change, values = "status = 'failed', error = ?, finished = ?", (problem, time.time())
    else:
        with _children_lock:
            _children.append(child)
        process = identity(child.pid)
        change = "machine = ?, pid = ?, process_start = ?"
        values = (process.machine, process.pid, process.start)
    with store.connections.writing() as connection:
        connection.execute(
            f"UPDATE runs SET {change} WHERE id = ? AND status = 'starting' AND pid IS NULL",
            (*values, run),
        )


def _worker(store: Store, run: int, environment: dict[str, str]) -> subprocess.Popen:
    """A new process, in a session of its own, that will work on the run."""
    store.folder(run).mkdir(parents=True, exist_ok=True)
    with store.connections.reading() as connection:
        query = "SELECT directory FROM runs WHERE id = ?"
        directory = connection.execute(query, (run,)).fetchone()[0]
    with (store.folder(run) / LOG).open("ab") as log:
        return subprocess.Popen(
            [*WORKER, str(store.home), str(run)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=directory if directory is not None and Path(directory).is_dir() else None,
            env=environment,
            start_new_session=True,
        )


def _collect_children() -> None:
    """Let the system forget the workers of this process that have ended."""
    with _children_lock:
        _children[:] = [child for child in _children if child.poll() is None]
