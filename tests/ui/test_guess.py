"""Guess first: until a visitor has committed, nothing on a page gives the answer away."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrow_questions import ANY, ARROW_QUESTIONS, answered_arrows
from mtlviz.toy.presets import PRESETS
from mtlviz.toy.questions import QUESTIONS, REGRESSION
from mtlviz.ui.core import guess
from mtlviz.ui.pages.capacity.questions import CAPACITY_QUESTIONS
from mtlviz.ui.pages.covariance.questions import ALIGN_QUESTIONS, REWEIGHING_QUESTIONS
from mtlviz.ui.pages.toy import header
from tests.ui import harness
from tests.ui.harness import payloads, text, widget

ASKED = {"guess:skip_all": False}
_VERDICT = re.compile(r"hurts|helps|cannot be told|[+−]\d+(\.\d+)? (points|%)", re.IGNORECASE)


def asked(page: str, **query: str) -> AppTest:
    return harness.opened(page, ASKED, **query)


def sent(app: AppTest) -> str:
    """All that reached the browser but the question and its answers: texts, figures, links."""
    buttons = {button.label for button in app.button if button.key.startswith("guess.")}
    parts = [button.label for button in app.button if button.label not in buttons]
    parts += list(harness.lines(app))
    parts += [json.dumps(json.loads(e.proto.json)) for e in app.get("bidi_component")]
    parts += [code.value for code in app.code]
    parts += [element.label for element in app.get("expander")]
    parts += [option for box in app.selectbox for option in (box.value, *box.options)]
    return "\n".join(map(str, parts))


@pytest.mark.parametrize("name", PRESETS)
def test_a_story_of_the_toy_lab_gives_nothing_away_before_the_guess(name, monkeypatch):
    def trained(*_):
        raise AssertionError("A covered page trains what nobody may see yet.")

    monkeypatch.setattr(header, "_trained", trained)
    app = asked("toy_lab", preset=name, hide="answers")
    question = QUESTIONS[name]
    shown = sent(app).replace(question.text, "")
    assert question.text in text(app)
    assert not _VERDICT.search(shown)
    for told in (question.mechanism, *(answer.reason for answer in question.answers)):
        assert told not in shown
    (film,) = payloads(app, "mtlviz.film")
    assert film["payload"]["steps"] == [0]
    assert not film["bar"]
    assert not payloads(app, "mtlviz.chart")


def test_the_regression_shows_its_curves_after_the_guess_and_its_verdict_last():
    app = asked("toy_lab", story="regression")
    assert not app.get("bidi_component")
    assert not _VERDICT.search(sent(app).replace(REGRESSION.text, ""))
    widget(app, "guess.guess.1").click().run()
    assert payloads(app, "mtlviz.chart")
    assert not _VERDICT.search(text(app))
    widget(app, "guess.saw.1").click().run()
    assert "**Right.**" in text(app)
    assert "*helps* with 1" in text(app)


@pytest.mark.parametrize("name", ARROW_PRESETS)
def test_a_preset_of_the_conflict_lab_gives_nothing_away_before_the_guess(name):
    app = asked("conflict_lab", conflict=name, hide="answers")
    question = ARROW_QUESTIONS[name]
    shown = sent(app).replace(question.text, "")
    assert question.text in text(app)
    (board,) = payloads(app, "mtlviz.arrows")
    assert not board["methods"]
    assert not board["trace"]
    assert not board["numbers"]
    assert board["bare"]
    assert len(app.get("bidi_component")) == 1
    for word in ("hurts", "In conflict", "cosine −", "PCGrad in", ARROW_PRESETS[name].story):
        assert word not in shown
    for answer in question.answers:
        assert answer.reason not in shown


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
def test_stories_of_the_other_labs_keep_their_answer_and_it_is_what_is_found(
    page, view, parameter, story, question
):
    app = asked(page, hide="answers", **view, **{parameter.replace(".", "__"): story})
    assert question.text in text(app)
    assert not app.get("bidi_component")
    assert not _VERDICT.search(sent(app).replace(question.text, ""))
    for told in (question.mechanism, *(answer.reason for answer in question.answers)):
        assert told not in sent(app)
    widget(app, f"guess.guess.{question.right}").click().run()
    assert payloads(app, "mtlviz.chart")
    assert not app.exception
    said = [line for line in harness.lines(app) if not line.startswith("You expect")]
    assert not _VERDICT.search("\n".join(said))
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
    assert "What does it gain?" in text(covered)
    assert "hide" in covered.query_params


def test_a_link_may_ask_nothing():
    assert payloads(asked("toy_lab", hide="questions"), "mtlviz.chart")
