"""The page of one run through AppTest, on records made by hand; and what it says in words."""

import dataclasses
import json
import time
from functools import partial
from unittest.mock import patch

import numpy as np
import pytest

from mtlviz.engine import counterfactual
from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.engine.combiners.gram import update_norm
from mtlviz.engine.counterfactual import made, moment, outcomes
from mtlviz.engine.presets import preset
from mtlviz.engine.purposes import COMBINER, DATA, generator
from mtlviz.engine.records import (
    EvalRecord,
    GroupScore,
    Note,
    Plane,
    StepRecord,
    WorkedExampleRecord,
    best_evaluation,
)
from mtlviz.engine.tasks import load_tasks
from mtlviz.runs.lease import lease
from mtlviz.ui.core import browser_cursor, run_view, run_words, session
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.core.run_words import without_folders
from mtlviz.ui.pages.run.combiners_table import HURTS_NONE, in_words
from tests.ui import harness
from tests.ui.harness import charts, payloads, piece, said, unescaped, visit

opened = partial(harness.opened, "run")
NAMES = ["reviews", "letters", "topics", "similarity"]
# Tasks 1 and 2 pull apart; the third and fourth stand at right angles to all.
GRADIENTS = np.array([[2.0, 0, 0, 0], [-1.0, 1, 0, 0], [0, 0, 1.0, 0], [0, 0, 0, 0.5]])


def step(update, gradients=GRADIENTS, due=(0, 1, 2, 3), rate=0.1):
    """One update by PCGrad as the engine would have recorded it."""
    due = np.array(due)
    gram = gradients[due] @ gradients[due].T
    found = make_combiner("pcgrad")(gram, generator(0, COMBINER, update))
    wide = np.full(4, np.nan)
    weights, ones, losses, square = wide.copy(), wide.copy(), wide.copy(), np.full((4, 4), np.nan)
    weights[due], ones[due], losses[due] = found.weights, 1.0, 1.0 / (1 + update)
    square[np.ix_(due, due)] = gram
    taking_part = np.isin(np.arange(4), due)
    return StepRecord(
        update, 0, taking_part, losses, ones, weights, None, square, None, {}, 1.0, rate, 10, 0.01
    )


def evaluation(update, first=0.9, best=True):
    scores, errors = np.array([first, 0.52, 0.6, 0.01]), np.array([0.01, 0.02, 0.02, 0.05])
    baselines = np.array([0.5, 0.5, 0.25, np.nan])
    return EvalRecord(update, 0, scores, errors, np.zeros(4), [{}] * 4, baselines, best, 0.1)


def recorded(store, records, status="finished", error=None, planned=30):
    """A run with these records; None leaves it running."""
    config = preset("default").changed_at("optimisation.combiner", "pcgrad")
    held = lease(store, store.create_run(config))
    held.plan(planned, ["accuracy", "accuracy", "accuracy", "pearson"])
    held.append(records)
    if status:
        held.finish(status, error)
    return held.run


def test_without_runs_the_page_leads_to_the_studio(store):
    app = opened()
    assert said(app, "No run yet")
    assert len(app.get("page_link")) == 1


@pytest.mark.parametrize("query", [{}, {"run": "7"}])
def test_without_runs_there_is_something_to_open_and_nothing_folded_about_no_run(store, query):
    app = opened(**query)
    assert said(app, "open an example")
    assert "run.example.built-in" in harness.widgets(app)
    assert len(app.get("file_uploader")) == 1
    assert not app.expander
    assert len(app.warning) == len(query)


def test_a_run_of_one_task_has_no_plane_of_two_to_choose(store):
    config = preset("default")
    config = config.changed(data=config.data.changed(tasks=config.data.tasks[:1]))
    held = lease(store, store.create_run(config))
    held.plan(30, ["accuracy"])
    one = np.ones(1)
    held.append([
        StepRecord(0, 0, np.array([True]), one, one, one, None, np.eye(1), None, {}, 1.0, 0.1, 10,
                   0.01)
    ])  # fmt: skip
    held.finish("finished", None)
    app = opened(run_plane="pair")
    assert not app.exception
    assert said(app, "with one gradient there is nothing to combine")


def test_of_runs_begun_together_the_newest_that_trains_together_opens(store):
    first, together = recorded(store, [step(0)]), recorded(store, [step(0)])
    data = preset("default").data
    config = preset("default").changed(data=data.changed(tasks=data.tasks[:1]))
    held = lease(store, store.create_run(config))
    held.plan(30, ["accuracy"])
    held.finish("finished", None)
    opens = partial(harness.widget, key="run.choice")
    assert opens(opened()).value == held.run
    store.join([first, together, held.run])
    assert opens(opened()).value == together
    assert opens(opened(run=str(held.run))).value == held.run


def test_a_task_below_guessing_is_not_called_the_same_as_guessing(store):
    recorded(store, [step(0), evaluation(30, first=0.2)])
    app = opened()
    assert said(app, "Worse than guessing: **reviews** 0.200 ± 0.010 (guessing 0.500).")
    assert said(app, "Not told apart from guessing: **letters**")


def test_a_finished_run_shows_every_picture_and_says_what_it_found(store):
    recorded(store, [*(step(update) for update in range(30)), evaluation(30)])
    app = harness.opened("run", {fold_key("run.combiners"): True})
    # Five curves, the field, cosines, a plane, the table of combiners and the bar.
    assert charts(app) == 10
    assert said(app, "Better than guessing: **reviews** 0.900 ± 0.010 (guessing 0.500)")
    assert said(app, "Not told apart from guessing: **letters**")
    assert said(app, "**reviews** and **letters** agree least: mean cosine −0.71")
    (table,) = (table for table in tables(app) if table["header"][0] == "combiner")
    assert len(table["rows"]) == 1 + len(COMBINERS)  # With the update that was made.
    assert any(row[0] == "PCGrad (its combiner)" for row in table["rows"])


def test_what_every_combiner_would_have_done_is_computed_only_where_it_is_unfolded(store):
    recorded(store, [step(update) for update in range(3)])
    with patch.object(counterfactual, "outcomes", side_effect=AssertionError):
        assert not said(opened(), "combiners would have hurt no task")


def test_the_scores_told_are_those_of_the_best_mean_as_everywhere_else(store):
    records = [step(0), evaluation(1), step(1), evaluation(2, first=0.4, best=False)]
    recorded(store, records)
    app = opened()
    assert said(app, "Better than guessing: **reviews** 0.900 ± 0.010")
    assert said(app, "These are the scores at the best mean, update 1.")
    seen = run_view.look(store.run(1), 0)
    (line,) = seen.figures["scores"]["layout"]["shapes"]
    assert (line["x0"], line["x1"]) == (1, 1)
    assert best_evaluation(seen.evaluations).update == 1
    visit(app, "studio")
    assert said(app, "These are the scores at the best mean, update 1.")


def test_people_and_groups_that_are_scored_apart_stand_beside_the_score(store):
    group = GroupScore("one reference", 1_200, {"span_f1": 0.4}, {"span_f1": 0.02})
    people = np.array([0.95, np.nan, np.nan, np.nan])
    found = dataclasses.replace(evaluation(1), ceilings=people, groups=[[group], [], [], []])
    recorded(store, [step(0), found])
    app = opened()
    assert said(app, "**reviews** 0.900 ± 0.010 (guessing 0.500, people 0.950)")
    assert said(app, "**reviews**, one reference (1\u2009200 examples): span f1 0.400 ± 0.020.")


def test_a_page_between_takes_nothing_of_a_run_away(store):
    recorded(store, [step(update) for update in range(9)])
    app = opened(run_update="7", run_plane="pair")
    visit(visit(app, "compare"), "run")
    assert not app.exception
    assert shown(app) == 7
    assert app.query_params["run_plane"] == "pair"


def test_the_axis_moves_the_bar_and_the_link(store):
    recorded(store, [step(update) for update in range(9)])
    app = opened()
    app.button_group(key="run.axis").set_value("epoch").run()
    assert app.query_params["run_axis"] == "epoch"
    assert bar_of(app)["unit"] == "epochs"


def bar_of(app):
    (found,) = payloads(app, "mtlviz.stepper")
    return found


def shown(app):
    """The update that is looked at; every part on the page is of it."""
    bar, (field,) = bar_of(app), payloads(app, "mtlviz.update_field")
    fed = [
        sent["feed"] for name in ("chart", "live_text") for sent in payloads(app, f"mtlviz.{name}")
    ]
    updates = {feed["update"] for feed in (field["feed"], *fed) if feed and "cursor" in feed}
    assert updates == {bar["chosen"]}
    return bar["chosen"]


def moved(app, run, update):
    """A cursor moved in the browser, as the server hears of it, and the next run of the script."""
    browser_cursor.note(piece(app, "visitor"), browser_cursor.Place(run, update))
    return app.run()


def tables(app):
    return [table for sent in payloads(app, "mtlviz.live_text")
            for table in sent["said"].get("tables", [])]  # fmt: skip


def test_the_latest_run_is_shown_and_the_link_names_another(store):
    first = recorded(store, [step(0), evaluation(1)])
    second = recorded(store, [step(0), evaluation(1)])
    assert opened().selectbox(key="run.choice").value == second
    app = opened(run=str(first))
    assert app.selectbox(key="run.choice").value == first
    assert app.query_params["run"] == str(first)


def test_a_click_before_the_browser_has_drawn_the_latest_run_leaves_it_in_view(store, monkeypatch):
    monkeypatch.setattr(session, "_MOMENT", 60.0)
    first = recorded(store, [step(0), evaluation(1)])
    app = opened()
    second = recorded(store, [step(0), evaluation(1)])
    app.run()
    assert app.selectbox(key="run.choice").value == second
    app.selectbox(key="run.choice").set_value(first)
    harness.widget(app, "frame.lecture").set_value(True).run()
    assert app.selectbox(key="run.choice").value == second
    assert "run" not in app.query_params


def test_a_run_that_is_gone_and_a_number_that_is_none_get_one_sentence(store):
    recorded(store, [step(0)])
    assert said(opened(run="99"), "There is no run 99")
    assert said(opened(run="banana"), "`run` should be a number, got 'banana'.")


def test_a_run_that_goes_on_is_looked_at_where_it_is_until_an_update_is_chosen(store):
    recorded(store, [step(update) for update in range(30)], status=None)
    app = opened()
    assert shown(app) == 29
    moved(app, 1, 3)
    assert shown(app) == 3
    assert not app.exception


def test_a_finished_run_opens_at_its_strongest_conflict_and_stays_where_it_is_put(store):
    steps = [step(update, np.eye(4)) for update in range(9)]
    steps[4] = step(4)
    run = recorded(store, steps)
    app = opened()
    assert shown(app) == 4
    moved(app, run, 8)
    assert shown(app) == 8
    assert app.query_params["run_update"] == "8"
    assert shown(opened(run=str(run), run_update="2")) == 2


def test_a_finished_run_without_conflict_opens_in_its_middle(store):
    recorded(store, [step(update, np.eye(4)) for update in range(9)])
    assert shown(opened()) == 4


def test_tasks_that_take_turns_have_no_cosines_and_the_page_says_so(store):
    recorded(store, [step(update, due=(update % 4,)) for update in range(12)])
    app = opened()
    assert said(app, "No two gradients are known at the same update")
    assert said(app, "Only topics was due at update 6")
    assert said(app, "No development score: the run ended before the first.")
    recorded(store, [step(0)], status=None)
    assert said(opened(), "No development score yet")


def test_notes_and_failures_are_shown_without_the_servers_folders(store):
    run = recorded(store, [step(0), Note(1, "divergence", "It blew up.")], "failed", "Too large.")
    (store.folder(run) / "log.txt").write_text('File "/srv/secret/app/train.py", line 3\nboom\n')
    app = opened()
    assert said(app, "It blew up.")
    assert [error.value for error in app.error] == ["Too large."]
    assert app.code[0].value == 'File "train.py", line 3\nboom'


def test_a_run_in_another_state_says_what_it_waits_for(store):
    store.create_run(preset("default"))
    assert said(opened(), "waiting, number 1 in the queue")
    store.delete(1)
    recorded(store, [step(0)], status=None)
    app = opened()
    assert said(app, "update 1 of 30, about 0 s left")
    app.button(key="run.2.stop").click().run()
    assert store.run(2).stop_requested


def test_a_link_opens_a_run_at_an_update_on_an_axis_in_a_plane(store):
    run = recorded(store, [step(update) for update in range(30)])
    link = {"run": str(run), "run_update": "7", "run_axis": "epoch", "run_plane": "pair"}
    app = opened(**link, run_pair="1,3", run_smoothing="25")
    assert not app.warning
    assert shown(app) == 7
    assert app.selectbox(key="run.plane.pair").value == (0, 2)
    assert app.slider(key="run.smoothing").value == 25
    for name, value in link.items():
        assert app.query_params[name] == value


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("run_update", "-1", "`run_update` must be from 0 to 9007199254740992, got '-1'."),
        ("run_axis", "mood", "`run_axis` must be one of update, epoch, tokens, time, got 'mood'."),
        ("run_plane", "x", "`run_plane` must be one of most, parameters, directions, pair"),
        ("run_pair", "2,1", "`run_pair` must be two tasks such as 1,3, got '2,1'."),
        ("run_pair", "a", "`run_pair` must be two tasks such as 1,3, got 'a'."),
        ("run_smoothing", "101", "`run_smoothing` must be from 0 to 100, got '101'."),
    ],
)
def test_what_a_link_cannot_mean_gets_one_sentence_and_the_default(store, name, value, sentence):
    recorded(store, [step(0), step(1)])
    assert said(opened(**{name: value}), sentence)


def test_an_update_beyond_the_last_is_the_last(store):
    recorded(store, [step(0), step(1)])
    assert shown(opened(run_update="99")) == 1


def test_the_strongest_conflicts_lead_to_their_updates(store):
    harmless = np.eye(4)
    grams = [GRADIENTS if update == 4 else harmless for update in range(9)]
    recorded(store, [step(update, gradients) for update, gradients in enumerate(grams)])
    app = opened(run_update="7")
    (field,) = payloads(app, "mtlviz.update_field")
    assert field["choices"] == [[4, "4 · reviews – letters · −0.71"]]
    assert shown(moved(app, 1, 4)) == 4
    assert app.query_params["run_update"] == "4"


def test_a_plane_that_was_not_recorded_says_how_to_record_it(store):
    recorded(store, [step(0)])
    app = opened(run_plane="parameters")
    assert said(app, "probes.planes_every=1")
    recorded(store, [with_planes(step(0))])
    assert not said(opened(run_plane="parameters"), "probes.planes_every")


def unfolded():
    """The page with every fold of an update open."""
    return harness.opened("run", {fold_key(f"run.{name}"): True for name in ("examples", "worked")})


def with_planes(record):
    flat = Plane(np.ones((4, 2)), np.full(4, 0.1))
    return dataclasses.replace(record, planes={"two parameters": flat, "random directions": flat})


def test_the_examples_of_an_update_are_shown_as_plain_text(store):
    numbers = np.full((4, 16), -1, dtype=np.int32)
    numbers[:, :2] = [[0, 5], [1, 2], [3, 4], [6, 7]]
    recorded(store, [dataclasses.replace(step(0), examples=numbers)])
    app = unfolded()
    config = preset("default").changed_at("optimisation.combiner", "pcgrad")
    tasks = load_tasks(config.data, generator(config.seed, DATA))
    for number, (task, table) in enumerate(zip(tasks, tables(app), strict=True)):
        train = task.splits["train"]
        assert column(table, "text") == [train.first[k] for k in numbers[number, :2]]
        if train.second is not None:
            assert column(table, "second text") == [train.second[k] for k in numbers[number, :2]]


def column(table, name):
    place = table["header"].index(name)
    return [unescaped(row[place]) for row in table["rows"]]


def test_a_run_that_kept_no_examples_says_how_new_runs_keep_them(store):
    recorded(store, [step(0)])
    assert said(unfolded(), "probes.examples_every=1")


def test_examples_that_are_no_longer_there_are_said_to_be_gone(store):
    gone = np.full((4, 16), 10**6, dtype=np.int32)
    recorded(store, [dataclasses.replace(step(0), examples=gone)])
    assert said(unfolded(), "fewer than it had")


def test_texts_of_another_data_set_under_the_same_name_are_not_shown(store):
    numbers = np.zeros((4, 16), dtype=np.int32)
    run = recorded(store, [dataclasses.replace(step(0), examples=numbers)])
    with store.connections.writing() as connection:
        marks = json.dumps(["elsewhere"] * 4)
        connection.execute("UPDATE runs SET fingerprints = ? WHERE id = ?", (marks, run))
    app = unfolded()
    assert said(app, "The task 'reviews' here has other ones than the run has read")
    assert not tables(app)


def test_the_worked_example_is_shown_where_a_run_measured_it(store):
    gram = np.array([[1.0, -0.5, 0.0], [-0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])
    worked = WorkedExampleRecord(
        0, np.array([2, 0, 3]), np.ones(3), np.array([4.0, 0.0, 0.5]), gram, {}, 0.1, 0.1
    )
    recorded(store, [worked, step(0)])
    app = unfolded()
    assert said(app, "Before training **topics** and **reviews** pull apart on these sentences")
    (table,) = (each for each in tables(app) if "the model says" in each["header"])
    assert column(table, "task") == ["topics", "reviews", "similarity"]
    assert column(table, "label") == ["4", "0", "0.6"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at /a/b/c.py", "at c.py"),
        (r"at C:\users\me\c.py", "at c.py"),
        ("see https://example.org/a/b and 1/2", "see https://example.org/a/b and 1/2"),
    ],
)
def test_only_file_names_stay_of_paths(text, expected):
    assert without_folders(text) == expected


def test_the_runs_own_combiner_is_replayed_exactly():
    config = preset("default").changed_at("optimisation.combiner", "pcgrad")
    # So many conflicts that another visiting order gives another update.
    gradients = np.random.default_rng(3).normal(size=(4, 3))
    seen = moment(step(7, gradients - gradients.mean(axis=0)))
    mine = made(seen, config, NAMES)
    same = next(
        each for each in outcomes(seen, config, NAMES, same_length=False) if each.name == "pcgrad"
    )
    np.testing.assert_allclose(same.changes, mine.changes)
    other = made(moment(step(0)), config, NAMES)
    assert in_words(other) == HURTS_NONE


def test_the_plain_sum_is_predicted_as_worked_by_hand():
    # G 1 = (4 − 2, −2 + 2, 1, 0.25) = (2, 0, 1, 0.25); η = 0.1; |update|² = 1 + 1 + 1 + 0.25,
    # which is clipped to length 1.
    config = preset("default")
    seen = moment(step(0))
    found = outcomes(seen, config, NAMES, same_length=False)[0]
    clip = 1 / np.sqrt(3.25)
    np.testing.assert_allclose(found.changes, -0.1 * clip * np.array([2, 0, 1, 0.25]), atol=1e-12)
    assert found.relative == pytest.approx(1)


def test_a_task_that_the_sum_hurts_is_named():
    gradients = np.array([[3.0, 0, 0, 0], [-1.0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    found = outcomes(moment(step(0, gradients)), preset("default"), NAMES, same_length=False)
    assert {each.name: in_words(each) for each in found}["sum"] == "▼ hurts letters"


def test_same_length_makes_every_update_as_long_as_the_sum():
    seen = moment(step(0))
    found = outcomes(seen, preset("default"), NAMES, same_length=True)
    assert update_norm(seen.gram, np.ones(4)) > 0
    np.testing.assert_allclose([each.relative for each in found], 1.0)


def test_conflicts_and_agreements_that_balance_are_said_to():
    signs = np.where(np.arange(100) % 2, 0.1, -0.1)
    cosines = np.ones((100, 2, 2))
    cosines[:, 0, 1] = cosines[:, 1, 0] = signs
    assert "one half" in run_words.conflict(cosines, NAMES[:2])
    cosines[:, 0, 1] = -0.1
    assert "one half" not in run_words.conflict(cosines, NAMES[:2])
    assert "One task alone" in run_words.conflict(np.ones((5, 1, 1)), NAMES[:1])


def model_alt(app):
    return next(p["alt"] for p in payloads(app, "mtlviz.chart") if p["filename"] == "model")


def test_the_drawn_model_has_the_numbers_of_parameters_where_the_data_is_as_it_was(store):
    run = recorded(store, [step(0)])
    app = harness.opened("run", {fold_key("run.model"): True})
    until = time.monotonic() + 20
    while "parameters" not in model_alt(app) and time.monotonic() < until:
        time.sleep(0.05)
        app.run()
    assert "All 4 tasks share" in model_alt(app)
    assert " parameters. Each task alone has a head: " in model_alt(app)
    with store.connections.writing() as connection:
        mark = json.dumps({"title": "theirs", "made": "2026-11-29", "pack": "x", "place": 0})
        connection.execute("UPDATE runs SET recorded = ? WHERE id = ?", (mark, run))
    app = harness.opened("run", {fold_key("run.model"): True})
    assert "parameters" not in model_alt(app)
    assert said(app, "of a recorded run it is not known whether the data here is the same")
