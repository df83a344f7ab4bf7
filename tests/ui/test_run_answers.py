"""The Run page's answers beside the right ones, of every kind of task, on answers kept already."""

import json

import numpy as np
import pytest

from mtlviz.engine.config import RunConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import load_tasks
from mtlviz.engine.tasks.catalogue import built_in
from mtlviz.errors import DataError
from mtlviz.runs import prediction_jobs
from mtlviz.runs.answered_split import answered_split
from mtlviz.runs.checkpoints import checkpoint_path
from mtlviz.runs.lease import lease
from mtlviz.runs.prediction_jobs import PredictionRequest, keep_text, request_key
from mtlviz.ui.core.page import fold_key
from tests.ui import harness
from tests.ui.harness import said, unescaped, widget

CHOICES = {kind: next(c for c in built_in() if c.kind == kind) for kind in KINDS}


@pytest.fixture(scope="module")
def tasks():
    """A task of every kind, by kind."""
    given = [choice.config.model_dump() for choice in CHOICES.values()]
    for task in given:
        task["options"] = {**task["options"], "size": 40, "dev_size": 12}
    config = RunConfig.from_values({"data": {"tasks": given}, "capacity": {"encoder": "lstm"}})
    loaded = load_tasks(config.data, generator(config.seed, DATA))
    return config, {task.kind: task for task in loaded}


def lines(task, wrong):
    """The right answers in the format of JSON Lines, the first few those of the next example."""
    kind, dev = KINDS[task.kind], task.splits["dev"]
    found = []
    for place, name in enumerate(dev.ids):
        source = (place + 1) % len(dev) if place < wrong else place
        if kind.reads_tokens:
            text = (*dev.references[source], "")[0]
            spot = [0, 0] if not text else [int(n) for n in dev.labels[source]]
            best = [{"text": text, "score": 1.5, "place": spot}]
            found.append({"id": name, "prediction": text, "best": best})
        else:
            found.append({"id": name, "prediction": kind.value(task, dev.labels[source])})
    return "".join(json.dumps(row) + "\n" for row in found)


@pytest.mark.parametrize("kind", KINDS)
def test_right_answers_are_right_and_others_are_wrong(tasks, kind):
    task = tasks[1][kind]
    dev = task.splits["dev"]
    assert not any(each.wrong for each in answered_split(task, dev, lines(task, 0)))
    found = answered_split(task, dev, lines(task, 3))
    assert [each.place for each in found] == list(range(len(dev)))
    if KINDS[kind].ranged:
        assert {each.wrong for each in found} == {None}
        return
    for each in found:
        same = KINDS[kind].say(task, dev, each.place) == KINDS[kind].say(
            task, dev, (each.place + 1) % len(dev)
        )
        assert each.wrong == (each.place < 3 and not same)


@pytest.mark.parametrize("kind", KINDS)
def test_the_run_page_shows_answers_beside_labels(store, tasks, kind, monkeypatch):
    monkeypatch.setattr(prediction_jobs, "lasting_helper", None)
    config, by_kind = tasks
    task = by_kind[kind]
    held = lease(store, store.create_run(config))
    held.plan(2, [each.metric for each in by_kind.values()])
    held.finish("finished", None)
    number = held.run
    checkpoint_path(store.folder(number), 2).write_bytes(b"weights")
    asked = PredictionRequest(number, task=task.name, split="dev", format="jsonl")
    keep_text(store.home, request_key(store, asked), lines(task, 3))
    app = harness.opened("run", {fold_key("run.answers"): True}, run=str(number))
    widget(app, "run.answers.task").set_value(task.name).run()
    assert not app.exception
    (frame,) = (each.value for each in app.dataframe if "the model says" in each.value)
    assert len(frame) == 12
    assert frame["text"].tolist() == list(task.splits["dev"].first)
    if KINDS[kind].ranged:
        assert said(app, "12 development examples")
        return
    wrong = int((frame["verdict"] == "✗ wrong").sum())
    assert said(app, f"**{12 - wrong} of 12** development examples")
    widget(app, "run.answers.wrong").set_value(True).run()
    shown = [each.value for each in app.dataframe if "the model says" in each.value]
    assert sum(map(len, shown)) == wrong
    if KINDS[kind].reads_tokens:
        (page,) = (each.proto.body for each in app.get("html") if "mv-list" in each.proto.body)
        chosen = list(task.splits["dev"].ids).index(widget(app, "run.answers.question").value)
        paragraph = task.splits["dev"].second[chosen]
        assert paragraph.split()[0] in unescaped(page)


def test_answers_of_other_examples_are_told(tasks):
    task = tasks[1]["classification"]
    content = lines(task, 0).replace('"id": "', '"id": "x')
    with pytest.raises(DataError, match="others than were answered"):
        answered_split(task, task.splits["dev"], content)


def test_a_text_with_a_strange_line_end_is_one_answer(tasks):
    task = tasks[1]["span_extraction"]
    content = lines(task, 0)
    strange = content.replace('"prediction": "', '"prediction": "\u2028\x85', 1)
    found = answered_split(task, task.splits["dev"], strange)
    assert len(found) == len(task.splits["dev"])
    assert np.isfinite([each.scores["span_f1"] for each in found]).all()
