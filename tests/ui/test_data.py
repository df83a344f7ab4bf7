"""The Data page through AppTest: browse, look for leaks, upload, keep, delete."""

import json
import re
import time
from functools import partial
from html import unescape

import numpy as np
import pytest

from mtlviz.engine.tasks import load_task
from mtlviz.engine.tasks.catalogue import built_in
from mtlviz.engine.tasks.leakage import Leak
from mtlviz.engine.tasks.loading import read_task
from mtlviz.engine.tasks.survey import survey
from mtlviz.runs.own_tasks import list_own
from mtlviz.ui.core import text_table
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.pages.data import tasks
from mtlviz.ui.pages.data.matrix import Matrix, matrix, verdict
from tests.ui import harness
from tests.ui.harness import charts, lines, text, visit, widgets

GOOD = b"text,label\n" + b"".join(b"text %d,%s\n" % (n, (b"yes", b"no")[n % 2]) for n in range(40))
FOLDED = {"fold.data.passage": True}
opened = partial(harness.opened, "data")


def said(app, sentence):
    """Whether this can be read, signs made safe for Markdown read as what they show."""
    return sentence in text(app).replace("\\", "")


def listed(app):
    """The tables of texts, as HTML."""
    return [element.proto.body for element in app.get("html") if "mv-list" in element.proto.body]


def send(app, content, name="mine.csv"):
    app.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not app.exception
    return app


def test_it_opens_with_a_built_in_task_its_pictures_and_what_guessing_scores(home):
    app = opened()
    assert said(app, "**reviews**: a sentence in, one of 2 classes out, scored by **accuracy**.")
    assert said(app, "scores **0.512** on dev")
    assert charts(app) == 2
    assert said(app, "600 of 600 train examples")


@pytest.mark.parametrize("choice", built_in()[2:4], ids=lambda choice: choice.name)
def test_a_task_of_classes_and_one_of_scores_can_be_chosen_and_the_link_says_so(home, choice):
    app = opened()
    app.selectbox(key="data.task").set_value(choice.key).run()
    assert not app.exception
    assert said(app, f"**{choice.name}**: a ")
    again = opened(**dict(app.query_params))
    assert again.selectbox(key="data.task").value == choice.key


def test_examples_are_searched_filtered_and_paged_and_the_link_keeps_it(home):
    app = opened()
    app.text_input(key="data.words").set_value("FILM").run()
    app.selectbox(key="data.label").set_value("positive").run()
    app.segmented_control(key="data.split").set_value("dev").run()
    task = load_task(built_in()[0].config, np.random.default_rng(0))
    dev = task.splits["dev"]
    expected = [
        text for text, label in zip(dev.first, dev.labels, strict=True)
        if "film" in text and label == 1
    ]  # fmt: skip
    assert said(app, f"{len(expected)} of 400 dev examples")
    assert listed(app)[0].count("<mark>film</mark>") == min(20, len(expected))
    assert {name: app.query_params[f"data_{name}"] for name in ("words", "label", "split")} == {
        "words": "FILM", "label": "positive", "split": "dev",
    }  # fmt: skip
    assert listed(opened(**dict(app.query_params))) == listed(app)


def test_a_page_of_a_link_is_opened(home):
    app = opened(data_page="3")
    task = load_task(built_in()[0].config, np.random.default_rng(0))
    assert task.splits["train"].first[40] in listed(app)[0]
    assert task.splits["train"].first[39] not in listed(app)[0]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"data_task": "data/**no**"}, "There is no task “data/**no**” here"),
        ({"data_label": "meh"}, "There is no class “meh” here"),
        ({"data_page": "zero"}, "`data_page` should be a number, got 'zero'."),
        ({"data_split": "all"}, "`data_split` must be one of train, dev, test, got 'all'."),
        ({"data_view": "x"}, "`data_view` must be one of browse, leaks, add, got 'x'."),
        ({"data_folder": "/no/where"}, "There is no folder"),
    ],
)
def test_a_value_of_a_link_that_cannot_be_used_is_one_sentence(home, query, sentence):
    assert said(opened(**query), sentence)


def test_what_a_link_hides_is_not_offered_and_a_hidden_view_is_not_shown(home):
    app = opened(data_view="leaks", hide="data.leaks,data.folder,data_words")
    assert not app.warning
    assert app.segmented_control(key="data.view").options == ["Browse", "Add your own"]
    assert said(app, "**reviews**")
    assert {"data.task", "data.split"} <= widgets(app).keys()
    assert not {"data.folder", "data.words", "data.leaks"} & widgets(app).keys()


def test_leaks_between_built_in_tasks_are_found_in_the_background(home):
    app = opened(data_view="leaks")
    deadline = time.monotonic() + 30
    while not charts(app) and time.monotonic() < deadline:
        time.sleep(0.1)
        app.run()
    assert charts(app) == 1
    assert said(app, "**No dev and test example stands in a training split.**")
    assert app.multiselect(key="data.leaks").value == [
        "built-in/reviews", "built-in/letters", "built-in/topics", "built-in/rating",
        "built-in/tags",
    ]  # fmt: skip
    app.multiselect(key="data.leaks").set_value([]).run()
    app.multiselect(key="data.leaks").set_value(["built-in/similarity"]).run()
    app.segmented_control(key="data.scored").set_value("dev").run()
    assert app.query_params["data_leaks"] == "built-in/similarity"
    assert app.query_params["data_scored"] == "dev"


def test_a_row_is_scored_and_a_column_trained_on_and_a_pair_never_meets_a_sentence():
    reviews, letters, _, similarity, *_ = built_in()
    choices = (reviews, letters, similarity)
    found = [
        Leak("letters", "reviews", "dev", 400, (1, 2, 3), ("a", "b", "c")),
        Leak("letters", "reviews", "test", 100, (1,), ("d",)),
        Leak("reviews", "letters", "dev", 400, (), ()),
        Leak("similarity", "reviews", "dev", 400, (), ()),
    ]
    both = matrix(found, choices, "dev and test")
    assert both.counts[0].tolist() == [0, 4, 0]
    assert both.shares[0, 1] == pytest.approx(4 / 500)
    assert both.shares[1, 0] == 0
    assert np.isnan(both.shares[0, 2])
    assert matrix(found, choices, "test").counts[0, 1] == 1


def test_the_worst_leak_is_told_with_its_numbers():
    shares = np.array([[0.01, 0.5], [np.nan, 0.0]])
    found = Matrix(("a", "b*"), np.array([[2, 100], [0, 0]]), np.array([200, 50]), shares)
    text = verdict(found, "dev")
    assert "**50.0%** of **a**'s dev examples (100 of 200) stand in **b\\***'s train split." in text
    assert "**1.0%** of **a**'s dev examples (2 of 200) stand in its own train split." in text


def test_a_large_task_is_read_in_the_background(home, monkeypatch):
    monkeypatch.setattr(tasks, "_LARGE", 10)
    key = built_in()[4].key
    app = opened(data_task=key)
    deadline = time.monotonic() + 30
    while not charts(app) and time.monotonic() < deadline:
        time.sleep(0.05)
        app.run()
    assert said(app, "**paraphrase**: a pair of sentences in, one of 2 classes out")
    assert charts(app) == 2


def test_reading_in_the_background_ends_with_the_task_at_hand(monkeypatch):
    choice, read = built_in()[1], []
    monkeypatch.setattr(tasks, "_TASKS", Memo(1))
    monkeypatch.setattr(tasks, "read_task", lambda *given: read.append(1) or read_task(*given))
    first, last = tasks.reading(choice)
    assert (first.progress, last.progress) == (0.0, 1.0)
    assert f"{sum(choice.sizes.values())} examples of {choice.name}" in first.stage
    task, counted = tasks.surveyed(choice)
    assert len(read) == 1
    assert counted.floor == survey(task).floor


def test_a_table_becomes_a_task_that_is_kept_listed_and_deleted(home):
    app = send(opened(data_view="add"), GOOD)
    assert said(app, "Every row is right: **32** train and **8** dev examples in 2 classes.")
    app.text_input(key="data.table.name").set_value("../my **task**").run()
    app.button(key="data.keep").click().run()
    assert not app.exception
    assert said(app, "Kept as your own task “../my **task**”.")
    assert [choice.name for choice in list_own(home)] == ["../my **task**"]
    assert said(app, "**../my **task****: a sentence in")
    assert not any("my **task**" in sentence for sentence in lines(app))
    app.button(key="data.delete").click().run()
    assert said(app, "Deleted the task")
    assert list_own(home) == ()


def test_before_a_table_is_sent_there_is_one_to_try(home):
    app = opened(data_view="add")
    app.button(key="data.example").click().run()
    assert said(app, "Every row is right: **80** train and **20** dev examples in 2 classes.")


def test_columns_labels_and_split_can_be_changed(home):
    lines = [f"one {n},two {n},{n % 5}.5,{n}" for n in range(40)]
    app = send(opened(data_view="add"), "\n".join(["a,b,mark,other", *lines]).encode())
    assert said(app, "Every row is right")
    for part, column in (("text", "a"), ("text_b", "b"), ("label", "mark")):
        app.selectbox(key=f"data.table.{part}").set_value(column).run()
    app.segmented_control(key="data.table.target").set_value("score").run()
    app.slider(key="data.table.share").set_value(50).run()
    assert said(app, "**20** train and **20** dev examples with scores")
    assert said(app, "Head: two sentences, a score.")
    assert app.selectbox(key="data.table.metric").options == ["pearson", "spearman"]


def test_marks_of_no_label_quotation_marks_and_the_first_row_can_be_said(home):
    rows = [f'"text {n}"\t{("a", "b", "?")[n % 3]}' for n in range(30)]
    app = send(opened(data_view="add"), "\n".join(rows).encode(), "mine.tsv")
    assert said(app, "examples in 3 classes")
    assert any("first row looks like an example" in warning.value for warning in app.warning)
    assert any("30 cells begin and end with a quotation" in each.value for each in app.warning)
    app.text_input(key="data.table.missing").set_value("? -").run()
    assert any("10 of 30 rows have no label" in each.value for each in app.warning)
    assert said(app, "examples in 2 classes")
    app.selectbox(key="data.table.quoted").set_value("cells").run()
    app.selectbox(key="data.table.header").set_value("example").run()
    assert not app.exception
    assert not any("cells begin and end" in each.value for each in app.warning)
    assert app.text_input(key="data.table.missing").value == "? -"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        ("text,label\ncafé,x\n".encode("latin-1"), "is not in the encoding UTF"),
        (b"PK\x03\x04workbook", "is an Excel workbook"),
        (b"text,text\na,b\n", "has two columns called 'text'"),
        (b'text,label\n"a,x\n', "never closed"),
        (b"text,label\na,x\nb,x\n", "has one class, 'x'"),
        (b"text,label\na,x\n,y\n", "Line 3: no text in column 'text'"),
        (b"text,label\na\0,x\nb,y\n", "Line 2: a NUL byte"),
    ],
)
def test_a_bad_file_is_one_sentence_and_nothing_is_kept_or_lost(home, content, sentence):
    app = send(opened(data_view="add"), content)
    errors = [error.value.replace("\\", "") for error in app.error]
    assert len(errors) == 1
    assert sentence in errors[0]
    assert str(home) not in errors[0]
    assert not [button for button in app.button if button.key == "data.keep"]
    assert list_own(home) == ()
    send(app, GOOD)
    assert said(app, "Every row is right")


def test_the_encoding_can_be_named(home):
    content = "text,label\ncafé,oui\nthé,non\nlait,oui\neau,non\n".encode("cp1252")
    app = send(opened(data_view="add"), content)
    app.selectbox(key="data.table.encoding").set_value("Western (Windows)").run()
    assert said(app, "Every row is right")
    assert "café" in listed(app)[0]


def test_after_a_file_that_cannot_be_read_the_next_one_is_taken_as_it_is(home):
    latin = "text,label\ncafé,oui\nthé,non\n".encode("cp1252")
    app = send(opened(data_view="add"), GOOD)
    offered = app.selectbox(key="data.table.delimiter").options
    assert said(app, "Guessed: comma.")
    send(app, latin, "latin.csv")
    # What the browser shows must mean the same whatever the file is.
    assert app.selectbox(key="data.table.delimiter").options == offered
    app.selectbox(key="data.table.delimiter").set_value("semicolon")
    app.selectbox(key="data.table.encoding").set_value("Western (Windows)")
    send(app, GOOD, "good.csv")
    assert not app.error
    assert said(app, "At hand: **good.csv**")
    assert said(app, "Every row is right")
    assert app.selectbox(key="data.table.encoding").value == "UTF-8"


def test_a_draft_outlives_a_visit_to_another_page_until_it_is_forgotten(home):
    app = send(opened(data_view="add"), GOOD)
    visit(visit(app, "start"), "data")
    assert said(app, "Every row is right")
    app.button(key="data.forget").click().run()
    assert not said(app, "Every row is right")


def test_formulas_html_and_markdown_in_cells_have_no_effect(home):
    rows = ['"=HYPERLINK(""x"")",<b>one</b>', "<script>alert(1)</script>,**two**"]
    rows += [f"text {number},{label}" for number in range(9) for label in ("<b>one</b>", "**two**")]
    app = send(opened(data_view="add"), "\n".join(["text,label", *rows]).encode())
    body = listed(app)[0]
    assert "<script>" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "=HYPERLINK(&quot;x&quot;)" in body
    assert said(app, "Every row is right")
    assert not any("<b>one" in sentence or "**two**" in sentence for sentence in lines(app))


def test_a_name_that_is_taken_is_one_sentence_and_the_draft_stays(home):
    app = send(opened(data_view="add"), GOOD)
    app.button(key="data.keep").click().run()
    app.segmented_control(key="data.view").set_value("add").run()
    app = send(app, GOOD)
    app.button(key="data.keep").click().run()
    assert said(app, "There is an own task 'mine' already: choose another name.")
    assert said(app, "Every row is right")


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("<b>a</b>", "", "&lt;b&gt;a&lt;/b&gt;"),
        ("A cat, a CAT", "cat", "A <mark>cat</mark>, a <mark>CAT</mark>"),
        ("a<b", "<", "a<mark>&lt;</mark>b"),
        ("a.b", ".*", "a.b"),
    ],
)
def test_a_text_is_shown_as_it_is(text, marked, expected):
    assert text_table.shown(text, marked) == expected


def test_a_very_long_text_is_cut_and_says_how_long_it_is():
    assert text_table.shown("x" * 5000).endswith("… (5,000 characters)")


# The paragraph closes a tag and opens another; the answer of two people overlaps another's.
TRAP = "<b>Ada</b> & Co met Charles Babbage <script>alert(1)</script> " + "and walked on " * 40


def question_of(number, *texts):
    places = [{"text": text, "answer_start": TRAP.index(text)} for text in texts]
    return {"id": f"q{number}", "question": f"whom <i>{number}</i> ?", "answers": places}


@pytest.fixture
def squad_folder(home, tmp_path, monkeypatch):
    """A data folder of one task of answers in a hostile text."""
    meta = {
        "task": "span_extraction", "files": {"train": "train.json", "dev": "dev.json"},
        "metric": "span_f1",
    }  # fmt: skip
    asked = [
        question_of(0, "Charles Babbage", "Babbage", "Co"),
        question_of(1, "walked on"),
        question_of(2, "<script>alert(1)</script>"),
    ]
    content = {"version": "1.1", "data": [{"paragraphs": [{"context": TRAP, "qas": asked}]}]}
    (tmp_path / "asked").mkdir()
    for name, written in (("meta", meta), ("train", content), ("dev", content)):
        (tmp_path / "asked" / f"{name}.json").write_text(json.dumps(written))
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path))


@pytest.mark.usefixtures("squad_folder")
def test_answers_stand_framed_in_their_passage_and_its_windows():
    app = opened(FOLDED, data_task="data/asked", data_window="48", data_window_overlap="16")
    examples, windows = listed(app)
    assert "<script>" not in examples + windows
    assert "<b>" not in examples + windows
    framed = [unescape(each) for each in re.findall(r"begins: </span>(.*?)<span", examples)]
    assert framed == ["Co", "Charles Babbage", "walked on", "<script>alert(1)</script>"]
    assert said(app, "Accepted answers: “Charles Babbage” (1×), “Babbage” (1×) and “Co” (1×).")
    assert said(app, "7 windows, of which 1 can show the whole answer; it is learned in window 1,")
    assert windows.count("not whole") == 6
    assert windows.count("learned here") == 1
    assert said(app, "People score")
    app.selectbox(key="data.question").set_value("q1").run()
    assert said(app, "Accepted answers: “walked on” (1×)")
    again = opened(FOLDED, **dict(app.query_params))
    assert listed(again) == listed(app)


def test_a_short_passage_is_one_window_and_a_missing_answer_is_said_to_be_missing(home):
    app = opened(FOLDED, data_task="built-in/maybe")
    examples = load_task(built_in()[-1].config, np.random.default_rng(0)).splits["train"]
    chosen = app.selectbox(key="data.question")
    for answered, sentence in ((True, "which shows the whole answer."), (False, "**No answer**")):
        place = next(n for n in range(20) if bool(examples.references[n]) == answered)
        chosen.set_value(examples.ids[place]).run()
        assert said(app, sentence)
