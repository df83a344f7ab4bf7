import os
import subprocess
import time

import pytest

from mtlviz.engine.records import to_json
from mtlviz.runs import queue
from mtlviz.runs.store import Store
from tests.runs import stand_in


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty store whose queue starts stand-in workers, two at a time."""
    monkeypatch.setenv("MTLVIZ_RUNS", "2")
    monkeypatch.setattr(queue, "WORKER", stand_in.COMMAND)
    made = Store(tmp_path / "home")
    yield made
    made.close()
    for child in queue._children:
        child.kill()
        child.wait()
    queue._children.clear()


@pytest.fixture
def tiny_disk(tmp_path):
    """A folder on a disk of half a megabyte; filled or made read-only by the tests."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)]
    if os.name != "posix" or subprocess.run(mounted, capture_output=True).returncode:
        pytest.skip("mounting a small disk is not permitted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def wait_for(condition, seconds=20.0):
    """Wait until the condition holds; fail if that takes too long."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def wait_for_status(store, run, *statuses, seconds=20.0):
    """Call `tick` like any server until the run has one of these statuses; return it."""

    def reached():
        queue.tick(store)
        return store.run(run).status in statuses

    wait_for(reached, seconds)
    return store.run(run).status


def plain(records, without=("seconds",)):
    """Records as dictionaries that can be compared."""
    return [
        {name: value for name, value in to_json(record).items() if name not in without}
        for record in records
    ]


def stored(store, run):
    return plain(record for _, record in store.records(run))
