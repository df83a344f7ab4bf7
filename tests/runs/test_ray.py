"""Runs on a real Ray: two nodes on this machine, one of them killed in the middle."""

import json
from itertools import pairwise

import pytest

from mtlviz.engine.presets import preset
from mtlviz.runs import worker
from mtlviz.runs.checkpoints import checkpoints
from mtlviz.runs.cluster.ray_launcher import RayLauncher, RayPlace
from mtlviz.runs.store import Store
from tests.runs import stand_in
from tests.runs.conftest import plain, stored, wait_for
from tests.runs.ray_cluster import add_node, cluster, driver_of, end_drivers, launched

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray"), pytest.mark.timeout(900)]
PATIENCE = 240
"""Seconds that a busy machine may take."""


@pytest.fixture(scope="module")
def ray():
    with cluster(nodes=2) as made:
        yield made


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "home")
    yield made
    made.close()
    end_drivers()


def finished(store, launcher, runs, seconds=PATIENCE):
    """Watch until none of these runs is to come."""

    def reached():
        launcher.poll()
        return not any(run.pending for run in store.runs() if run.id in runs)

    wait_for(reached, seconds)
    return [store.run(run) for run in runs]


def test_runs_on_two_nodes_are_the_ones_of_this_machine_bit_for_bit(ray, store, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    launcher = launched(store, ray)
    settings = [preset("default").with_values({"optimisation.max_updates": 30, "seed": seed})
                for seed in range(3)]  # fmt: skip
    far = [store.create_run(each, launcher=launcher.name) for each in settings]
    launcher.poll()
    own = [store.create_run(each, queued=False) for each in settings]
    for run in own:
        worker.work(store, run)
    assert [run.status for run in finished(store, launcher, far)] == ["finished"] * 3
    assert [stored(store, run) for run in far] == [stored(store, run) for run in own]
    assert [store.result(run).scores for run in far] == [store.result(run).scores for run in own]


def test_a_killed_node_loses_nothing_and_its_run_goes_on_from_its_checkpoint(
    ray, store, monkeypatch, tmp_path
):
    launcher = launched(store, ray, monkeypatch, cpus=2)
    only = add_node(ray, cpus=2)  # No other node has room for this run.
    journal = tmp_path / "journal"
    settings = stand_in.config(400, delay=0.02, journal=str(journal))
    run = store.create_run(settings, launcher=launcher.name)
    wait_for(lambda: launcher.poll() or checkpoints(store.folder(run)), PATIENCE)
    assert store.run(run).status == "running"
    ray.remove_node(only, allow_graceful=False)
    other = add_node(ray, cpus=2)
    (found,) = finished(store, launcher, [run])
    ray.remove_node(other)
    assert found.status == "finished"
    assert stored(store, run) == plain(stand_in.all_records(settings))
    made = [json.loads(line)[0] for line in journal.read_text().splitlines()]
    (again,) = (later for place, later in pairwise(made) if later <= place)
    assert again > 0


def test_runs_stop_and_fail_as_they_do_here(ray, store, monkeypatch):
    launcher = launched(store, ray, monkeypatch)
    long, wrong, broken, waits = (
        store.create_run(stand_in.config(5000, delay=0.02, **how), launcher=launcher.name)
        for how in ({}, {"wrong_at": 3}, {"broken_at": 3}, {})
    )
    launcher.stop([waits])
    wait_for(lambda: launcher.poll() or store.run(long).updates > 10, PATIENCE)
    launcher.stop([long])
    found = finished(store, launcher, [long, wrong, broken, waits])
    assert [run.status for run in found] == ["stopped", "failed", "failed", "stopped"]
    assert found[1].error == "The second table has no labels."
    assert found[2].error == "An unexpected error ended the run; its log says more."
    assert "secret detail" in store.log(broken)
    assert 10 < found[0].updates < 5000


def test_a_cluster_that_is_not_there_is_said_in_a_sentence(store, monkeypatch):
    pytest.importorskip("ray", reason='needs Ray: pip install "mtlviz[ray]"')
    launcher = RayLauncher(store, RayPlace(address="127.0.0.1:9").name)
    run = store.create_run(stand_in.config(), launcher=launcher.name)
    (found,) = finished(store, launcher, [run])
    assert found.status == "failed"
    assert "The Ray cluster 127.0.0.1:9 could not be reached" in found.error


def test_a_share_that_ray_can_never_give_is_said_in_a_sentence_and_the_driver_ends(store):
    pytest.importorskip("ray", reason='needs Ray: pip install "mtlviz[ray]"')
    launcher = RayLauncher(store, RayPlace(cpus=1024).name)
    run = store.create_run(stand_in.config(), launcher=launcher.name)
    (found,) = finished(store, launcher, [run])
    assert "No machine of the Ray cluster local has a run's share, 1024 CPU cores" in found.error
    driver_of(store).wait(PATIENCE)
