"""Early stopping: who falls behind at a rung, and what is then stopped."""

from types import SimpleNamespace

import numpy as np
import pytest

from mtlviz.errors import ConfigError
from mtlviz.runs import queue
from mtlviz.runs.launcher import LocalQueue
from mtlviz.runs.sweep import halving
from mtlviz.runs.sweep.halving import Halving, behind, check_early, rungs, score_at
from mtlviz.runs.sweep.runs import begin_sweep, check_sweep, confirm_sweep
from mtlviz.runs.sweep.state import sweep_runs, sweep_state
from mtlviz.runs.sweep.stored import stored_sweep
from tests.runs.conftest import wait_for
from tests.runs.stand_in import config as stand_in
from tests.runs.stored_sweeps import Idle, finished_sweep
from tests.runs.test_sweep import plan

RATE = "optimisation.learning_rate"


def test_one_in_three_goes_on_and_before_three_have_come_all_do():
    assert rungs(3) == [1 / 9, 1 / 3]
    scores = {n: {0: 0.1 * n} for n in range(6)}
    assert behind(scores, 3) == {0, 1, 2, 3}
    assert behind({0: {0: 0.1}, 1: {0: 0.9}}, 3) == set()


def test_a_setting_is_ranked_only_among_those_with_its_seeds():
    # The first setting's second seed was unlucky, and only one other has that seed.
    scores = {0: {0: 0.9, 1: 0.1}, 1: {0: 0.5, 1: 0.4}, 2: {0: 0.4}, 3: {0: 0.3}}
    assert behind(scores, 3) == {2, 3}


def test_equal_settings_are_not_told_apart_by_their_order():
    assert behind({n: {0: 0.5} for n in range(6)}, 3) == set()


def test_a_rung_is_reached_by_the_first_evaluation_after_it_and_scored_by_the_best_so_far():
    scored = [SimpleNamespace(update=u, scores=np.array([s, s]))
              for u, s in ((10, 0.3), (20, 0.5), (30, 0.4), (40, 0.9))]  # fmt: skip
    assert score_at(scored, 25) == 0.5
    assert score_at(scored, 41) is None


@pytest.mark.parametrize("values", [("joint", "annealed"), ("sequential",)])
def test_stopping_early_is_refused_where_early_scores_say_nothing(values):
    made = plan(over={"optimisation.scheduler": values}, early=True)
    with pytest.raises(ConfigError, match="cannot be stopped early under the scheduler"):
        check_sweep(made)
    with pytest.raises(ConfigError, match="cannot be stopped early under phases"):
        check_sweep(plan(base=plan().base.with_values({"optimisation.phases": "first > second"}),
                         early=True))  # fmt: skip
    staged = plan().base.with_values(
        {"capacity.encoder": "transformer", "capacity.sharing": "adapter_fusion"}
    )
    with pytest.raises(ConfigError, match="cannot be stopped early under phases"):
        check_early(staged)


def test_what_falls_behind_is_stopped_and_nothing_of_it_begins_again(store, monkeypatch):
    monkeypatch.setattr(queue, "tick", lambda store: [])
    rates = (1e-4, 1e-3, 1e-2, 1e-1)
    sweep = finished_sweep(store, {RATE: rates}, seeds=2, early=True)
    waiting = {run for (_, _, seed), run in sweep.study.runs.items() if seed == 1}
    with store.connections.writing() as connection:
        for run in waiting:
            change = "UPDATE runs SET status = 'queued', updates = 0, planned = NULL WHERE id = ?"
            connection.execute(change, (run,))
    setting_of = {run: role[1] for role, run in sweep.study.runs.items()}

    def scored(run, **_):
        return [(0, SimpleNamespace(update=100, scores=np.array([0.1 * setting_of[run]])))]

    monkeypatch.setattr(store, "records", scored)
    idle = Idle()
    assert Halving(store, sweep.id).step(idle) == {0, 1, 2}
    found = stored_sweep(store, sweep.id)
    assert found.given_up.keys() == {0, 1, 2}
    assert idle.stopped == {run for run, setting in setting_of.items() if setting < 3}
    assert found.wanted() == [(3, 0), (3, 1)]
    state = sweep_state(found, sweep_runs(store, found))
    assert (state.given_up, state.finished, state.waiting) == (3, 1, 1)
    assert Halving(store, sweep.id).step(idle) == set()


def test_a_setting_that_is_confirmed_is_not_stopped_by_its_early_scores(store, monkeypatch):
    monkeypatch.setattr(queue, "tick", lambda store: [])
    sweep = finished_sweep(store, {RATE: (1e-3, 1e-2, 1e-1)}, seeds=1, early=True)
    setting_of = {run: role[1] for role, run in sweep.study.runs.items()}

    def scored(run, **_):
        return [(0, SimpleNamespace(update=100, scores=np.array([0.1 * setting_of[run]])))]

    monkeypatch.setattr(store, "records", scored)
    confirm_sweep(store, sweep.id, [2, 1], Idle())
    idle = Idle()
    assert Halving(store, sweep.id).step(idle) == set()
    assert idle.stopped == set()


@pytest.mark.slow
def test_workers_stop_what_falls_behind_while_nobody_watches(store, monkeypatch):
    monkeypatch.setenv("MTLVIZ_RUNS", "3")
    base = stand_in(updates=250, delay=0.02, rated=True)
    made = plan(base=base, over={RATE: (0.1, 0.2, 0.9)}, seeds=1, early=True)
    begun = begin_sweep(store, made, LocalQueue(store))
    wait_for(lambda: len(store.runs(("stopped",))) == 2, 60)
    found = stored_sweep(store, begun.id)
    assert found.given_up.keys() == {0, 1}
    assert {run.id for run in store.runs(("stopped",))} == found.numbers() - found.going_on()


def test_a_sweep_that_does_not_want_it_is_left_alone(store):
    sweep = finished_sweep(store)
    assert Halving(store, sweep.id).step(Idle()) == set()
    assert halving.RUNGS == 2


def test_an_undefined_score_has_earned_nothing_at_a_rung_either():
    (scored,) = [SimpleNamespace(update=10, scores=np.array([0.6, np.nan]))]
    assert score_at([scored], 10) == 0.3
