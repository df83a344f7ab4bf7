"""Recorded runs on the pages: an example in one click, marked, and nothing to be done with it."""

import re
from functools import partial

import pytest

from mtlviz.errors import ConfigError
from mtlviz.lessons.lesson import Lesson
from mtlviz.runs.examples import EXAMPLES, example_file, open_example
from mtlviz.runs.recorded_runs import open_pack, pack_runs
from mtlviz.ui.core import class_mode, existing_runs, lesson_progress, recorded
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.pages.run.panels import run_in_view
from tests.ui import harness
from tests.ui.harness import charts, said, text, widget, widgets

run_page, compare = partial(harness.opened, "run"), partial(harness.opened, "compare")
NAME = next(iter(EXAMPLES))


def test_an_empty_run_page_opens_an_example_that_is_marked_and_read_only(store):
    app = run_page({fold_key(panel): True for panel in ("run.use", "run.answers")})
    assert said(app, "No run yet")
    widget(app, f"run.example.{NAME}").click().run()
    assert not app.exception
    assert charts(app) > 3
    assert any(
        "· recorded" in each.value and "Recorded: from" in each.help for each in app.markdown
    )
    assert [each.value for each in app.info].count(recorded.no_weights(store.run(1))) == 2
    keys = set(widgets(app))
    assert not {"run.1.stop", "run.1.resume", "run.1.retry"} & keys
    assert "run.1.delete" in keys


def test_an_empty_compare_page_opens_an_example_beside_its_baselines(store):
    app = compare()
    widget(app, f"compare.example.{NAME}").click().run()
    assert not app.exception
    runs = store.runs()
    together = [run for run in runs if len(store.config(run.id).data.tasks) > 1]
    assert said(app, f"{len(together)} of {len(runs)}") or str(len(together)) in text(app)
    assert said(app, "alone")
    assert charts(app) > 3
    assert any(each.label.endswith("are compared, all recorded") for each in app.expander)


@pytest.mark.parametrize("name", EXAMPLES)
def test_after_an_example_the_way_to_run_leads_to_tasks_that_share_one_encoder(store, name):
    open_example(store, name)
    seen = store.config(run_in_view().id)
    assert len(seen.data.tasks) > 1
    assert seen.capacity.sharing == "hard"
    assert seen.optimisation.scheduler != "phases"


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("page", ["run", "compare"])
def test_every_example_opens_marked_as_recorded_and_read_only(store, page, name):
    app = harness.opened(page)
    widget(app, f"{page}.example.{name}").click().run()
    assert charts(app)
    labels = [each.label for each in app.expander]
    assert said(app, "· recorded") or any("all recorded" in label for label in labels)
    offered = [key for key in widgets(app) if key.endswith((".resume", ".retry", ".stop"))]
    assert not offered


@pytest.mark.slow
def test_a_recorded_run_looks_as_the_run_that_it_was_made_of(store):
    first = open_example(store, NAME).runs[:5]
    title = EXAMPLES[NAME].title
    second = open_pack(store, pack_runs(store, first, title)).runs
    shown = [text(run_page(run=str(numbers[0]))) for numbers in (first, second)]
    plain = [re.sub(r"[Rr]un \d+", "run", each) for each in shown]
    # Where it comes from is told where it is removed.
    assert plain[0].replace("is from the example", "is from the pack") == plain[1]


def test_nothing_is_offered_to_be_trained_for_a_recorded_run(store):
    """Its seeds and tasks alone would be of this machine, and pair with nothing of its pack."""
    runs = open_example(store, NAME).runs
    together = next(run for run in runs if len(store.config(run).data.tasks) > 1)
    lonely = open_pack(store, pack_runs(store, [together])).runs[0]
    for run in runs:
        store.delete(run)
    assert "family.add" not in widgets(run_page(run=str(lonely)))
    shown = compare(runs=str(lonely))
    assert not {"compare.add_seeds", "compare.train_alone"} & set(widgets(shown))
    wanted = existing_runs.missing_runs(store.config(lonely), 1)
    assert any(len(each.data.tasks) > 1 for each in wanted)


@pytest.mark.parametrize("page", [run_page, compare])
def test_every_example_is_offered(page, store):
    name = {run_page: "run", compare: "compare"}[page]
    assert {f"{name}.example.{each}" for each in EXAMPLES} <= set(widgets(page()))


def test_ways_of_sharing_open_as_a_study_of_the_capacity_lab(store):
    app = harness.opened("capacity_lab", cap_view="sharing")
    widget(app, "capacity.sharing").click().run()
    assert said(app, "against each task alone, mean over tasks")
    ways = {"one encoder for all (hard)", "LoRA", "AdapterFusion"}
    assert ways <= set(app.dataframe[0].value["way"])


def test_thirty_two_tasks_open_in_the_affinity_view(store):
    app = harness.opened("capacity_lab", cap_view="affinity")
    widget(app, "capacity.families").click().run()
    assert said(app, "which find the 4 families **better than chance**")
    assert charts(app)


def test_a_step_of_a_lesson_shows_the_runs_of_an_example(store):
    lesson = Lesson.checked(
        {
            "title": "Real runs", "goal": "See them.",
            "steps": [
                {"title": "One", "page": "compare", "example": "halves", "text": "Look."},
                {"title": "Two", "page": "run", "example": "course", "text": "Look."},
            ],
        }
    )  # fmt: skip
    kept = {"lesson:uploaded": {"upload/mine": lesson}}
    app = harness.opened("compare", kept, lesson="upload/mine")
    assert said(app, "Look.")
    assert said(app, "not told from zero] **mnli")
    assert charts(app) > 3
    before = len(store.runs())
    widget(app, "lesson.next").click().run()
    app = harness.visit(app, "run")
    assert len(store.runs()) == before + 18
    assert charts(app) > 3


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"page": "run", "example": "none"}, "Unknown example"),
     ({"page": "toy", "example": "course"}, "shows no runs")],
)  # fmt: skip
def test_a_step_names_an_example_that_there_is_on_a_page_that_shows_runs(given, sentence):
    step = {"title": "One", "text": "Look.", **given}
    lesson = Lesson.checked({"title": "Real runs", "goal": "See them.", "steps": [step]})
    with pytest.raises(ConfigError, match=sentence):
        lesson_progress.check(lesson)


def test_a_broken_pack_is_refused_in_a_sentence_on_the_page(store, monkeypatch):
    monkeypatch.setattr(recorded, "open_example", lambda store, name: open_pack(store, b"no"))
    app = run_page()
    widget(app, f"run.example.{NAME}").click().run()
    assert said(app, "This is no pack")
    assert not store.runs()


def test_a_class_adds_no_runs(store, monkeypatch):
    monkeypatch.setattr(class_mode, "is_on", lambda: True)
    keys = set()
    monkeypatch.setattr(recorded.st, "button", lambda *given, key, **others: keys.add(key))
    recorded.open_recorded("run", lambda found: None, empty=True)
    assert not keys


def test_an_example_is_small_enough_to_open_at_once():
    sizes = [example_file(name).stat().st_size for name in EXAMPLES]
    assert max(sizes) < 4e6
    assert sum(sizes) < 8e6


@pytest.mark.parametrize("page", ["run", "compare"])
def test_the_choice_of_examples_closes_by_itself(store, page):
    open_example(store, "built-in")
    app = harness.opened(page, {f"{page}.examples": True})
    widget(app, f"{page}.example.course").click().run()
    assert app.session_state[f"{page}.examples"] is False
    assert len(store.runs()) > 30


def test_a_recorded_run_keeps_its_name_and_is_removed_until_it_is_opened_again(store):
    runs = open_example(store, NAME).runs
    app = run_page(run="1")
    keys = set(widgets(app))
    assert "run.1.note" in keys
    assert "run.1.name" not in keys
    assert said(app, "What is removed is back when that is opened again")
    widget(app, "run.1.delete").click().run()
    assert len(store.runs()) == len(runs) - 1
    app = run_page(run="2")
    widget(app, "run.2.remove").click().run()
    assert not store.runs()
    assert len(open_example(store, NAME).runs) == len(runs)


def test_compare_offers_a_note_and_no_name_for_a_recorded_run(store):
    open_example(store, NAME)
    keys = set(widgets(compare()))
    assert any(key.startswith("compare.label.") and key.endswith(".note") for key in keys)
    assert not any(key.startswith("compare.label.") and key.endswith(".name") for key in keys)
