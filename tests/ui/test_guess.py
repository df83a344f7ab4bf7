"""Guess first: until a visitor has committed, nothing on a page gives the answer away."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mtlviz.engine.measures.widths import Sweep
from mtlviz.lessons.catalogue import built_in
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrow_questions import ANY, ARROW_QUESTIONS, answered_arrows
from mtlviz.toy.continual.stories import STORIES
from mtlviz.toy.continual.stories import question as story_question
from mtlviz.toy.questions import QUESTIONS, REGRESSION, question_about
from mtlviz.ui.core import guess
from mtlviz.ui.pages.capacity.questions import capacity_question, study_question
from mtlviz.ui.pages.capacity.settings import STORIES as CAPACITY_STORIES
from mtlviz.ui.pages.covariance.questions import (
    ALIGN_QUESTIONS,
    ANY_WEIGHTS,
    REWEIGHING_QUESTIONS,
)
from mtlviz.ui.pages.start.panels import QUESTION as START
from mtlviz.ui.pages.toy import header
from tests.ui import harness
from tests.ui.harness import payloads, points_back, text, widget
from tests.ui.test_capacity_lab import affinity_runs, finish, width_study

CAPACITY_QUESTIONS = {
    story: replace(capacity_question(story, CAPACITY_STORIES[story][1]), right=right)
    for story, right in
    {"Two families": 1, "One question": 0, "Strangers": 3, "Plenty of data": 3}.items()
}  # fmt: skip
ASKED = {"guess:skip_all": False}


def asked(page: str, **query: str) -> AppTest:
    return harness.opened(page, ASKED, **query)


def test_a_covered_page_trains_nothing_that_nobody_may_see_yet(monkeypatch):
    def trained(*_):
        raise AssertionError("It trains.")

    monkeypatch.setattr(header, "_trained", trained)
    app = asked("toy_lab", preset="opposite", hide="answers")
    assert QUESTIONS["opposite"].text in text(app)
    (film,) = payloads(app, "mtlviz.film")
    assert film["payload"]["steps"] == [0]
    assert not film["bar"]
    assert not payloads(app, "mtlviz.chart")


def test_the_regression_shows_its_curves_after_the_guess_and_its_verdict_last():
    app = asked("toy_lab", story="regression")
    assert not app.get("bidi_component")
    widget(app, "guess.guess.1").click().run()
    assert payloads(app, "mtlviz.chart")
    assert "*helps*" not in text(app)
    widget(app, "guess.saw.1").click().run()
    assert "**Right.**" in text(app)
    assert "*helps* with 1" in text(app)


@pytest.mark.parametrize("name", ARROW_PRESETS)
def test_the_right_answer_on_arrows_is_what_the_engine_finds(name):
    question, config = ARROW_QUESTIONS[name], ARROW_PRESETS[name].config
    assert answered_arrows(question, config).right == question.right
    assert answered_arrows(ANY, config).right is not None
    assert question.again in ARROW_PRESETS


@pytest.mark.parametrize(
    ("page", "view", "parameter", "story", "question"),
    [
        *(("covariance_lab", {"cov_view": "alignment"}, "align.story", name, question)
          for name, question in ALIGN_QUESTIONS.items()),
        *(("covariance_lab", {"cov_view": "reweighting"}, "reweigh.story", name, question)
          for name, question in REWEIGHING_QUESTIONS.items()),
        *(("capacity_lab", {}, "cap_toy_story", name, question)
          for name, question in CAPACITY_QUESTIONS.items()),
    ],
)  # fmt: skip
def test_the_right_answer_of_a_story_of_the_other_labs_is_what_is_found(
    page, view, parameter, story, question
):
    app = asked(page, hide="answers", **view, **{parameter.replace(".", "__"): story})
    widget(app, f"guess.guess.{question.right}").click().run()
    assert payloads(app, "mtlviz.chart")
    widget(app, f"guess.saw.{question.right}").click().run()
    assert "**Right.**" in text(app)
    widget(app, "guess.again").click().run()
    assert "guess.guess.0" in harness.widgets(app)


def test_the_arrows_methods_come_after_the_guess_and_who_is_hurt_last():
    app = asked("conflict_lab")
    widget(app, "guess.guess.0").click().run()
    board = payloads(app, "mtlviz.arrows")[0]
    assert board["methods"]
    assert not board["numbers"]
    assert "In conflict" not in text(app)
    widget(app, "guess.saw.2").click().run()
    assert "Not so." in text(app)
    assert "In conflict: tasks 1 and 2" in text(app)


def test_the_picture_comes_after_the_guess_and_the_answer_after_what_was_seen():
    app = asked("toy_lab", preset="clouds")
    question = QUESTIONS["clouds"]
    widget(app, "guess.guess.1").click().run()
    film = payloads(app, "mtlviz.film")[0]
    assert len(film["payload"]["steps"]) > 50
    assert film["autoplay"]
    assert not any(film["payload"]["verdicts"])
    assert "What did you see?" in text(app)
    assert not payloads(app, "mtlviz.chart")
    widget(app, "guess.saw.0").click().run()
    told = text(app)
    assert "Not so." in told
    assert question.answers[1].reason in told
    assert question.answers[0].reason not in told
    assert "What happened: **Task 2 helps, task 3 hurts**" in told
    assert any(payloads(app, "mtlviz.film")[0]["payload"]["verdicts"])
    assert payloads(app, "mtlviz.chart")
    widget(app, "guess.again").click().run()
    assert harness.piece(app, "settings:toy:preset") == "moved_cloud"
    assert QUESTIONS["moved_cloud"].text in text(app)


def test_the_question_stays_in_sight_after_the_guess_and_when_it_is_told():
    app, question = asked("toy_lab", preset="clouds"), QUESTIONS["clouds"]
    widget(app, "guess.guess.1").click().run()
    assert f":small[{question.text}]" in text(app)
    widget(app, "guess.saw.0").click().run()
    assert ":small[**What does task 1 gain?**]" in text(app)
    assert question.text in text(app)  # Beside the reason.


@pytest.mark.parametrize(
    "question",
    [*QUESTIONS.values(), *ARROW_QUESTIONS.values(), *ALIGN_QUESTIONS.values(),
     *REWEIGHING_QUESTIONS.values(), *CAPACITY_QUESTIONS.values(), *map(story_question, STORIES),
     *(found for lesson in built_in().values() for step in lesson.steps
       if (found := step.asked(step.question)))],
    ids=lambda question: question.name,
)  # fmt: skip
def test_what_is_asked_at_last_is_one_whole_sentence(question):
    found = guess.asked_at_last(question)
    assert found.rstrip("*").endswith("?")
    assert found.count("**") % 2 == 0


LAB_QUESTIONS = [
    *QUESTIONS.values(), *ARROW_QUESTIONS.values(), *ALIGN_QUESTIONS.values(),
    *REWEIGHING_QUESTIONS.values(), *CAPACITY_QUESTIONS.values(), *map(story_question, STORIES),
    *(question_about(target, 3) for target in range(3)), ANY, START, REGRESSION,
]  # fmt: skip


@pytest.mark.parametrize("question", LAB_QUESTIONS, ids=lambda question: question.name)
def test_what_is_asked_at_last_can_be_answered_by_who_comes_late(question):
    assert not points_back(question)


@pytest.mark.parametrize("page", ["toy_lab", "conflict_lab", "capacity_lab"])
def test_a_lecture_room_keeps_what_is_asked_and_expected_beside_the_picture(page):
    app = asked(page, lecture="1")
    (asked_last,) = {
        guess.asked_at_last(each) for each in LAB_QUESTIONS if each.text in text(app)
    }  # fmt: skip
    expected = widget(app, "guess.guess.1").label
    widget(app, "guess.guess.1").click().run()
    assert f":small[{asked_last}] You expect: *{expected}*." in text(app)
    widget(app, "guess.saw.0").click().run()
    assert f":small[{asked_last}] **" in text(app)
    assert f"You expected: *{expected}* and saw:" in text(app)


def test_a_right_guess_is_said_to_be_right_though_it_was_seen_wrong():
    question = QUESTIONS["clouds"]
    assert guess.judged(question, guess.Given(0, 0, right=0)).startswith("**Right.**")
    seen_wrong = guess.judged(question, guess.Given(0, 2, right=0))
    assert seen_wrong.startswith("**Right.**")
    assert "What happened: **Task 2 helps, task 3 hurts**" in seen_wrong
    assert "none of the answers" in guess.judged(question, guess.Given(0, 2, right=-1))


def test_skipping_shows_all_at_once_and_skipping_every_question_is_remembered():
    app = asked("toy_lab", preset="clouds")
    widget(app, "guess.skip").click().run()
    assert payloads(app, "mtlviz.chart")
    widget(app, "toy.story").set_value("moved_cloud").run()
    assert not payloads(app, "mtlviz.chart")
    widget(app, "guess.skip_all").click().run()
    widget(app, "toy.story").set_value("opposite").run()
    assert payloads(app, "mtlviz.chart")
    widget(app, "guess.anew").click().run()
    assert not payloads(app, "mtlviz.chart")


def test_a_links_own_settings_are_shown_unless_it_hides_the_answers():
    changed = {"preset": "clouds", "seeds": "2", "steps": "10"}
    assert payloads(asked("toy_lab", **changed), "mtlviz.chart")
    covered = asked("toy_lab", hide="answers", **changed)
    assert not payloads(covered, "mtlviz.chart")
    assert "What does task 1 gain?" in text(covered)
    assert "hide" in covered.query_params


def test_a_story_of_task_1_is_not_asked_of_another_task_nor_asks_again_who_was_told():
    app = asked("toy_lab", target="2")
    assert "Task 2 learns alone" in text(app)
    assert "What does task 2 gain?" in text(app)
    app = asked("toy_lab")
    widget(app, "guess.skip").click().run()
    app.session_state["fold.toy.everything"] = True
    app.run()
    widget(app, "toy.looking.target").set_value(1).run()
    assert "Task 2 learns alone" in text(app)
    assert "guess.guess.0" not in harness.widgets(app)


@pytest.mark.parametrize(
    ("page", "query", "control", "value"),
    [
        ("toy_lab", {"preset": "clouds"}, "toy.steps", 20),
        ("continual_lab", {"con_story": "sequence"}, "continual.turn", 40.0),
        ("conflict_lab", {"conflict": "four_to_one"}, "conflict.tasks", 3),
        ("covariance_lab", {"cov_view": "alignment"}, "align.turn", 40.0),
        ("covariance_lab", {"cov_view": "reweighting"}, "reweigh.angle", 40.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("hide", ["", "answers"])
def test_an_address_asks_the_same_wherever_it_is_opened(
    page, query, control, value, hide, monkeypatch
):
    texts, ask = [], guess.ask

    def asked_for(question, *given, **more):
        texts.append(question.text)
        ask(question, *given, **more)

    monkeypatch.setattr(guess, "ask", asked_for)
    query = query | ({"hide": hide} if hide else {})
    app = asked(page, **query)
    own = texts[-1]
    widget(app, "guess.guess.0").click().run()
    widget(app, "guess.saw.0").click().run()
    widget(app, control).set_value(value).run()
    assert "guess.guess.0" not in harness.widgets(app)  # Who was told moves freely.
    moved, address = texts[-1], dict(app.query_params)
    assert (moved == own) == (not hide)
    assert "(Changed from " in text(app)
    fresh = asked(page, **{name.replace(".", "__"): each for name, each in address.items()})
    assert texts[-1] == moved
    assert "(Changed from " in text(fresh)
    assert ("guess.guess.0" in harness.widgets(fresh)) == bool(hide)


def test_a_link_may_ask_nothing():
    assert payloads(asked("toy_lab", hide="questions"), "mtlviz.chart")


def test_the_covariances_are_asked_of_both_spreads_and_open_where_tasks_are_ones_own(store):
    app = asked("covariance_lab")
    labels = [widget(app, f"guess.guess.{place}").label for place in range(4)]
    assert "reviews and similarity" in labels
    assert not payloads(app, "mtlviz.chart")
    right = labels.index("reviews and similarity")
    widget(app, f"guess.guess.{right}").click().run()
    (picture,) = payloads(app, "mtlviz.chart")
    assert not any("0." in each for each in titles(picture))
    widget(app, f"guess.saw.{right}").click().run()
    assert "**Right.**" in text(app)
    assert "Of all pairs their leading directions agree most" in text(app)
    assert "<b>0.98</b>" in titles(payloads(app, "mtlviz.chart")[0])[right]
    for story in ("Four others", "Around their own means"):
        widget(app, "guess.again").click().run()
        assert app.query_params == {"cov_story": story}
        assert "guess.guess.0" in harness.widgets(app)
        widget(app, "guess.guess.0").click().run()
        widget(app, "guess.saw.0").click().run()
    app = asked("covariance_lab", cov_n="100")
    assert payloads(app, "mtlviz.chart")
    assert "(Changed from “Four tasks”" in text(app)


def titles(picture):
    return [each["text"] for each in picture["figure"]["layout"]["annotations"]]


def test_what_was_seen_in_a_study_is_asked_when_its_runs_are_done(store):
    begun = width_study(store, finished=False)
    for run in [run for key, run in begun.runs.items() if key[2] == 0]:
        finish(store, run, np.full(2, 0.5))
    app = asked("capacity_lab", cap_measured="text")
    widget(app, "guess.guess.0").click().run()
    assert "What did you see?" not in text(app)
    assert "is asked when they are done" in text(app)
    assert len(payloads(app, "mtlviz.chart")) == 1
    assert "beats" not in text(app)
    widget(app, "guess.skip").click().run()
    assert "Runs are still to come, so this may change." in text(app)


def test_a_study_that_can_judge_no_guess_asks_nothing(store):
    width_study(store, seeds=1)
    app = asked("capacity_lab", cap_measured="text")
    assert "guess.guess.0" not in harness.widgets(app)
    assert len(payloads(app, "mtlviz.chart")) == 1
    assert "one seed: no interval yet" in text(app)


def test_a_question_about_many_tasks_counts_them():
    known = Sweep(np.array([4]), np.full((1, 2, 9), 0.6), np.full((1, 2, 9), 0.5))
    asked = study_question("1", [f"task {number}" for number in range(9)], known)
    assert asked.text.startswith("9 tasks are trained at")


def test_a_view_without_a_question_uncovers_what_the_one_before_it_covered():
    def page():
        import streamlit as st

        from mtlviz.ui.core import guess, session

        session.put("link.hidden", frozenset())
        guess.leave()
        guess.enter("one")
        before = guess.covers("picture")
        guess.pass_by()
        after = guess.covers("picture")
        guess.lead("of a lesson")
        guess.enter("of a lesson")
        guess.pass_by()
        st.write(str((before, after, guess.covers("picture"))))

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert app.markdown[0].value == "(True, False, True)"


def test_a_study_and_its_affinities_have_reasons_with_their_own_numbers(store):
    width_study(store)
    app = asked("capacity_lab", cap_measured="text")
    assert widget(app, "guess.guess.2").label == "Nowhere"
    widget(app, "guess.guess.0").click().run()
    widget(app, "guess.saw.1").click().run()
    assert "**Not so.** You expected: *At width 4* and saw: *At width 10*" in text(app)
    assert "at width 4 +10.0 points" in text(app)


def test_a_grouping_is_asked_for_before_it_is_suggested(store):
    affinity_runs(store)
    app = asked("capacity_lab", cap_view="affinity")
    labels = [button.label for button in app.button if button.key.startswith("guess.guess")]
    right = labels.index("reviews + letters and topics alone")
    wrong = labels.index("reviews + letters + topics")
    widget(app, f"guess.guess.{wrong}").click().run()
    (matrix,) = payloads(app, "mtlviz.chart")
    # No frame shows the groups yet, and tasks stand in their own order.
    assert matrix["figure"]["layout"]["xaxis"]["ticktext"] == ["reviews", "letters", "topics"]
    assert len(matrix["figure"]["layout"]["shapes"]) == 3
    widget(app, f"guess.saw.{right}").click().run()
    assert "What happened: **reviews + letters and topics alone**" in text(app)
    assert len(payloads(app, "mtlviz.chart")) == 3


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("toy_lab", {"preset": "clouds", "t1__angle": "30"}),
        ("conflict_lab", {"arrows": "1.5:0_-1:0.25"}),
        ("covariance_lab", {"cov_view": "alignment", "align__turn": "20"}),
    ],
)
def test_on_a_link_with_its_own_settings_the_guess_button_asks(page, query):
    app = asked(page, **query)
    assert "guess.guess.0" not in harness.widgets(app)
    widget(app, "guess.anew").click().run()
    assert "guess.guess.0" in harness.widgets(app)
    widget(app, "guess.skip_all").click().run()
    assert "guess.guess.0" not in harness.widgets(app)


@pytest.mark.parametrize(
    ("page", "query", "told"),
    [
        ("toy_lab", {"t3__spread": "0.9"}, question_about(0, 3).text),
        ("conflict_lab", {"arrows": "1:0_0:1"}, ANY.text),
        ("continual_lab", {"con_tasks": "2"}, story_question("").text),
        ("covariance_lab", {"cov_view": "reweighting", "reweigh__noise": "0.2"}, ANY_WEIGHTS.text),
    ],
)
def test_share_says_what_a_class_is_asked_of_changed_settings(page, query, told):
    name, said = page.removesuffix("_lab"), f"With changed settings the class is asked: {told}"
    app = harness.opened(page, **query)
    assert said not in text(app)
    widget(app, f"{name}.share.hide").set_value(["answers"]).run()
    assert said in text(app)


def test_share_says_nothing_more_of_a_story_as_it_is():
    app = harness.opened("toy_lab")
    widget(app, "toy.share.hide").set_value(["answers"]).run()
    assert "With changed settings" not in text(app)
