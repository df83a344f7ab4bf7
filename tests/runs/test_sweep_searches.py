"""Searches that learn from scores: what they try, the same after whatever was killed."""

from importlib import util

import numpy as np
import pytest

from mtlviz.cli.sweep_report import found_of
from mtlviz.errors import ConfigError
from mtlviz.runs import queue
from mtlviz.runs.launcher import LocalQueue
from mtlviz.runs.sweep.plan import check_plan, chosen
from mtlviz.runs.sweep.runs import begin_missing, begin_sweep, check_sweep, go_on
from mtlviz.runs.sweep.searches import SEARCHES
from mtlviz.runs.sweep.searches.search import Told
from mtlviz.runs.sweep.state import sweep_runs, sweep_state
from mtlviz.runs.sweep.steering import Overseer, Steering
from mtlviz.runs.sweep.stored import stored_sweep
from tests.runs.conftest import wait_for
from tests.runs.stand_in import config as stand_in
from tests.runs.stored_sweeps import Idle, finish
from tests.runs.test_sweep import RATE, SIZE, plan

OVER = {
    RATE: (1e-2, 1e-4, 1e-3, 1e-1),
    SIZE: (8, 16, 32, 64),
    "optimisation.combiner": ("sum", "pcgrad"),
}
LEARNED = [name for name, each in SEARCHES.items() if each.following is not None]
pytest.importorskip("optuna")


def learning(search="tpe", **values):
    return plan(
        **{"search": search, "trials": 14, "over": OVER, "seeds": 2, "together": 3} | values
    )


def scores(codes, seed, tasks):
    """One best setting, and noise that is the same for equal seeds."""
    noise = np.random.default_rng([seed, *codes]).normal(0, 0.004, tasks)
    return (
        0.8 - 0.1 * abs(codes[0] - 2) - 0.05 * abs(codes[1] - 1) + 0.02 * np.arange(tasks) + noise
    )


def searched(store, made, batch=None):
    """The settings in the order they were tried, every run finished, so many at a time."""
    number = begin_sweep(store, made, Idle()).id
    for _ in range(100):
        sweep = stored_sweep(store, number)
        left = [role for role, run in sweep.study.runs.items() if store.run(run).status == "queued"]
        if not left:
            break
        now = set(left[:batch])
        finish(store, sweep, scores, only=lambda role: role in now)  # noqa: B023
        go_on(store, number, Idle())
    return list(stored_sweep(store, number).settings)


@pytest.mark.parametrize("search", LEARNED)
def test_a_search_tries_as_many_different_settings_as_asked_and_never_more(store, search):
    tried = searched(store, learning(search))
    assert len(tried) == len(set(tried)) == 14
    assert len(store.runs()) == 28
    state = sweep_state(stored_sweep(store, 1), sweep_runs(store, stored_sweep(store, 1)))
    assert (state.word, state.missing) == ("finished", 0)


@pytest.mark.parametrize("search", LEARNED)
def test_what_is_tried_depends_on_seed_and_scores_and_not_on_who_finishes_when(store, search):
    """Runs ending one by one or many at once, as after a kill, give the same search."""
    first = searched(store, learning(search))
    assert stored_sweep(store, 1).settings == tuple(first)
    for run in store.runs():
        store.delete(run.id)
    again = list(stored_sweep(store, searched_number(store, learning(search), batch=1)).settings)
    assert again == first


def searched_number(store, made, batch):
    searched(store, made, batch)
    return max(int(place.stem) for place in (store.home / "studies").glob("*.json"))


def test_another_seed_of_the_search_tries_others(store):
    first = searched(store, learning(trials=6))
    assert searched(store, learning(trials=6, draw=1)) != first


def test_the_whole_space_is_tried_where_all_of_it_is_asked_for(store):
    over = {RATE: (1e-3, 1e-2), "optimisation.combiner": ("sum", "pcgrad")}
    assert len(set(searched(store, learning(over=over, trials=None)))) == 4


def test_so_many_settings_are_tried_at_once_and_the_next_waits_for_the_first(store):
    sweep = begin_sweep(store, learning(), Idle())
    assert len(sweep.settings) == 3
    finish(store, sweep, scores, only=lambda role: role[1] in (1, 2))
    assert len(go_on(store, sweep.id, Idle()).settings) == 3  # The first is not done.
    finish(store, sweep, scores, only=lambda role: role[1] == 0 and role[2] == 0)
    assert len(go_on(store, sweep.id, Idle()).settings) == 3  # Nor are all its seeds.
    finish(store, sweep, scores)
    assert len(go_on(store, sweep.id, Idle()).settings) == 6


def test_what_is_trained_already_is_told_at_once_and_not_trained_again(store):
    searched(store, learning(search="grid", trials=None, over=small()))
    sweep = begin_sweep(store, learning(over=small(), trials=5), Idle())
    assert (len(sweep.settings), sweep.to_come, len(store.runs())) == (5, 0, 16)


def small():
    return {RATE: (1e-3, 1e-2, 1e-1, 1.0), "optimisation.combiner": ("sum", "pcgrad")}


def test_a_failed_setting_holds_nothing_up_and_a_stopped_sweep_asks_for_nothing(store):
    sweep = begin_sweep(store, learning(), Idle())
    finish(store, sweep, scores)
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET status = 'failed', result = NULL WHERE id = 1")
    assert len(begin_missing(store, sweep.id, None).settings) == 6


@pytest.mark.parametrize("search", LEARNED)
def test_what_scores_best_is_tried_more_often_than_chance_would(search):
    """On two tasks that disagree along the first place and agree on all else."""
    space, told = (tuple(range(20)), ("a", "b", "c", "d"), (8, 16, 32, 64, 128, 256)), []
    for number in range(30):
        codes = SEARCHES[search].following(space, told, number)
        along, off = codes[0] / 19, 0.5 * codes[1] + 0.2 * abs(codes[2] - 2)
        told.append(Told(codes, (along - off, 1 - along - off)))
    sums = [sum(each.scores) for each in told]
    assert np.mean(sums[10:]) > np.mean(sums[:10]) + 0.2
    assert np.std([each.codes[0] for each in told[10:]]) > 2  # The front is not one place.


@pytest.mark.parametrize("search", LEARNED)
def test_without_optuna_a_sentence_says_how_to_get_it(monkeypatch, search):
    find = util.find_spec
    monkeypatch.setattr(
        "mtlviz.runs.sweep.searches.learned.find_spec",
        lambda name: None if name == "optuna" else find(name),
    )
    with pytest.raises(ConfigError, match=r'pip install "mtlviz\[search\]"'):
        check_plan(learning(search))
    check_plan(plan())


def test_early_stopping_and_learning_are_not_done_at_once():
    with pytest.raises(ConfigError, match="cannot be stopped early beside it"):
        check_sweep(learning(early=True))


def test_trials_of_a_grid_are_refused():
    with pytest.raises(ConfigError, match="tries every combination"):
        check_plan(plan(trials=2))


def test_a_search_for_the_front_says_which_settings_are_on_it_and_that_scores_chose_them(store):
    searched(store, learning("pareto"))
    sweep = stored_sweep(store, 1)
    text = "\n".join(found_of(store, sweep))
    assert "On the Pareto front over 2 tasks" in text
    assert "of 14 settings" in text
    assert "chose these settings by their scores" in text
    searched(store, plan())
    assert "front" not in "\n".join(found_of(store, stored_sweep(store, 2)))


def test_before_any_score_nothing_is_known_of_what_is_tried():
    assert chosen(learning()) == []


def test_workers_steer_a_sweep_to_its_end_while_nobody_looks(store):
    base = stand_in(updates=10)
    made = learning(base=base, over={RATE: (1e-3, 1e-2, 1e-1)}, trials=3, seeds=1, together=1)
    begin_sweep(store, made, LocalQueue(store))
    wait_for(lambda: len(store.runs(("finished",))) == 3, 40)
    assert len(stored_sweep(store, 1).settings) == 3
    wait_for(lambda: not list((store.home / "studies").glob("*.steered")))


def test_a_worker_leaves_a_sweep_of_another_launcher_alone(store, monkeypatch):
    monkeypatch.setattr(queue, "tick", lambda store: [])
    away = Idle()
    away.name = "elsewhere"
    sweep = begin_sweep(store, learning(), away)
    finish(store, sweep, scores)
    Overseer(store).step()
    assert len(stored_sweep(store, sweep.id).settings) == 3
    assert Steering(store, sweep.id).step(away)
    assert len(stored_sweep(store, sweep.id).settings) == 6
