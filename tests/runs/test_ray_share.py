"""Shares that Ray can never give, and stopped runs that it never gets to; without Ray."""

import sys
from types import SimpleNamespace

import pytest

from mtlviz.runs import queue
from mtlviz.runs.cluster import ray_driver, ray_launcher
from mtlviz.runs.cluster.ray_launcher import RayPlace
from mtlviz.runs.failures import StoreError
from tests.runs import stand_in


def node(cpus=0.0, gpus=0.0, alive=True):
    given = {"CPU": cpus, "GPU": gpus, "memory": 1.0}
    return {"Alive": alive, "Resources": {name: many for name, many in given.items() if many}}


def test_a_share_that_one_machine_has_is_fine():
    nodes = [node(), node(8.0), node(2.0, 1.0)]
    for share in ({"cpus": 8}, {"cpus": 2, "gpus": 1}, {"cpus": 0.5, "gpus": 0.25}):
        ray_driver.check_share(nodes, RayPlace(**share))


@pytest.mark.parametrize(
    ("share", "nodes"),
    [
        ({"cpus": 64}, [node(2.0)]),
        ({"cpus": 1, "gpus": 1}, [node(2.0)]),
        # Both on one machine, not on two.
        ({"cpus": 4, "gpus": 1}, [node(8.0), node(2.0, 1.0)]),
        ({"cpus": 4}, [node(8.0, alive=False), node(2.0)]),
        ({"cpus": 1}, []),
    ],
)
def test_a_share_that_no_machine_has_is_refused_with_what_there_is(share, nodes):
    with pytest.raises(StoreError) as error:
        ray_driver.check_share(nodes, RayPlace(**share))
    said = str(error.value)
    assert f"has a run's share, {share['cpus']} CPU cores" in said
    assert ("2 CPU cores" if nodes else "none is there") in said


def test_a_stopped_run_that_ray_never_gets_to_does_not_hold_the_driver(store, monkeypatch):
    ray = SimpleNamespace(
        remote=lambda work: SimpleNamespace(
            options=lambda **_: SimpleNamespace(remote=lambda *given: object())
        ),
        wait=lambda tasks, **_: ([], tasks),
        cluster_resources=lambda: {"CPU": 2.0},
    )
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(ray_driver, "_sink", lambda *_: None)
    monkeypatch.setattr(ray_launcher, "check_installed", lambda: None)
    place = RayPlace()
    run = store.create_run(stand_in.config(), launcher=place.name)
    driver = ray_driver.Driver(store, place)
    assert driver.step()
    queue.stop(store, run)
    assert not driver.step()
