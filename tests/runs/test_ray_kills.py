"""Twenty times a node or the driver is killed at random during a sweep on a real Ray.

No run is lost, none is counted or trained twice, and resuming finishes the sweep. What is killed,
and when, follows from the seed below.
"""

import time

import numpy as np
import pytest

from mtlviz.runs.store import Store
from mtlviz.runs.sweep.plan import SweepPlan
from mtlviz.runs.sweep.runs import begin_sweep, resume_sweep
from mtlviz.runs.sweep.scores import results_of, sweep_scores
from mtlviz.runs.sweep.state import sweep_runs, sweep_state
from mtlviz.runs.sweep.stored import stored_sweep
from tests.runs import stand_in
from tests.runs.conftest import plain, stored, wait_for
from tests.runs.ray_cluster import add_node, cluster, driver_of, end_drivers, launched
from tests.runs.test_kill import check_integrity, kill

SEED, KILLS = 20261129, 20
SECONDS = (0.3, 3.0)
"""Between a moment at which a run is at work and the next kill."""
ACTIVE_SECONDS = 12.0
"""So long is waited for such a moment: what is just starting is killed as well."""
RATES, SEEDS = (1e-3, 3e-3, 1e-2, 3e-2), 4
PATIENCE = 300
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray"), pytest.mark.timeout(1500)]


class Experiment:
    """A sweep of sixteen runs, six seconds of work each, on two nodes."""

    def __init__(self, store, made, monkeypatch):
        self.store, self.cluster = store, made
        self.launcher = launched(store, made, monkeypatch)
        self.settings = stand_in.config(300, delay=0.02)
        plan = SweepPlan(name="killed", base=self.settings, seeds=SEEDS,
                         over={"optimisation.learning_rate": RATES})  # fmt: skip
        self.number = begin_sweep(store, plan, self.launcher).id
        self.done, self.nodes = {}, list(made.worker_nodes)

    @property
    def state(self):
        sweep = stored_sweep(self.store, self.number)
        return sweep_state(sweep, sweep_runs(self.store, sweep))

    def look(self):
        """As whoever watches does; resumes what was broken off, and checks what is finished."""
        self.launcher.poll()
        if self.state.ended:
            resume_sweep(self.store, self.number, self.launcher)
        time.sleep(0.3)
        for run in self.store.runs(("finished",)):
            self.done.setdefault(run.id, (run.edition, run.finished, self.store.log(run.id)))
        return self.state

    def wait(self, condition):
        wait_for(lambda: condition(self.look()), PATIENCE)

    def is_active(self):
        """Whether a run is at work before long."""
        end = time.monotonic() + ACTIVE_SECONDS
        while not self.look().active:
            assert self.state.going, "the sweep was over before all kills"
            if time.monotonic() > end:
                return False
        return True

    def kill_driver(self):
        kill(driver_of(self.store).pid)

    def kill_node(self, which):
        self.cluster.remove_node(self.nodes[which], allow_graceful=False)
        self.nodes[which] = add_node(self.cluster)


def test_twenty_kills_of_node_and_driver_lose_no_run_and_count_none_twice(tmp_path, monkeypatch):
    drawn = np.random.default_rng(SEED)
    store = Store(tmp_path / "home")
    with cluster(nodes=2) as made:
        experiment = Experiment(store, made, monkeypatch)
        at_work = 0
        for _ in range(KILLS):
            at_work += experiment.is_active()
            pause, target, node = drawn.uniform(*SECONDS), drawn.random(), drawn.integers(2)
            time.sleep(pause)
            if target < 0.5:
                experiment.kill_driver()
            else:
                experiment.kill_node(node)
            check_integrity(store)
        experiment.wait(lambda state: not state.going and not state.ended)
        end_drivers()
    assert at_work >= KILLS // 4
    sweep, runs = stored_sweep(store, experiment.number), store.runs()
    assert experiment.state.word == "finished"
    assert len(runs) == len(sweep.numbers()) == len(sweep.study.runs) == len(RATES) * SEEDS
    for run in runs:
        expected = plain(stand_in.all_records(store.config(run.id)))
        assert stored(store, run.id) == expected
        # What was finished once was never touched again.
        assert experiment.done[run.id] == (run.edition, run.finished, store.log(run.id))
    known = sweep_scores(sweep, results_of(store, sweep.numbers()))
    assert np.isfinite(known.scores).all()
    check_integrity(store)
    store.close()
