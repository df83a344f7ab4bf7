"""The Run page's panel that asks a run's model, on answers that are kept already."""

import json

import pytest

from mtlviz.runs import prediction_jobs
from mtlviz.runs.checkpoints import checkpoint_path
from mtlviz.runs.prediction_jobs import PredictionRequest, keep_text, request_key
from mtlviz.ui.core import scored_runs
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.pages.run import use
from tests.ui import harness
from tests.ui.harness import said, text, widget
from tests.ui.test_run import evaluation, recorded, step

TYPED = PredictionRequest(1, "a good day")
ROWS = [
    {"task": "reviews", "words": "positive", "probabilities": {"negative": 0.1, "positive": 0.9},
     "remarks": ["1 of 3 words are unknown to this run."]},
    {"task": "letters", "words": "yes", "probabilities": {"no": 0.4, "yes": 0.6}, "remarks": []},
    {"task": "similarity", "needs": "a second text"},
]  # fmt: skip
ALONE = [
    ROWS[0] | {"words": "negative", "probabilities": {"negative": 0.8, "positive": 0.2}},
    ROWS[1],
]


def opened():
    return harness.opened("run", {fold_key("run.use"): True}, run="1")


@pytest.fixture
def run(store, monkeypatch):
    """Run 1 with a checkpoint; no process may be started."""

    def started(*given):
        raise AssertionError("a process was started")

    monkeypatch.setattr(prediction_jobs, "lasting_helper", started)
    number = recorded(store, [step(0), evaluation(1)])
    checkpoint_path(store.folder(number), 2).write_bytes(b"weights")
    return number


def keep(store, asked, content):
    keep_text(store.home, request_key(store, asked), content)


def offered(app):
    return [each.proto.label for each in app.get("download_button")]


def ask(app, words):
    widget(app, "run.use.first").set_value(words)
    next(each for each in app.button if each.label == "Ask every head").click().run()
    assert not app.exception, app.exception


def test_a_run_without_weights_says_so(store):
    recorded(store, [step(0)])
    assert said(opened(), "This run has saved no weights yet.")


def test_a_kept_answer_is_shown_at_once_with_what_the_model_does_not_see(store, run):
    keep(store, TYPED, json.dumps(ROWS))
    app = opened()
    ask(app, "  a good day ")
    assert said(app, "> a good day")
    assert said(app, "**reviews**: **positive**")
    assert said(app, "1 of 3 words are unknown to this run.")
    assert said(app, "**similarity** needs a second text.")
    assert said(app, "No task of this run was trained alone with the same settings")
    odds = [frame.value for frame in app.dataframe if "this run" in frame.value]
    assert odds[0]["label"].tolist() == ["positive", "negative"]
    assert odds[0]["this run"].tolist() == [0.9, 0.1]


def test_answers_of_models_trained_alone_stand_beside(store, run, monkeypatch):
    number = recorded(store, [step(0), evaluation(1)])
    alone = {"reviews": number, "letters": number}
    monkeypatch.setattr(scored_runs, "single_task_runs", lambda run: alone)
    keep(store, TYPED, json.dumps(ROWS))
    keep(store, PredictionRequest(number, "a good day"), json.dumps(ALONE))
    app = opened()
    ask(app, "a good day")
    assert said(app, f"**reviews**: **positive**; trained alone (run {number}): **negative**")
    assert said(app, f"**letters**: **yes**; trained alone (run {number}): the same")
    odds = [frame.value for frame in app.dataframe if "alone" in frame.value]
    assert odds[0]["alone"].tolist() == [0.2, 0.8]
    assert not said(app, "No task of this run was trained alone")


def test_nothing_typed_asks_nothing(store, run):
    app = opened()
    ask(app, "   ")
    assert not said(app, "> ")


def test_a_file_that_is_kept_is_handed_out_under_its_name(store, run):
    asked = PredictionRequest(1, task="reviews", split="dev", format="csv")
    keep(store, asked, "id,prediction\n")
    app = opened()
    assert "Download" not in offered(app)
    widget(app, "run.use.make").click().run()
    assert not app.exception
    assert "Download" in offered(app)
    widget(app, "run.use.split").set_value("test").run()
    assert "Download" not in offered(app)


def test_a_text_of_markup_is_shown_as_it_is(store, run):
    hostile = "<b>x</b> [a](http://b) $y$"
    keep(store, PredictionRequest(1, hostile), json.dumps(ROWS[:1]))
    app = opened()
    ask(app, hostile)
    assert said(app, f"> {hostile}")
    assert f"> {hostile}" not in text(app)


def test_a_question_is_taken_back_by_a_stop(store, run, monkeypatch):
    asked = []
    monkeypatch.setattr(use.work, "shared", lambda *given, **more: asked.append(given[0]))
    monkeypatch.setattr(use.work, "watch", lambda job, purpose, stopped: stopped())
    app = opened()
    ask(app, "never asked before")
    assert asked[0][0] == "predictions"
    assert harness.piece(app, "run.use.asked.1") is None
