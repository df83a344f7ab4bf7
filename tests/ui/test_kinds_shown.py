"""Every kind of task on the pages: a real run of one task of each, and what is said of them."""

import time

import numpy as np
import pytest

from mtlviz.engine.config import RunConfig
from mtlviz.engine.kinds import KINDS, targets
from mtlviz.engine.tasks import load_task
from mtlviz.engine.tasks.catalogue import built_in
from mtlviz.engine.tasks.survey import survey
from mtlviz.engine.train import records, start
from mtlviz.runs.lease import lease
from mtlviz.ui.core.page import fold_key
from tests.ui import harness
from tests.ui.harness import charts, payloads, put, said, unescaped, visit, widget

TRAINED = {
    kind.name: next(choice for choice in built_in() if choice.kind == kind.name)
    for kind in KINDS.values()
}
UPLOADS = {
    "class": ("yes", "no"),
    "score": ("0.5", "1.25", "3.75"),
    "labels": ('"joy,anger"', "joy", "", '"anger, fear"'),
}


@pytest.fixture(scope="module")
def trained():
    """Settings of a run of all kinds, and its records."""
    tasks = [choice.config.model_dump() for choice in TRAINED.values()]
    for task in tasks:
        task["options"] = {**task["options"], "size": 40, "dev_size": 30}
    config = RunConfig.from_values(
        {
            "data": {"tasks": tasks},
            "capacity": {"encoder": "lstm", "width": 8, "vector_width": 8},
            "optimisation": {"epochs": 2, "learning_rate": 1e-2},
            "probes": {"examples_every": 1, "embeddings_every": 2, "embeddings_examples": 10},
            "device": "cpu",
        }
    )
    return config, list(records(start(config)))


@pytest.fixture
def run(store, trained):
    config, found = trained
    held = lease(store, store.create_run(config))
    held.plan(len(found), [choice.metric for choice in TRAINED.values()])
    held.append(found)
    held.finish("finished", None)
    return held.run


@pytest.mark.parametrize("choice", TRAINED.values(), ids=lambda choice: choice.kind)
def test_the_data_page_says_what_is_asked_what_guessing_scores_and_each_label(home, choice):
    app = harness.opened("data", data_task=choice.key)
    task, kind = load_task(choice.config, np.random.default_rng(0)), KINDS[choice.kind]
    floor = survey(task).floor
    assert said(app, kind.asked(task))
    assert said(app, kind.no_floor if floor is None else f"Always answering **{floor.answer}**")
    assert charts(app) == (1 if kind.reads_tokens else 2)
    (page,) = (each.proto.body for each in app.get("html") if "mv-list" in each.proto.body)
    assert kind.say(task, task.splits["train"], 0) in unescaped(page)
    if task.label_names:
        widget(app, "data.label").set_value(task.label_names[1]).run()
        assert not app.exception
        count = kind.counts(task.splits["train"].labels, len(task.label_names))[1]
        assert said(app, f"{count} of {len(task.splits['train'])} train examples")


def test_each_target_of_single_texts_is_sent_below():
    assert set(UPLOADS) == set(targets(pair=False))


@pytest.mark.parametrize("target", UPLOADS)
def test_a_sent_table_of_single_texts_is_kept_as_its_kind(home, target):
    cells = UPLOADS[target]
    lines = ["text,label", *(f"text {n},{cells[n % len(cells)]}" for n in range(48))]
    app = harness.opened("data", data_view="add")
    app.file_uploader[0].set_value(("mine.csv", "\n".join(lines).encode(), "text/csv")).run()
    assert not app.exception
    assert widget(app, "data.table.target").value == target
    assert said(app, "Every row is right")
    widget(app, "data.keep").click().run()
    assert not app.exception
    assert said(app, "Kept as your own task")


def test_a_second_text_takes_away_what_pairs_cannot_have(home):
    lines = [
        "one,two,label",
        *(f'a {n},b {n},"joy,{"anger" if n % 2 else "fear"}"' for n in range(40)),
    ]
    app = harness.opened("data", data_view="add")
    app.file_uploader[0].set_value(("mine.csv", "\n".join(lines).encode(), "text/csv")).run()
    widget(app, "data.table.text_b").set_value("").run()
    widget(app, "data.table.target").set_value("labels").run()
    assert not app.exception
    widget(app, "data.table.text_b").set_value("two").run()
    assert not app.exception
    assert widget(app, "data.table.target").value == "class"


def test_the_run_page_says_what_was_learned_and_shows_each_example(run, trained):
    app = harness.opened("run", {"fold.run.examples": True})
    for choice in TRAINED.values():
        assert said(app, f"**{choice.name}**")
    sent = [table for part in payloads(app, "mtlviz.live_text") for table in part["said"]["tables"]]
    rows = [dict(zip(table["header"], row, strict=True)) for table in sent for row in table["rows"]]
    shown = {unescaped(row["label"]) for row in rows if "label" in row}
    for task in trained[0].data.tasks:
        loaded = load_task(task, np.random.default_rng(0))
        kind, part = KINDS[loaded.kind], loaded.splits["train"]
        assert kind.ranged or shown & {kind.say(loaded, part, place) for place in range(len(part))}


def test_compare_and_covariance_open_with_a_run_of_every_kind(run):
    app = harness.opened("compare", {"compare.runs_open": True, "compare.numbers_open": True})
    assert said(app, "One run alone is shown")
    visit(app, "covariance_lab")


def test_the_studio_says_what_each_kind_asks(store, trained):
    app = harness.opened("studio", {fold_key("studio.tasks"): True})
    put(app, "settings:studio", trained[0])
    app.run()
    until = time.monotonic() + 20
    while any("Counting" in note.value for note in app.caption) and time.monotonic() < until:
        time.sleep(0.05)
        app.run()
    assert not app.exception
    for choice in TRAINED.values():
        assert said(app, KINDS[choice.kind].title)
