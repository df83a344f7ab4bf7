"""Workers and servers are killed at random moments; only the last two seconds may be lost."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mtlviz.runs import queue
from mtlviz.runs.failures import DATABASE
from tests.runs import stand_in
from tests.runs.conftest import plain, stored, wait_for_status

HERE = Path(__file__).parent
LOST_SECONDS, TRUE_SECONDS = 2.0, 10.0
TARGETS = ("worker", "server", "both")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9")


@contextlib.contextmanager
def server(store):
    """A process that ticks."""
    path = ":".join(path for path in sys.path if path)
    process = subprocess.Popen(
        [sys.executable, str(HERE / "server.py"), str(store.home)],
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def kill(number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)


def lost_seconds(store, run, journal):
    """Time from the first record that was made but not stored to the last one made."""
    made = [json.loads(line) for line in journal.read_text().splitlines()]
    lost = [moment for place, moment in made if place >= len(store.records(run))]
    return lost[-1] - lost[0] if lost else 0.0


def check_integrity(store):
    connection = sqlite3.connect(store.home / DATABASE)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def survive(store, tmp_path, target, moment, updates):
    """Kill the target so many seconds after the run was queued; check all that must hold.

    Returns:
        Whether a worker was hit.
    """
    journal = tmp_path / "journal"
    settings = stand_in.config(updates, delay=0.01, journal=str(journal))
    with server(store) as first:
        run = store.create_run(settings)
        time.sleep(moment)
        worker = store.run(run)
        if target in ("server", "both"):
            kill(first.pid)
        hit = target in ("worker", "both") and worker.active and worker.pid is not None
        if hit:
            kill(worker.pid)
        check_integrity(store)
        if hit and journal.exists():
            assert lost_seconds(store, run, journal) <= LOST_SECONDS
        if hit:
            # The new server is this process: the first one may be dead.
            assert wait_for_status(store, run, "interrupted", "finished", seconds=TRUE_SECONDS)
        if store.run(run).status == "interrupted":
            queue.resume(store, run)
        # A run that was not hit goes on, whatever became of the server.
        wait_for_status(store, run, "finished", seconds=60)
    check_integrity(store)
    assert stored(store, run) == plain(stand_in.all_records(settings))
    return hit


@pytest.mark.parametrize(("target", "moment"), [("worker", 1.6), ("server", 1.2), ("both", 2.0)])
def test_a_kill_loses_next_to_nothing(store, tmp_path, target, moment):
    survive(store, tmp_path, target, moment, updates=100)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(50))
def test_fifty_kills_lose_next_to_nothing(store, tmp_path, number):
    drawn = np.random.default_rng([2024, number])
    survive(store, tmp_path, TARGETS[number % 3], drawn.uniform(0.2, 5.0), updates=250)
