"""Sweeps: what they try, which runs these are, and that none is lost or counted twice."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mtlviz.engine.estimate.duration import Speed
from mtlviz.engine.presets import preset
from mtlviz.errors import ConfigError
from mtlviz.runs import queue
from mtlviz.runs.launcher import LocalQueue, launcher_of
from mtlviz.runs.results import RunResult
from mtlviz.runs.sweep import runs as sweep_module
from mtlviz.runs.sweep.cost import sweep_cost
from mtlviz.runs.sweep.plan import (
    SweepPlan,
    changes,
    check_plan,
    chosen,
    configs,
    read_over,
    read_plan,
    write_over,
)
from mtlviz.runs.sweep.presets import SWEEPS
from mtlviz.runs.sweep.runs import (
    begin_sweep,
    confirm_sweep,
    facts_once,
    go_on,
    resume_sweep,
    retry_sweep,
    stop_sweep,
)
from mtlviz.runs.sweep.scores import confirmed, sweep_scores
from mtlviz.runs.sweep.state import sweep_runs, sweep_state
from mtlviz.runs.sweep.stored import stored_sweep, sweeps, write_sweep
from mtlviz.runs.sweep.words import winner_sentence
from tests.runs.conftest import wait_for
from tests.runs.stand_in import config as stand_in
from tests.runs.stored_sweeps import Idle

RATE, SIZE = "optimisation.learning_rate", "data.batch_size"


def plan(seeds=2, base=None, **values):
    over = {RATE: (1e-3, 1e-2), SIZE: (8, 16)}
    made = {"name": "mine", "base": base or stand_in(), "over": over, "seeds": seeds}
    return SweepPlan(**made | values)


def test_a_grid_tries_every_combination_once_and_seeds_come_outermost():
    made = plan()
    assert chosen(made) == [(1e-3, 8), (1e-3, 16), (1e-2, 8), (1e-2, 16)]
    found = configs(made, dict(enumerate(chosen(made))), made.run_seeds)
    assert list(found) == [(n, seed) for seed in (0, 1) for n in range(4)]
    assert found[2, 1].optimisation.learning_rate == 1e-2
    assert found[2, 1].name == "mine · learning rate 0.01 · batch size 8 · seed 1"


def test_a_random_search_draws_different_settings_the_same_for_one_seed_of_the_search():
    made = plan(search="random", trials=3, over={RATE: (1e-3, 1e-2, 1e-1), SIZE: (8, 16, 32)})
    drawn = chosen(made)
    assert len(set(drawn)) == 3
    assert drawn == chosen(made)
    assert any(drawn != chosen(made.changed(draw=n)) for n in (1, 2, 3))
    assert set(drawn) < set(chosen(made.changed(search="grid", trials=None)))


def test_a_star_stands_for_every_task():
    found = changes(plan(over={"data.tasks.*.head.dropout": (0.1, 0.5)}), (0.5,))
    assert found == {"data.tasks.0.head.dropout": 0.5, "data.tasks.1.head.dropout": 0.5}


def test_values_are_read_from_the_shell_and_written_back():
    given = [f"{RATE}=3e-5,1e-4", "optimisation.combiner=sum,pcgrad", 'a.b=[1,2],{"c":[3,4]},"x,y"']
    found = read_over(given)
    assert found == {RATE: (3e-5, 1e-4), "optimisation.combiner": ("sum", "pcgrad"),
                     "a.b": ([1, 2], {"c": [3, 4]}, "x,y")}  # fmt: skip
    found["c.d"] = ("1", "null", " x", "")
    assert read_over(write_over(found)) == found


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"over": {"optimisation.rate": (1, 2)}}, "There is no setting `optimisation.rate`"),
        ({"over": {RATE: (1e-3, -1.0)}}, "learning_rate"),
        ({"over": {RATE: (1e-3, 1e-3)}}, "needs values that differ"),
        ({"over": {"seed": (1, 2)}}, "cannot be swept"),
        ({"over": {"optimisation.combiner": ("sum", "nosuch")}}, "nosuch"),
        ({"over": {SIZE: tuple(range(1, 200)), RATE: tuple(n / 100 for n in range(1, 200))}},
         "at most 10,000 settings"),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_refused_in_a_sentence_before_anything_starts(values, said):
    with pytest.raises(ConfigError, match=said):
        check_plan(plan(**values))


def test_a_file_may_name_a_preset_and_change_it():
    found = read_plan({"base": "default", "set": {"optimisation.epochs": 2}, "over": {SIZE: [8]}})
    assert found.base.optimisation.epochs == 2
    with pytest.raises(ConfigError, match="Unknown preset"):
        read_plan({"base": "nosuch", "over": {SIZE: [8]}})


def test_the_course_reports_grid_has_its_400_settings():
    made = SWEEPS["course-grid"].plan()
    assert [len(values) for values in made.over.values()] == [5, 4, 4, 5]
    best = {SIZE: 32, "data.tasks.*.head.dropout": 0.5, RATE: 3e-5,
            "optimisation.weight_decay": 1e-2}  # fmt: skip
    assert tuple(best[path] for path in made.over) in chosen(made)
    assert made.count == 400


def test_every_ready_made_sweep_can_be_tried(monkeypatch):
    for entry in SWEEPS.values():
        check_plan(entry.plan())


def test_a_sweep_is_stored_with_a_run_for_every_setting_and_seed(store):
    begun = begin_sweep(store, plan(), Idle())
    assert stored_sweep(store, begun.id) == begun
    assert sorted(begun.study.runs) == [("run", n, seed) for n in range(4) for seed in (0, 1)]
    assert len(store.runs()) == 8
    assert [each.id for each in sweeps(store)] == [begun.id]
    assert begun.plan == plan()


def test_single_task_baselines_are_trained_once_for_all_arms_that_share_them(store):
    base = preset("default").with_values({"optimisation.epochs": 1})
    over = {"optimisation.combiner": ("sum", "pcgrad"), SIZE: (64, 128)}
    begun = begin_sweep(store, plan(base=base, over=over, alone=True, seeds=1), Idle())
    tasks = len(base.data.tasks)
    alone = {role: run for role, run in begun.study.runs.items() if role[0] == "alone"}
    assert len(alone) == 4 * tasks  # Every run has a baseline of every task ...
    assert len(set(alone.values())) == 2 * tasks  # ... and combiners share them, batches do not.
    assert alone["alone", 0, 0, 1] == alone["alone", 2, 0, 1]
    cost = sweep_cost(begun.plan, facts_once(), Speed(1e10, 1e9))
    assert (cost.runs, cost.alone) == (4, 2 * tasks)
    assert cost.seconds > 0


def test_who_is_killed_between_storing_runs_and_writing_them_down_finds_them_again(
    store, monkeypatch
):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep_module, "write_sweep", killed)
    with pytest.raises(KeyboardInterrupt):
        begin_sweep(store, plan(), Idle())
    monkeypatch.undo()
    assert stored_sweep(store, 1).study.runs == {}
    assert len(store.runs()) == 8
    assert len(go_on(store, 1, Idle()).numbers()) == 8
    assert len(store.runs()) == 8


def test_going_on_begins_nothing_twice_and_a_deleted_run_again(store):
    begun = begin_sweep(store, plan(), Idle())
    assert go_on(store, begun.id, Idle()) == begun
    store.delete(begun.study.runs["run", 0, 0])
    again = go_on(store, begun.id, Idle())
    assert len(again.numbers()) == len(store.runs()) == 8


def test_a_sweep_remembers_its_launcher_which_alone_starts_its_runs(store):
    elsewhere = Idle()
    elsewhere.name = "elsewhere"
    begun = begin_sweep(store, plan(seeds=1), elsewhere)
    assert stored_sweep(store, begun.id).launcher == "elsewhere"
    assert queue.tick(store) == []
    assert len(go_on(store, begun.id, elsewhere).numbers()) == 4
    stop_sweep(store, begun.id, LocalQueue(store))
    with pytest.raises(ConfigError, match="There is no launcher 'elsewhere'"):
        launcher_of(store, "elsewhere")
    # Another launcher may go on with it.
    resume_sweep(store, begun.id, Idle())
    assert stored_sweep(store, begun.id).launcher is None


def test_a_sweep_on_the_queue_is_stopped_goes_on_and_finishes(store):
    launcher = LocalQueue(store)
    made = plan(base=stand_in(updates=40, delay=0.02), over={RATE: (1e-3, 1e-2)})
    begun = begin_sweep(store, made, launcher)
    wait_for(lambda: store.runs(("running",)))
    stop_sweep(store, begun.id, launcher)
    wait_for(lambda: launcher.poll() or not _state(store).going)
    assert _state(store).word == "stopped"
    assert resume_sweep(store, begun.id, launcher) > 0
    wait_for(lambda: launcher.poll() or not _state(store).going, 40)
    state = _state(store)
    assert (state.word, state.finished, state.share) == ("finished", 4, 1.0)
    assert len(store.runs()) == 4


def test_failed_runs_are_told_and_begin_anew_alone(store):
    launcher = LocalQueue(store)
    base = stand_in(updates=20, wrong_at=3)
    begun = begin_sweep(store, plan(base=base, over={RATE: (1e-3, 1e-2)}, seeds=1), launcher)
    wait_for(lambda: launcher.poll() or not _state(store).going)
    state = _state(store)
    assert (state.word, state.done) == ("failed", 2)
    assert replace(state, finished=1).word == "failed in part"
    assert state.failed == tuple(sorted(begun.numbers()))
    assert "no labels" in state.reason
    assert resume_sweep(store, begun.id, Idle()) == 0
    idle = Idle()
    assert retry_sweep(store, begun.id, idle) == 2
    assert idle.submitted == begun.numbers()


def _state(store):
    (sweep,) = sweeps(store)
    return sweep_state(sweep, sweep_runs(store, sweep))


def result(*scores):
    k = len(scores)
    nothing = (0.0,) * k
    return RunResult(
        ("first", "second")[:k], ("accuracy",) * k, scores, nothing, nothing, 1, 1, 1.0
    )


def test_scores_stand_at_their_setting_seed_and_task_and_missing_ones_are_not_a_number(store):
    begun = begin_sweep(store, plan(), Idle())
    first, second = begun.study.runs["run", 1, 0], begun.study.runs["run", 1, 1]
    found = sweep_scores(begun, {first: result(0.8, 0.6), second: result(0.7, 0.5)})
    np.testing.assert_array_equal(found.scores[1], [[0.8, 0.6], [0.7, 0.5]])
    assert np.isnan(found.scores[[0, 2, 3]]).all()
    assert found.order.tolist() == [1]
    assert found.codes.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert "only setting" in winner_sentence(begun, found.winner)


def test_new_seeds_measure_by_how_much_the_choice_had_flattered(store):
    begun = begin_sweep(store, plan(), Idle())
    found = confirm_sweep(store, begun.id, [2], Idle())
    assert [role for role in found.study.runs if role[2] > 1] == [
        ("run", 2, s) for s in range(2, 7)
    ]
    results = {found.study.runs["run", 2, s]: result(0.8, 0.6) for s in (0, 1)}
    results |= {found.study.runs["run", 2, s]: result(0.7, 0.5) for s in (2, 3)}
    (told,) = confirmed(found, sweep_scores(found, results), results)
    assert told.curse == pytest.approx(10.0)
    assert list(told.fresh) == [2, 3]


def test_a_visitor_cannot_queue_more_than_is_allowed(store, monkeypatch):
    monkeypatch.setenv("MTLVIZ_LIMITS", '{"waiting_runs": 7}')
    with pytest.raises(ConfigError, match="At most 7 runs"):
        begin_sweep(store, plan(), Idle(), owner="somebody")
    assert (store.runs(), sweeps(store)) == ([], [])
    begin_sweep(store, plan(), Idle())  # Whose machine it is has no limit.


def test_a_sweep_of_many_runs_is_read_again(store):
    begun = begin_sweep(store, plan(), Idle())
    many = {("run", 0, seed): 10_000_000 + seed for seed in range(400_000)}
    write_sweep(store, begun.with_runs(many))
    assert len(stored_sweep(store, begun.id).study.runs) > 400_000


def test_a_damaged_file_is_passed_over(store):
    begun = begin_sweep(store, plan(), Idle())
    place = store.home / "studies" / f"{begun.id}.json"
    values = json.loads(place.read_text()) | {"plan": {"plan": 3}}
    place.write_text(json.dumps(values))
    assert sweeps(store) == []
    with pytest.raises(Exception, match=r"There is no sweep 1\. Known: none yet"):
        stored_sweep(store, 1)


def test_the_local_queue_retries_and_resumes_only_what_it_was_given(store, monkeypatch):
    monkeypatch.setattr(queue, "tick", lambda store: [])
    runs = [store.create_run(stand_in(seed=seed)) for seed in range(2)]
    launcher = LocalQueue(store)
    launcher.stop(runs)
    assert launcher.submit(runs[:1]) == 1
    assert [run.status for run in store.runs()] == ["stopped", "queued"]
