"""The Sweep page, from its first screen to a finished sweep."""

from functools import partial

import numpy as np
import pytest

from mtlviz.cli.sweep_report import found_of
from mtlviz.engine.measures.transfer import signed
from mtlviz.errors import ConfigError
from mtlviz.runs import queue
from mtlviz.runs.cluster import ray_launcher, slurm_launcher
from mtlviz.runs.launcher import OFFERED
from mtlviz.runs.sweep.stored import sweeps
from mtlviz.ui.pages.sweep import chosen, view
from tests.runs.stored_sweeps import OVER, finish, finished_sweep
from tests.ui import harness
from tests.ui.harness import charts, payloads, said, text, widget

pytestmark = pytest.mark.usefixtures("store")
opened = partial(harness.opened, "sweep")


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """The queue starts nothing."""
    monkeypatch.setattr(queue, "tick", lambda store: [])


def test_before_a_sweep_the_page_says_what_the_first_one_is_made_of():
    app = opened()
    assert said(app, "**18 runs**: 3 × 2 = 6 settings")
    assert not app.error


def test_one_click_queues_the_sweep_and_shows_it(store):
    app = opened(sweep_new_seeds="1")
    app.button(key="sweep.start").click().run()
    assert not app.exception
    assert len(store.runs()) == 6
    assert said(app, "The pictures appear when the first setting has a score at every seed")


@pytest.mark.parametrize(
    ("module", "named", "kept"),
    [
        (ray_launcher, "ray 10.0.0.1:6379 2", "ray 10.0.0.1:6379 2 0"),
        (slurm_launcher, "slurm minutes=9 partition=a", "slurm partition=a minutes=9"),
    ],
)
def test_a_cluster_is_offered_where_the_owner_of_the_app_names_one(
    store, monkeypatch, module, named, kept
):
    assert "sweep.form.where" not in [each.key for each in opened().selectbox]
    asked = []
    monkeypatch.setenv(OFFERED, named)
    monkeypatch.setattr(module, "check_installed", lambda: None)
    monkeypatch.setattr(module, "see_to_driver", lambda store, name, command: asked.append(name))
    app = opened(sweep_new_seeds="1")
    kind = named.partition(" ")[0].capitalize()
    options = ["this machine", f"the cluster ({kind})"]
    assert widget(app, "sweep.form.where").options == options
    widget(app, "sweep.form.where").set_value("cluster").run()
    app.button(key="sweep.start").click().run()
    assert not app.exception
    assert {run.position for run in store.runs(("queued",))} == {None}
    assert len(store.runs()) == 6
    assert set(asked) == {kept}
    assert sweeps(store)[0].launcher == kept


def test_a_setting_to_try_is_chosen_and_its_values_typed():
    app = harness.opened("sweep", {"fold.group.Capacity": True})
    widget(app, "sweep.tried.Capacity").set_value(["capacity.width"]).run()
    assert said(app, "3 × 2 × 2 = 12 settings")
    widget(app, "sweep.values.capacity.width").set_value("8,16,32").run()
    assert said(app, "3 × 2 × 3 = 18 settings")
    assert "capacity.width=8,16,32" in str(app.query_params["sweep_new_over"])
    widget(app, "sweep.values.capacity.width").set_value("8,none of these").run()
    assert any("capacity.width" in each.value for each in app.error)


def test_what_is_wrong_in_all_of_them_is_said_where_another_setting_is_chosen():
    app = opened(sweep_new_others="optimisation.epochs=1,2")
    widget(app, "sweep.tried.Optimisation").set_value(["optimisation.combiner"]).run()
    assert not app.exception
    assert any("give one value" in each.value for each in app.error)


def test_a_search_that_learns_is_chosen_with_its_size_and_begins_with_the_first_settings(store):
    pytest.importorskip("optuna")
    app = opened(sweep_new_search="tpe", sweep_new_trials="5", sweep_new_seeds="1")
    assert said(app, "**5 runs**: 5 of 3 × 2 = 6 settings")
    assert widget(app, "sweep.form.together").value == 4
    app.button(key="sweep.start").click().run()
    assert not app.exception
    assert len(store.runs()) == 4
    finish(store, sweeps(store)[0])
    opened()
    assert len(store.runs()) == 5


def test_what_a_search_needs_is_said_where_it_is_chosen(monkeypatch):
    monkeypatch.setattr("mtlviz.runs.sweep.searches.learned.find_spec", lambda name: None)
    app = opened(sweep_new_search="pareto")
    assert any("needs Optuna" in each.value for each in app.error)


def test_values_of_a_link_with_spaces_can_be_changed():
    app = opened(sweep_new_over=" optimisation.combiner =sum,pcgrad")
    widget(app, "sweep.values.optimisation.combiner").set_value("sum,mgda,pcgrad").run()
    assert not app.exception
    assert said(app, "**9 runs**: 3 settings (")


def test_settings_without_a_score_are_counted(store):
    sweep = finished_sweep(store)
    lost = sweep.study.runs["run", 5, sweep.seeds[0]]
    with store.connections.writing() as connection:
        connection.execute(f"UPDATE runs SET status = 'stopped', result = NULL WHERE id = {lost}")
    assert said(opened(), "1 setting has no score at every seed.")


def test_a_finished_sweep_says_who_wins_and_what_each_setting_does(store):
    combiners = ("sum", "pcgrad", "mgda", "cagrad")
    finished_sweep(store, OVER | {"optimisation.combiner": combiners}, seeds=2)
    app = opened()
    assert charts(app) == 3
    assert said(app, "No winner: learning rate 0.1")
    alts = " ".join(each["alt"] for each in payloads(app, "mtlviz.chart"))
    assert "The best is learning rate 0.1" in alts
    assert "Told from noise: learning rate." in alts
    assert "learning rate 0.001 −10" in alts
    assert "Intervals are over 2 paired seeds." in alts
    assert not app.error


@pytest.mark.parametrize(
    ("seeds", "trials", "sentence"),
    [
        (3, None, "Intervals are over 3 paired seeds."),
        (3, 5, "Intervals are over 3 paired seeds and over 5 settings, together."),
        (1, None, "Intervals are over 6 settings and hold for this one seed alone: add seeds."),
    ],
)
def test_the_page_and_the_shell_tell_the_same_intervals(store, seeds, trials, sentence):
    drawn = {} if trials is None else {"search": "random", "trials": trials}
    sweep = finished_sweep(store, seeds=seeds, **drawn)
    shell = "\n".join(found_of(store, sweep))
    (chart,) = (each for each in payloads(opened(), "mtlviz.chart") if sentence in each["alt"])
    assert sentence in shell
    assert sentence in chart["how_to_read"]
    traces = chart["figure"]["data"]
    assert len(traces) == 5
    for trace in traces:
        value, (points,), (half,) = trace["name"].split()[-1], trace["x"], trace["error_x"]["array"]
        assert f"{value} {signed(points)} ± {half:.1f}" in shell


def test_a_task_whose_highest_mean_has_another_setting_is_named_without_a_claim(store):
    def scores(codes, seed, tasks):
        return 0.5 + np.where(np.arange(tasks) == 1, -0.1, 0.1) * codes[0]

    finished_sweep(store, {"optimisation.combiner": ("sum", "pcgrad")}, seeds=2, scores=scores)
    assert said(opened(), "Highest mean per task, not tested: letters: combiner sum.")


def test_settings_that_cannot_be_told_apart_have_no_winner(store):
    drawn = np.random.default_rng(0)
    finished_sweep(store, scores=lambda codes, seed, tasks: 0.5 + 0.1 * drawn.random(tasks))
    assert said(opened(), "cannot be told apart from")


def test_every_picture_and_the_table_are_there_and_the_chosen_setting_is_marked(store):
    finished_sweep(store, alone=True)
    folds = ("pairs", "tasks", "front", "curves", "table")
    state = {f"fold.sweep.{name}": True for name in folds}
    app = harness.opened("sweep", state, sweep_setting="2")
    assert charts(app) == 6  # No scores through training are stored.
    assert said(app, "No scores through training are stored")
    assert said(app, "Chosen: **learning rate 0.01 · combiner sum**")
    assert said(app, "The best setting against each task alone")
    (table,) = app.dataframe
    assert len(table.value) == 6


def test_a_setting_is_chosen_by_the_keyboard_too_best_first(store):
    finished_sweep(store)
    app = opened()
    choice = harness.widget(app, "sweep.shown.chosen")
    assert choice.options[:2] == ["none chosen", "1. learning rate 0.1 · combiner sum"]
    choice.set_value(2).run()
    assert said(app, "Chosen: **learning rate 0.01 · combiner sum**")
    assert app.query_params["sweep_setting"] == "2"
    harness.widget(app, "sweep.shown.chosen").set_value(None).run()
    assert not said(app, "Chosen: **")


def test_a_chosen_setting_beyond_those_listed_keeps_its_rank(store, monkeypatch):
    finished_sweep(store)
    every = harness.widget(opened(), "sweep.shown.chosen").options
    last = every[-1]
    monkeypatch.setattr(chosen, "_LISTED", 1)
    numbers = {f"{number}" for number in range(len(every) - 1)}
    shown = [harness.widget(harness.opened("sweep", sweep_setting=number), "sweep.shown.chosen")
             for number in sorted(numbers)]  # fmt: skip
    assert ["none chosen", every[1], last] in [each.options for each in shown]


def test_a_range_is_typed_where_values_are_and_needs_a_search_that_draws(store):
    app = harness.opened("sweep", sweep_new_over="optimisation.learning_rate=0.001..0.1:log")
    assert said(app, "is a range")
    app = harness.opened("sweep", sweep_new_over="optimisation.learning_rate=0.001..0.1:log",
                         sweep_new_search="random", sweep_new_trials="4")  # fmt: skip
    assert said(app, "**12 runs**: 4 settings (learning rate 0.001..0.1 evenly in its logarithm)")
    app.button(key="sweep.start").click().run()
    (sweep,) = sweeps(store)
    assert len({rate for (rate,) in sweep.settings}) == 4
    assert all(0.001 <= rate <= 0.1 for (rate,) in sweep.settings)


def test_a_sweep_that_cannot_go_on_says_why_and_shows_what_is_known(store, monkeypatch):
    sweep = finished_sweep(store)
    finish(store, sweep)
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET status = 'queued', result = NULL WHERE id > 15")

    def without(*_):
        raise ConfigError("A Ray cluster needs Ray.")

    monkeypatch.setattr(view, "launcher_of", without)
    app = opened()
    assert [each.value for each in app.error] == ["A Ray cluster needs Ray."]
    assert said(app, "Runs are still to come, so this may change")
    assert charts(app)


def test_while_runs_are_to_come_the_page_shows_how_far_it_is_and_stops_and_goes_on(store):
    sweep = finished_sweep(store)
    finish(store, sweep)
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET status = 'queued', result = NULL WHERE id > 15")
    app = opened()
    assert said(app, "Runs are still to come, so this may change")
    app.button(key="sweep.stop").click().run()
    assert sweeps(store)[0].stopped
    assert [run.status for run in store.runs()[:3]] == ["stopped"] * 3
    app.button(key="sweep.resume").click().run()
    assert not app.exception
    assert [run.status for run in store.runs()[:3]] == ["queued"] * 3


def test_failed_runs_are_named_and_retried_by_one_click(store):
    finished_sweep(store)
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET status = 'failed', error = 'No room.' WHERE id = 4")
    app = opened()
    assert said(app, "1 run failed, first run 4: No room.")
    app.button(key="sweep.retry").click().run()
    assert store.run(4).status == "queued"


def test_the_two_best_settings_are_confirmed_by_new_seeds(store):
    sweep = finished_sweep(store)
    app = opened()
    app.button(key="sweep.confirm").click().run()
    assert len(store.runs()) == 18 + 10
    sweep = sweeps(store)[0]
    finish(store, sweep, only=lambda role: role[2] >= 3)
    assert "the choice flattered it by" in text(opened())


def test_the_next_sweep_stands_above_the_one_on_screen_and_counts_what_is_chosen(store):
    finished_sweep(store)
    assert said(opened(), "The next sweep: 18 runs.")
    app = harness.opened("sweep", {"fold.sweep.new": True})
    (before,) = _next_sweep(app)
    harness.widget(app, "sweep.form.seeds").set_value(2).run()
    # Its title is its identity: with another one the browser shuts it.
    assert _next_sweep(app) == [before]
    app.button(key="sweep.start").click().run()
    assert len(sweeps(store)) == 2
    assert not any(each.label == "Queue 12 runs" for each in app.button)


@pytest.mark.parametrize(
    ("over", "why"),
    [
        ("optimisation.learning_rate=abc", "should be a number"),
        ("optimisation.learning_rate=1e-3..1e-2", "is a range"),
    ],
)
def test_a_next_sweep_with_a_wrong_value_is_said_not_to_run_and_its_fold_stays(store, over, why):
    finished_sweep(store)
    right, wrong = opened(), opened(sweep_new_over=over)
    assert said(wrong, "**The next sweep cannot run:**")
    assert said(wrong, why)
    assert _next_sweep(wrong) == _next_sweep(right)


def _next_sweep(app):
    """Titles of the fold of the next sweep: one."""
    return [each.label for each in app.expander if "Start another" in each.label]


def test_a_sweep_that_is_not_there_is_said_and_the_newest_shown(store):
    finished_sweep(store)
    assert said(opened(sweep_sweep="9"), "There is no sweep 9 here; the newest is shown.")
