"""The Capacity lab through AppTest: toy, studies, affinity, links, and empty states."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from mtlviz.engine.measures.affinity import Correlation
from mtlviz.engine.measures.transfer import transfer
from mtlviz.engine.measures.widths import Sweep, differences
from mtlviz.engine.records import AffinityRecord
from mtlviz.engine.tasks import default_tasks
from mtlviz.engine.tasks.families import family_tasks
from mtlviz.errors import ConfigError
from mtlviz.runs import affinity_study, capacity_study, machine_slots, stored_study
from mtlviz.runs.lease import lease
from mtlviz.runs.results import run_result
from mtlviz.toy.capacity import CapacityToyConfig, capacity_curves
from mtlviz.ui.core import transfer_words
from mtlviz.ui.pages.capacity import affinity, many, many_words, paper, words
from mtlviz.ui.pages.capacity.many_tasks import ManyTasks
from mtlviz.ui.pages.capacity.questions import capacity_question, helper_question
from mtlviz.ui.pages.capacity.settings import STORIES, Shown, StudyForm, WaysForm
from tests.runs.compare_runs import evaluation, step
from tests.ui import harness
from tests.ui.harness import charts, text, unescaped

pytestmark = pytest.mark.usefixtures("store")
opened = partial(harness.opened, "capacity_lab")


def finish(store, run, scores, affinities=(), gram=None):
    """Let a queued run end with these scores."""
    queued = store.run(run)
    assert queued.status == "queued"
    held = lease(store, run)
    held.plan(2, ["accuracy"] * len(scores))
    records = [AffinityRecord(10 * n, each, 0.1, 0.01) for n, each in enumerate(affinities)]
    steps = [replace(step(n, len(scores)), **({} if gram is None else {"gram": gram}))
             for n in range(2)]  # fmt: skip
    found = [steps[0], *records, steps[1], evaluation(2, scores)]
    held.append(found)
    names = [task.name for task in store.config(run).data.tasks]
    metrics = ["accuracy"] * len(scores)
    held.finish("finished", None, run_result(names, metrics, found, updates=2, seconds=1.0))


def width_study(store, finished=True, tasks=2, seeds=2):
    """Two widths; together is better by 10 points at width 4, by 20 at 10."""
    config = capacity_study.base_config(default_tasks()[:tasks], "mean", 2)
    plan = capacity_study.planned(config, (4, 10), range(seeds))
    begun = stored_study.begin_study(store, "capacity", "two *tasks*", plan)
    if finished:
        for (way, width, seed), run in begun.runs.items():
            gain = (0.1 if width == 4 else 0.2) if way == "together" else 0.0
            finish(store, run, np.full(tasks, 0.5) + gain + 0.01 * seed * (gain + 1))
    return begun


def affinity_runs(store, seeds=2):
    """Tasks 0 and 1 help each other, task 2 hurts; so do the measured scores say."""
    plan = affinity_study.planned(default_tasks()[:3], 40, range(seeds))
    begun = stored_study.begin_study(store, "affinity", "three", plan)
    generator = np.random.default_rng(0)
    mean = np.array([[0.5, 0.02, -0.01], [0.03, 0.5, -0.02], [-0.02, -0.03, 0.5]])
    scores = {"all": (0.7, 0.7, 0.6), "apart": (0.6, 0.6, 0.7), "0+1": (0.7, 0.72),
              "0+2": (0.55, 0.65), "1+2": (0.5, 0.66)}  # fmt: skip
    for (way, _, seed), run in begun.runs.items():
        drawn = mean + 0.002 * generator.normal(size=(8, 3, 3)) if way == "all" else ()
        finish(store, run, np.array(scores[way]) + 0.01 * seed, drawn)
    return begun


def test_the_first_screen_has_the_picture_and_a_verdict_with_numbers():
    app = opened()
    assert charts(app) == 1
    assert "of width **2**, beats 4 encoders of their own, of widths 1 + 1 + 1 + 1 = **4**" in (
        text(app)
    )
    assert "95 % interval" in text(app)
    assert "**nothing transfers**" in text(app)
    assert not app.error


def test_controls_change_the_verdict_and_the_link():
    app = opened()
    app.slider(key="capacity.toy.questions").set_value(1).run()
    app.slider(key="capacity.toy.alike").set_value(1.0).run()
    assert app.query_params["cap_toy_questions"] == "1"
    assert app.query_params["cap_toy_alike"] == "1"
    assert "of width **1**, beats" in text(app)
    assert "hurts" not in text(app).partition("Source")[0].split("What is")[0].split("Width for")[1]


def test_controls_are_undone_one_by_one_and_reset_to_the_story():
    app = opened()
    assert app.button(key="capacity.toy.undo").disabled
    assert "Changed from" not in text(app)
    app.slider(key="capacity.toy.questions").set_value(3).run()
    assert "(Changed from “Two families”; Reset brings it back.)" in text(app)
    app.slider(key="capacity.toy.examples").set_value(30).run()
    app.button(key="capacity.toy.undo").click().run()
    assert (app.slider(key="capacity.toy.questions").value,
            app.slider(key="capacity.toy.examples").value) == (3, 20)  # fmt: skip
    app.button(key="capacity.toy.reset").click().run()
    assert app.slider(key="capacity.toy.questions").value == 2
    assert app.button(key="capacity.toy.undo").disabled
    assert "cap_toy_questions" not in app.query_params
    assert "Changed from" not in text(app)


def test_slower_toys_train_in_the_background_and_end_with_a_verdict():
    query = {"cap_toy_kind": "linear", "cap_toy_seeds": "8", "cap_toy_tasks": "2"}
    app = opened(**query)
    for _ in range(100):
        if "The best shared" in text(app):
            break
        app.run()
    assert "The best shared" in text(app)
    assert not app.exception


def test_without_a_study_the_page_says_what_the_first_one_is_made_of():
    app = opened(cap_measured="text")
    assert "No width study yet" in text(app)
    assert "**24 runs**: 4 tasks" in text(app)
    assert charts(app) == 0
    assert any(list(frame.value["width alone"])[-1] == 1205 for frame in app.dataframe)


def test_one_click_queues_together_and_apart_and_names_the_study(store):
    app = opened(cap_measured="text", cap_study_widths="5,20", cap_study_seeds="2",
                 cap_study_tasks="built-in/reviews,built-in/topics")  # fmt: skip
    app.text_input(key="capacity.study.name").set_value("mine").run()
    app.button(key="capacity.study.start").click().run()
    assert not app.exception
    found = stored_study.studies(store, "capacity")
    assert [each.name for each in found] == ["mine"]
    assert len(store.runs(("queued",))) == 8
    assert app.query_params["cap_study"] == "1"
    assert "The curves appear when the first runs" in text(app)
    app.button(key="study.capacity.stop").click().run()
    assert not store.runs(("queued",))
    app.button(key="study.capacity.resume").click().run()
    assert len(store.runs(("queued",))) == 8


@pytest.mark.parametrize(("widths", "how"), [("5,20", "4 at once"), ("5,500", "2 at once")])
def test_the_time_told_is_that_of_the_queues_own_places(store, monkeypatch, widths, how):
    """Small models take one thread each, as many at once as there are cores; others take two."""
    monkeypatch.delenv("MTLVIZ_RUNS", raising=False)
    monkeypatch.setattr(machine_slots, "cores", lambda: 4)
    app = opened(cap_measured="text", cap_study_widths=widths)
    for _ in range(100):
        if "in all" in text(app):
            break
        app.run()
    assert f"** in all, {how}, within a factor of two" in text(app)


def test_the_time_left_of_a_study_is_that_of_the_queues_own_places(store, monkeypatch):
    monkeypatch.delenv("MTLVIZ_RUNS", raising=False)
    begun = width_study(store, finished=False)
    first, told = next(iter(begun.runs.values())), []
    finish(store, first, np.full(2, 0.5))
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET started = finished - 80 WHERE id = ?", (first,))
    for count in (1, 4):
        monkeypatch.setattr(machine_slots, "cores", lambda count=count: count)
        told.append(progress(opened(cap_measured="text")))
    assert told == [
        f"1 of 8 runs finished · about {left} left" for left in ("9 min 20 s", "2 min 20 s")
    ]


def progress(app):
    """What the bar of a study says."""
    return "\n".join(bar.proto.text for bar in app.get("progress"))


def test_a_finished_study_has_curves_verdicts_and_a_table_beside_the_papers(store):
    width_study(store)
    app = opened(cap_measured="text", cap_study="1")
    assert charts(app) == 1
    # Both widths alone score alike, so the smaller is taken: 4 + 4; together the wider is better.
    assert "of width **10**, beats 2 encoders of their own, of widths 4 + 4 = **8**" in text(app)
    assert "+20.1 points" in text(app)
    assert "flatters both" in text(app)
    tables = [frame.value for frame in app.dataframe]
    assert list(tables[0]["task"]) == ["reviews", "letters"]
    assert list(tables[1]["task"])[-1].startswith("all")


def test_curves_fill_in_as_runs_finish(store):
    begun = width_study(store, finished=False)
    finish(store, begun.runs["together", 4, 0], (0.6, 0.6))
    assert charts(opened(cap_measured="text")) == 0
    finish(store, begun.runs["apart", 4, 0], (0.5, 0.5))
    app = opened(cap_measured="text")
    assert charts(app) == 1
    assert "Runs are still to come" in text(app)
    assert "(one seed: no interval yet, add seeds)" in text(app)


def test_a_study_that_is_gone_is_said_and_the_newest_is_shown(store):
    width_study(store)
    app = opened(cap_measured="text", cap_study="7")
    assert "There is no width study 7" in text(app)
    assert charts(app) == 1
    for run in store.runs():
        store.delete(run.id)
    app = opened(cap_measured="text")
    assert "were deleted" in text(app)
    app.button(key="capacity.study.forget").click().run()
    assert "No width study yet" in text(app)


def test_tasks_that_cannot_be_trained_are_one_sentence():
    app = opened(cap_measured="text", cap_study_tasks="data/gone,built-in/reviews")
    assert any("There is no task" in each.value for each in app.error)
    app = opened(cap_measured="text", cap_study_folder="/nowhere/at/all")
    assert any("There is no folder" in each.value for each in app.error)


def test_without_affinities_the_view_says_how_to_get_them():
    app = opened(cap_view="affinity")
    assert "No finished run has recorded affinities yet" in text(app)
    assert app.button(key="affinity.start").label == "Queue 24 runs"


def test_one_click_queues_the_runs_that_measure_affinity(store):
    app = opened(cap_view="affinity", cap_study_tasks="built-in/reviews,built-in/topics")
    app.number_input(key="affinity.seeds").set_value(2).run()
    app.button(key="affinity.start").click().run()
    assert not app.exception
    # Of two tasks the only pair is all of them.
    assert len(store.runs(("queued",))) == 4


def test_affinities_suggest_a_grouping_and_are_held_against_transfer(store):
    affinity_runs(store)
    app = opened(cap_view="affinity")
    assert charts(app) == 3
    assert "Train together: **reviews + letters** and **topics** alone" in text(app)
    assert "wins in **100%** of 500 resamples over 2 seeds" in text(app)
    assert "rank correlation +" in text(app)
    app.selectbox(key="capacity.shown.groups").set_value(1).run()
    assert "all tasks train together" in text(app)
    assert "resamples" not in text(app)
    assert app.query_params["cap_groups"] == "1"


def test_without_runs_to_compare_with_the_page_says_so(store):
    begun = affinity_runs(store, seeds=1)
    for (way, _, _), run in begun.runs.items():
        if way != "all":
            store.delete(run)
    app = opened(cap_view="affinity", cap_run="1")
    assert "Not enough runs yet" in text(app)
    assert "over the updates of one seed" in text(app)
    assert "not finished or has no affinities" in text(opened(cap_view="affinity", cap_run="99"))


@pytest.mark.parametrize(("model", "values"), [
    (Shown, {"view": "affinity", "measured": "text", "study": 3, "run": 4, "groups": 5,
             "ways": 6, "across": "trained", "grouped_by": "estimate", "count": 4, "task": 9,
             "drawn": "mmoe"}),
    (WaysForm, {"tasks": ("data/mr", "data/cr"), "folder": "x", "examples": 50, "checkpoint": "y",
                "ways": ("mmoe", "hard"), "rates": 2, "seeds": 1, "epochs": 2}),
    (StudyForm, {"tasks": ("data/mr", "data/cr"), "folder": "x", "examples": 50, "encoder": "lstm",
                 "widths": (5, 500), "seeds": 1, "epochs": 2}),
    (CapacityToyConfig, {"kind": "relu", "tasks": 5, "questions": 3, "alike": 0.35, "examples": 90,
                         "noise": 1.5, "seeds": 20, "seed": 7}),
])  # fmt: skip
def test_every_setting_survives_the_link(model, values):
    chosen = model().changed(**values)
    assert {model.link_prefix + name for name in values} == set(chosen.query())
    assert set(values) == set(model.parameters())
    assert model.read(chosen.query()) == (chosen, [])
    assert model().query() == {}


def test_values_of_a_link_that_cannot_be_used_are_one_sentence_each():
    app = opened(cap_toy_tasks="9", cap_study_widths="5,0", cap_view="nothing", cap_nothing="1")
    told = unescaped(text(app))
    for name in ("cap_toy_tasks", "cap_study_widths", "cap_view", "cap_nothing"):
        assert told.count(name) == 1
    with pytest.raises(ConfigError, match="cap_study_tasks"):
        StudyForm().changed(tasks=("built-in/reviews",))


def test_the_link_hides_what_a_teacher_names():
    app = opened(hide="capacity.verdict,capacity.data")
    assert "The best shared" not in text(app)
    assert not any(each.key.endswith(".tasks") for each in app.slider)
    # The group of one page is that page's own.
    harness.visit(app, "covariance_lab")
    assert any(each.key == "covariance.n" for each in app.slider)
    assert charts(opened(hide="capacity.toy")) == 0


def test_the_papers_table_adds_up():
    last = paper.rows()[-1]
    assert (last["width alone"], last["alone"], last["together"]) == (1205, 82.6, 85.1)


@pytest.mark.parametrize(("name", "verdicts"), [
    ("Two families", ["hurts", "helps", "helps"]), ("One question", ["helps", "helps", "helps"]),
    ("Strangers", ["hurts", "hurts", "hurts"]), ("Plenty of data", ["hurts", "hurts", "hurts"]),
])  # fmt: skip
def test_a_story_of_the_toy_shows_what_it_says(name, verdicts):
    curves = capacity_curves(STORIES[name][1])
    sweep = Sweep(curves.widths, curves.together, curves.alone)
    assert [each.verdict for each in differences(sweep)[:3]] == verdicts


def test_a_decided_difference_is_never_said_to_be_zero():
    alone = np.full((1, 8, 1), 0.5)
    together = alone - 0.0003 - 0.00001 * np.arange(8)[:, None]
    told = words.width_verdict(Sweep(np.array([5]), together, alone))
    assert told == "Width for width, sharing **hurts** at width 5 (−0.03)."
    assert transfer_words.points(differences(Sweep(np.array([5]), together, alone))[0]) == (
        "▼ −0.03, small (−0.04 to −0.03)"
    )


def test_a_story_keeps_the_toy_and_is_a_step_of_the_browser():
    app = opened(cap_toy_kind="linear", cap_toy_seeds="8", cap_toy_tasks="2")
    app.button(key="capacity.story.Strangers").click().run()
    assert app.query_params["cap_toy_story"] == "Strangers"
    assert app.query_params["cap_toy_kind"] == "linear"
    assert "cap_toy_questions" not in app.query_params


def family_runs(store, seeds=2, gradients=True):
    """Twelve tasks in three planted families; members help each other, by every account."""
    tasks = [task for place, task in enumerate(family_tasks()[:24]) if place % 8 < 4]
    plan = affinity_study.planned(tasks, 40, range(seeds))
    begun = stored_study.begin_study(store, "affinity", "twelve", plan)
    drawn, truth = np.random.default_rng(0), np.repeat(range(3), 4)
    same = (truth[:, None] == truth).astype(float)
    for (way, *_), run in begun.runs.items():
        if way == "all":
            several = [0.01 * same + 0.002 * drawn.normal(size=(12, 12)) for _ in range(4)]
            finish(
                store,
                run,
                np.full(12, 0.7),
                several,
                gram=0.5 * same + 0.5 * np.eye(12) if gradients else None,
            )
            continue
        finish(store, run, group_scores(way, truth, drawn))
    return begun


def group_scores(way, truth, drawn):
    alone = way == "apart"
    members = [] if alone else list(map(int, way.split("+")))
    gain = 0 if alone else 0.05 if len(set(truth[members])) == 1 else -0.05
    return 0.6 + gain + 0.01 * drawn.normal(size=12 if alone else len(members))


@pytest.mark.parametrize(("share", "share_below", "said"), [
    (0.02, 0.98, "transfer go with"), (0.04, 0.96, "cannot be told to go with"),
    (0.96, 0.04, "cannot be told to go with"), (0.98, 0.02, "transfer go against"),
    (1.0, 1 / 6, "cannot be told to go with"),  # The least of the six orders of three tasks.
])  # fmt: skip
def test_a_correlation_is_told_from_chance_at_five_percent_in_all(share, share_below, said):
    found = Correlation(0.3, -0.1, 0.6, 12, 0.2, (-0.25, 0.25), share, share_below, np.nan)
    told = words.correlation(found, 12)
    assert said in told
    assert "(interval over tasks, at least 95 %: −0.10 to +0.60)" in told
    assert "95 % of correlations lie between −0.25 and +0.25." in told


def test_many_tasks_have_three_maps_their_groups_and_the_planted_truth(store):
    family_runs(store)
    app = opened(cap_view="affinity", cap_grouped_by="lookahead")
    assert charts(app) == 3  # Conflict, lookahead, and against transfer: no embeddings here.
    assert "fall into **3 groups**" in text(app)
    assert "3 groups: the number with the largest total." in text(app)
    assert "which find the 3 families **better than chance**" in text(app)
    assert "agree by **1.00** (adjusted Rand index; 1: exactly; 95 %" in text(app)
    assert "names dealt out anew, 95 % of correlations lie between" in text(app)
    assert "recorded no embeddings" in text(app)
    assert not app.error


def test_groups_are_trained_at_one_click_and_held_against_all_and_alone(store):
    family_runs(store)
    app = opened(cap_view="affinity", cap_grouped_by="lookahead")
    # Three groups, which are the three planted families, with two seeds.
    assert app.button(key="affinity.groups").label == "Train these groups: 6 runs"
    app.button(key="affinity.groups").click().run()
    begun = stored_study.studies(store, "affinity")[0]
    ways = {way for way, *_ in begun.runs}
    assert ways == {"0+1+2+3", "4+5+6+7", "8+9+10+11"}
    config = store.config(begun.runs["4+5+6+7", 0, 0])
    assert [task.name for task in config.data.tasks] == [f"east-{n}" for n in range(1, 5)]
    assert (config.optimisation.max_updates, config.probes.affinity_every) == (40, 0)
    assert "affinity.groups" not in [button.key for button in app.button]
    drawn, truth = np.random.default_rng(1), np.repeat(range(3), 4)
    for (way, *_), run in begun.runs.items():
        finish(store, run, group_scores(way, truth, drawn))
    app = opened(cap_view="affinity", cap_grouped_by="lookahead")
    assert "These groups against one encoder for all: −" in text(app)  # All together scored 0.7.
    assert "| Planted families | 0.6" in text(app)
    assert "▲ +" in text(app)
    assert not app.error


def test_the_helper_asked_for_is_surely_ahead_and_the_look_alike_is_offered():
    """By hand: task 3 is helped most by 7 at every update, and looks most like 1."""
    drawn, truth = np.random.default_rng(0), np.zeros((9, 9))
    truth[[7, 4, 1, 5], 3] = 0.5, 0.1, 0.05, -0.2
    measured = [truth + 0.001 * drawn.normal(size=(6, 9, 9)) for _ in range(2)]
    alike = np.eye(9)
    alike[1, 3] = 0.9
    tasks = [f"t{task}" for task in range(9)]
    question, about = helper_question("1", tasks, measured, alike)
    assert about == 3
    assert "the loss of t3 most?" in question.text
    offered = [answer.text for answer in question.answers]
    assert {"t7", "t1", "t5"} < set(offered)
    assert len(offered) == 4
    assert offered[question.right] == "t7"
    assert (
        "falls by 5 %, by one on t7 it falls by 50 %"
        in question.answers[offered.index("t1")].reason
    )
    # The right answer is told beside the next of those offered.
    assert "falls by 50 %, by one on t1 it falls by 5 %" in question.answers[question.right].reason
    # Another seed may ask about another task: a guess of this one is none of that.
    truth[:, 2] = truth[:, 3]
    truth[[2, 3], 2], truth[:, 3] = (0, 0), 0
    other, about = helper_question(
        "1", tasks, [truth + 0.001 * drawn.normal(size=(6, 9, 9))], alike
    )
    assert (about, other.name == question.name) == (2, False)
    noise = [drawn.normal(size=(6, 9, 9))]
    assert helper_question("1", tasks, [each - each.mean(axis=0) for each in noise], None) is None


def test_predictions_of_others_that_were_measured_are_made_anew(monkeypatch):
    asked = []
    monkeypatch.setattr(affinity, "prediction", lambda _, company, *rest: asked.append(company))
    gain = transfer([0.7, 0.71], [0.6, 0.6])
    for company in ((1,), (2,), (2,)):
        measured = [affinity_study.Measured(0, company, gain, {0: 1.0, 1: 2.0})]
        affinity._prediction(SimpleNamespace(run=-1, transfers=measured), np.eye(3), "x")
    assert asked == [[(0, (1,))], [(0, (2,))]]


def test_a_task_of_many_is_found_by_name_and_lights_up_in_every_map(store):
    family_runs(store, seeds=1)
    app = opened(cap_view="affinity", cap_task="6")
    assert "**east-2** pulls most with **east-" in unescaped(text(app))
    app.selectbox(key="capacity.shown.task").set_value(1).run()
    assert app.query_params["cap_task"] == "1"
    app.number_input(key="capacity.shown.count").set_value(5).run()
    # The same gradients at every update: members of a family cannot be told apart.
    assert "3 groups: not 5: some tasks cannot be told apart" in text(app)
    app = opened(cap_view="affinity", cap_grouped_by="lookahead", cap_count="5")
    assert "5 groups: the number you chose" in text(app)


def test_a_task_that_nobody_pulls_with_or_helps_is_said_to_have_none():
    apart = np.where(
        np.eye(3, dtype=bool), 1.0, [[0, -0.1, -0.3], [-0.1, 0, -0.2], [-0.3, -0.2, 0]]
    )
    found = ManyTasks(None, apart, apart, None, None, "", None, None)
    told = many_words.of_one(0, ["a", "b", "c"], found)
    assert told == (
        "**a** pulls with no other and least of all with **c** and is helped by no other."
    )
    # One's own step is no company.
    better = np.array([[1, 0.1, -0.3], [0.1, 1, 0.2], [0.2, 0.2, 1]])
    told = many_words.of_one(0, ["a", "b", "c"], replace(found, lookahead=better))
    assert "is helped most by **c**" in told


def test_an_estimate_without_weights_is_said_to_need_them(store):
    family_runs(store, seeds=1)
    app = opened(cap_view="affinity", cap_grouped_by="estimate")
    assert "needs the weights of this run" in text(app)


def test_many_tasks_are_taken_at_one_click_and_some_pairs_of_them_measured(store):
    app = opened(cap_view="affinity")
    app.button(key="affinity.families").click().run()
    # All, each apart, and sixty-four pairs, with three seeds.
    assert app.button(key="affinity.start").label == "Queue 198 runs"
    pairs = affinity_study.pairs(32)
    assert np.bincount(np.ravel(pairs)).tolist() == [4] * 32


def test_the_model_is_drawn_and_counted_at_a_width():
    app = harness.opened("capacity_lab", {"fold.capacity.model": True})
    # B is 10 x 2, a head has 2: 20 + 4 x 2 together, 4 x 22 alone.
    assert "**28** parameters together" in text(app)
    assert "4 × (20 + 2) = **88**" in text(app)
    model = harness.payloads(app, "mtlviz.chart")[-1]
    assert "20 parameters" in model["alt"]
    harness.widget(app, "capacity.shown.width").set_value(4).run()
    assert "**56** parameters together" in text(app)
    relu = CapacityToyConfig(kind="relu")
    assert relu.counts(4) == (12, 5)


def test_the_first_sight_of_affinities_is_a_question_that_an_example_answers(store):
    app = harness.opened("capacity_lab", {"guess:skip_all": False}, cap_view="affinity")
    assert "Can the families be read from which way the tasks' gradients point?" in text(app)
    assert charts(app) == 0
    assert not store.runs()  # Nothing is opened unasked.
    app.button(key="capacity.first.1").click().run()
    assert "You expect: *In part, better than chance*." in text(app)
    maps = harness.payloads(app, "mtlviz.chart")
    titles = ["Same pull?", "Families, and groups found from this map"]
    assert [each["title"] for each in maps] == titles
    rows = maps[0]["figure"]["data"][0]["y"]
    assert rows[0] == "north-1"
    assert rows[-1] == "west-8"  # In the order they were made, each family in a frame.
    assert len(maps[0]["figure"]["layout"]["shapes"]) == 4
    counts = maps[1]["figure"]["data"][0]["text"]
    assert [sum(int(count or 0) for count in row) for row in counts] == [8] * 4
    app.button(key="guess.saw.1").click().run()
    assert "**Right.**" in text(app)
    assert "which find the 4 families **better than chance**" in text(app)
    assert "Recorded: from “Thirty-two tasks in four planted families”" in unescaped(text(app))


def test_of_tasks_drawn_anew_for_each_seed_nothing_is_called_one_seed(store):
    app = opened(cap_view="affinity")
    app.button(key="capacity.families").click().run()
    told = text(app)
    assert "have tasks of the same names that were drawn anew, so nothing is averaged" in told
    assert "one seed." not in told
    # Groups cannot be trained beside a run of no fixed length: it is said where the button is.
    assert app.button(key="affinity.groups").disabled
    assert "This run lasts 80 passes over its data, so a group of its tasks would train" in told


def test_the_most_encoders_stand_where_they_decide_something(store):
    affinity_runs(store)
    app = opened(cap_view="affinity")
    assert app.selectbox(key="capacity.shown.groups").value == 2
    family_runs(store)
    app = opened(cap_view="affinity")
    assert not any(each.key == "capacity.shown.groups" for each in app.selectbox)


def test_points_of_several_metrics_in_one_list_are_said_to_be_so():
    assert words.mixed_metrics(["one", "two"], ["accuracy", "accuracy"]) == ""
    told = words.mixed_metrics(["one", "two", "three"], ["accuracy", "pearson", "accuracy"])
    assert "(accuracy of one and three; pearson of two)" in told


def test_a_moved_story_asks_of_its_settings_with_a_note_however_it_is_opened():
    app = harness.opened("capacity_lab", {"guess:skip_all": False})
    app.button(key="guess.skip").click().run()
    assert "They ask **two different questions**, two tasks each." in text(app)
    app.slider(key="capacity.toy.questions").set_value(3).run()
    asked = "They ask **three different questions**, asked by two, one and one of them."
    again = opened(cap_toy_questions="3")
    for each in (app, again):
        assert asked in text(each)
        assert "two different questions" not in text(each)
        assert "two directions are best" not in text(each)
        assert "(Changed from “Two families”; Reset brings it back.)" in text(each)
    assert asked in text(opened(cap_toy_questions="3", hide="answers"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"tasks": 5}, "Five tasks share"),
        ({"questions": 1}, "**All ask the same, up to a cosine of 0.95**."),
        ({"questions": 1, "alike": 1.0}, "**All ask the same**."),
        ({"questions": 5}, "Each asks a **question of its own**."),
        ({"alike": 0.5}, "two tasks each (cosine 0.5 within one)."),
        ({"examples": 200}, "two tasks each, and each has **200 examples**, not 20."),
    ],
)
def test_what_the_toy_asks_is_told_from_its_settings(changes, told):
    question = capacity_question("Two families", CapacityToyConfig(**changes))
    assert told in question.text
    assert "two directions are best" not in question.mechanism


def test_ways_are_called_by_what_they_do_and_listed_with_the_word_of_the_papers():
    assert words.way_name("hard") == "one encoder for all"
    assert words.way_choice("partial") == "some layers shared (partial)"
    assert words.way_choice("lora") == "LoRA"


def test_without_recorded_gradients_nobody_is_asked_which_way_they_point(store, monkeypatch):
    family_runs(store, gradients=False)
    monkeypatch.setattr(many, "helper_question", lambda *_: None)
    app = harness.opened("capacity_lab", {"guess:skip_all": False}, cap_view="affinity")
    assert "which way the tasks' gradients point" not in text(app)
    assert "This run recorded no gradients" in text(app)


def test_the_question_of_the_example_counts_its_tasks_and_families():
    asked = affinity._asked_of_example("example")
    assert asked.text.startswith("32 tasks were trained on one encoder. They were made in 4 famil")
