"""The Capacity lab's view of ways of sharing, from its first screen to a finished study."""

from functools import partial

import numpy as np
import pytest

from mtlviz.engine.measures.transfer import transfer
from mtlviz.engine.records import PhaseRecord
from mtlviz.engine.tasks import default_tasks
from mtlviz.runs import adding_study, sharing_study, stored_study
from mtlviz.runs.lease import lease
from mtlviz.runs.results import run_result
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.pages.capacity import plan_time, plans
from mtlviz.ui.pages.capacity.questions import ways_question
from mtlviz.ui.pages.capacity.sharing import described, verdicts
from tests.runs.compare_runs import evaluation, step
from tests.ui import harness
from tests.ui.harness import charts, payloads, said, text
from tests.ui.test_capacity_lab import finish

pytestmark = pytest.mark.usefixtures("store")
opened = partial(harness.opened, "capacity_lab", cap_view="sharing")


@pytest.fixture
def patient(monkeypatch):
    """The page waits until data is counted."""
    monkeypatch.setattr(plan_time, "_MOMENT", 30.0)


def study(store, finished=True):
    """Two tasks, three seeds; hard sharing is better by 10 points, experts worse by 10."""
    config = sharing_study.base(default_tasks()[:2], 2, None)
    plan = sharing_study.planned(config, ("hard", "mmoe"), 2, range(3))
    begun = stored_study.begin_study(store, sharing_study.KIND, "two ways", plan)
    gains = {"separate": 0.0, "hard": 0.1, "mmoe": -0.1}
    for (way, rate, seed), run in begun.runs.items() if finished else ():
        noise = 0.004 * ((seed + len(way)) % 3)
        finish(store, run, np.array([0.5, 0.6]) + gains[way] - 0.2 * rate + noise)
    return begun


def test_before_a_study_the_page_says_what_the_first_one_is_made_of():
    app = opened(cap_ways_seeds="2", cap_ways_ways="hard,mmoe")
    assert said(app, "**30 runs**: every task alone and 2 ways of sharing 4 tasks, each at 5 step")
    assert not app.error


def test_the_first_sight_is_the_question_that_the_example_then_asks(store):
    app = harness.opened("capacity_lab", {"guess:skip_all": False}, cap_view="sharing")
    (asked,) = (
        each.value for each in app.markdown if "Which way of sharing gains most" in each.value
    )
    answers = [each.label for each in app.button if (each.key or "").startswith("capacity.first.")]
    app.button(key="capacity.first.1").click().run()
    assert said(app, f"You expect: *{answers[1]}*.")
    assert asked.replace("\n", " ") in text(app)
    offered = [each.label for each in app.button if (each.key or "").startswith("guess.saw.")]
    assert offered == answers[:-1]  # The last one shows all at once.
    assert not [each for each in offered if " or " in each or each[0].islower()]
    assert "TREC, Quora, CR, MPQA and SICK are trained together" in asked
    assert charts(app) == 2


def test_one_click_queues_the_study_and_shows_it(store):
    app = opened(cap_ways_seeds="1", cap_ways_rates="1", cap_ways_ways="hard")
    app.button(key="capacity.ways.start").click().run()
    assert not app.exception
    assert len(store.runs()) == 2
    assert said(app, "The picture appears when the first runs alone and together are finished")


def test_the_way_asked_for_is_the_best_that_helps_and_one_seed_asks_nothing():
    def arm(*points):
        scores = np.array(points)[:, None] / 100
        return sharing_study.Arm(
            scores, (0.1,), False, (None,), transfer(scores[:, 0], 0 * scores[:, 0])
        )

    found = {"separate": arm(0, 0), "hard": arm(5, 6), "mmoe": arm(-4, -5), "lora": arm(8, 9)}
    question = ways_question("1", ["a", "b"], found, live=False)
    texts = [answer.text for answer in question.answers]
    assert texts[question.right] == "LoRA"
    assert texts[-1] == "None of them"
    worse = {name: arm(-1, -2) for name in ("separate", "hard")}
    question = ways_question("1", ["a"], worse, live=False)
    assert question.right == len(question.answers) - 1
    single = {name: arm(1) for name in ("separate", "hard")}
    assert ways_question("1", ["a"], single, live=False) is None


def test_a_finished_study_says_what_helps_what_hurts_and_what_was_searched(store):
    study(store)
    app = opened()
    for _ in range(50):
        if charts(app):
            break
        app.run()  # On a busy machine the data is counted later.
    assert charts(app) == 2
    assert said(app, "**one encoder for all** against each task alone, mean over tasks: +1")
    assert said(app, "Of 2 ways 1 helps, 1 hurts, 0 cannot be told apart from alone")
    assert said(app, "Search budget: 2 step sizes a way")
    (table,) = [each.value for each in app.dataframe if "way" in each.value]
    assert table["step sizes chosen"].tolist() == ["0.01 (end)"] * 3
    assert said(app, "3 of 3 chose an end of the range: a wider one may serve them better")
    assert (table["stored"] > 0).all()
    assert "Stores less than all tasks alone: one encoder for all from 2 on" in text(app)


def test_without_counted_parameters_ways_stand_side_by_side_and_it_is_said_why(store, monkeypatch):
    study(store)
    monkeypatch.setattr("mtlviz.ui.pages.capacity.sharing._sizes", lambda each: ({}, "No data."))
    app = opened()
    for _ in range(50):
        if charts(app):
            break
        app.run()  # On a busy machine the data is counted later.
    (chart,) = payloads(app, "mtlviz.chart")
    assert chart["figure"]["layout"]["xaxis"]["title"]["text"] == ""
    assert not chart["figure"]["layout"]["xaxis"]["showticklabels"]
    assert "against" not in chart["alt"]
    assert "parameters" not in str([each["hovertemplate"] for each in chart["figure"]["data"]])
    assert said(app, "No data.")
    assert not said(app, "when the first runs alone and together are finished")


def test_the_picture_shows_the_mean_of_which_is_asked_and_then_each_task(store):
    harness.opened("capacity_lab", cap_view="sharing").button(key="capacity.sharing").click().run()
    mean, each, *_ = payloads(opened(), "mtlviz.chart")
    panels = [
        {trace["meta"]["panel"] for trace in chart["figure"]["data"]} for chart in (mean, each)
    ]
    assert panels[0] == {"mean of tasks"}
    assert len(panels[1]) == 6
    assert (mean["fit"], "fit" in each) == (True, False)


def test_a_new_task_is_added_by_one_click_and_the_price_is_told(store):
    app = opened(cap_ways_seeds="2")
    app.button(key="capacity.adding.start").click().run()
    assert not app.exception
    (begun,) = stored_study.studies(store, adding_study.KIND)
    assert len(begun.runs) == 10
    for (way, seed), run in begun.runs.items():
        _finish_added(store, run, way, 0.01 * seed)
    told = text(opened())
    assert "Which way scores" in told
    assert "Training **everything**: similarity scores exactly +10.0 points" in told
    assert "the old tasks change by exactly −20.0 points" in told
    assert "Training **a head alone**" in told
    assert "the old tasks cannot change, as nothing that they use is trained" in told


def test_what_a_new_task_gains_and_costs_is_asked_before_it_is_shown(store):
    opened(cap_ways_seeds="2").button(key="capacity.adding.start").click().run()
    (begun,) = stored_study.studies(store, adding_study.KIND)
    for (way, seed), run in begun.runs.items():
        _finish_added(store, run, way, 0.01 * seed)
    app = harness.opened("capacity_lab", {"guess:skip_all": False}, cap_view="sharing")
    assert charts(app) == 0
    app.button(key="guess.adding.guess.0").click().run()
    assert charts(app) == 1
    assert "Training **everything**: similarity" not in text(app)
    assert payloads(app, "mtlviz.chart")[0]["alt"].startswith("Points of the new task against")
    app.button(key="guess.adding.saw.1").click().run()
    assert said(app, "What happened: **Training everything, at a price for the old tasks**.")
    assert said(app, "changes the old tasks by exactly −20.0 points")
    assert "Training **everything**: similarity" in text(app)


@pytest.mark.parametrize(
    ("finished", "told"),
    [
        (("together", "everything", "head"), "One seed: no interval yet, add seeds."),
        ((), "Not known: the runs that would tell did not finish."),
    ],
)
def test_whoever_was_asked_of_a_new_task_is_told_why_nobody_can_say(store, finished, told):
    opened(cap_ways_seeds="1").button(key="capacity.adding.start").click().run()
    app = harness.opened("capacity_lab", {"guess:skip_all": False}, cap_view="sharing")
    app.button(key="guess.adding.guess.0").click().run()
    (begun,) = stored_study.studies(store, adding_study.KIND)
    for (way, _), run in begun.runs.items():
        if way in finished:
            _finish_added(store, run, way, 0.0)
        else:
            lease(store, run).finish("failed", "Broken.")
    app.run()
    assert said(app, f"You expected: *One that keeps the encoder, at no price*. {told}")
    assert text(app).count("no interval yet") <= 1 + 2 * len(finished)
    other = harness.opened("capacity_lab", {"guess:skip_all": False}, cap_view="sharing")
    assert "guess.adding.guess.0" not in harness.widgets(other)


def _finish_added(store, run, way, noise):
    """Phase 1 ends at 0.7; everything costs the old tasks 20 points and wins the new one 10."""
    old, new = (0.5, 0.6 + noise) if way == "everything" else (0.7, 0.5 + noise)
    scores = [np.array([0.7, 0.7, 0.7, 0.1]), np.array([old, old, old, new])]
    held = lease(store, run)
    held.plan(2, ["accuracy"] * 4)
    phases = (
        []
        if way == "together"
        else [PhaseRecord(n, n, np.ones(4, bool), np.zeros(4, bool), False, 1) for n in (0, 1)]
    )
    found = [*phases[:1], step(0, 4), evaluation(1, scores[0]), *phases[1:], step(1, 4),
             evaluation(2, scores[1])]  # fmt: skip
    held.append(found)
    names = [task.name for task in store.config(run).data.tasks]
    result = run_result(names, ["accuracy"] * 4, found, updates=2, seconds=1.0)
    held.finish("finished", None, result)


def test_a_study_that_is_not_there_is_said_and_the_newest_shown(store):
    study(store, finished=False)
    assert said(opened(cap_ways="9"), "There is no study of ways 9 here")


def test_a_way_that_is_unknown_is_one_sentence():
    assert "each must be a way of sharing, not 'telepathy'" in " ".join(
        each.value for each in opened(cap_ways_ways="telepathy").warning
    )


def test_without_a_difference_nothing_is_claimed():
    assert verdicts({}) == []
    assert described({"a": []}, "stored").startswith("Points over the task alone")


@pytest.mark.parametrize("begun", [False, True])
def test_the_model_of_a_way_is_drawn_with_its_inserts(store, begun):
    unfolded = {fold_key("capacity.ways.models"): True}
    if begun:
        study(store, finished=False)
    app = harness.opened(
        "capacity_lab", unfolded, cap_view="sharing", cap_ways_ways="hard,lora",
        cap_drawn="mmoe" if begun else "lora",
    )  # fmt: skip
    (drawn,) = [each for each in payloads(app, "mtlviz.chart") if "All 2 tasks" in each["alt"]
                or "All 4 tasks" in each["alt"]]  # fmt: skip
    assert ("experts" if begun else "LoRA in the layers") in drawn["alt"]


def test_more_examples_than_a_task_has_are_refused_before_anything_is_queued(store, patient):
    app = opened(cap_ways_examples="100000", cap_ways_rates="1", cap_ways_seeds="1")
    assert said(app, "Queue waits.")
    assert said(app, "asked for 100,000 train examples but has 600")
    for key in ("capacity.ways.start", "capacity.adding.start"):
        assert app.button(key=key).disabled
    assert not store.runs()


def test_a_checkpoint_that_cannot_be_had_is_refused_before_anything_is_queued(
    store, patient, monkeypatch
):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    app = opened(cap_ways_checkpoint="nobody/nothing", cap_ways_rates="1", cap_ways_seeds="1")
    assert said(app, "Queue waits.")
    assert said(app, "nobody/nothing")
    assert app.button(key="capacity.ways.start").disabled


def test_a_click_before_the_data_is_counted_queues_nothing_that_would_fail(store, monkeypatch):
    monkeypatch.setattr(plans, "obstacle", lambda plan: "")
    app = opened(cap_ways_examples="100000", cap_ways_rates="1", cap_ways_seeds="1")
    app.button(key="capacity.ways.start").click().run()
    assert not app.exception
    assert said(app, "asked for 100,000 train examples but has 600")
    assert not store.runs()
