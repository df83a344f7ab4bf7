"""A real Ray of several nodes on one machine, and stores whose runs it works on."""

import contextlib
import os
import sys

import pytest

from mtlviz.runs.cluster import drivers, ray_launcher
from tests.runs import ray_server

SMALL = {"object_store_memory": 80 * 2**20}
HEAD = {
    "num_cpus": 0,
    "include_dashboard": False,
    # A busy machine is not a dead one, and no worker is started before it is needed.
    "_system_config": {"health_check_failure_threshold": 20, "prestart_worker_first_driver": False},
}


@contextlib.contextmanager
def cluster(nodes=1):
    """A cluster: a head that works on nothing, where the store is, and nodes of one core each."""
    pytest.importorskip("ray", reason='needs Ray: pip install "mtlviz[ray]"')
    # Workers find the package and the tests as this process does.
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(path for path in sys.path if path))
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Else workers wait for all other programs.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={**HEAD, **SMALL})
    try:
        for _ in range(nodes):
            add_node(made)
        yield made
    finally:
        made.shutdown()


def add_node(made, cpus=1):
    return made.add_node(num_cpus=cpus, **SMALL)


def launched(store, made, monkeypatch=None, cpus=1):
    """The launcher of a store whose runs, stand-ins or real ones, the cluster works on."""
    if monkeypatch is not None:
        monkeypatch.setattr(ray_launcher, "DRIVER", ray_server.COMMAND)
    place = ray_launcher.RayPlace(address=made.address, cpus=cpus)
    return ray_launcher.RayLauncher(store, place.name)


def driver_of(store):
    """The process that gives the runs of a store to Ray."""
    return next(process for (home, _), process in drivers._drivers.items()
                if home == store.home)  # fmt: skip


def end_drivers():
    """No driver that a test started outlives it."""
    for driver in drivers._drivers.values():
        driver.kill()
        driver.wait()
    drivers._drivers.clear()
