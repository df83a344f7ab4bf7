"""The Replication page shows what the data files say, opens runs and starts them again."""

import html
import re
from functools import partial

import pytest

from mtlviz.errors import DataError
from mtlviz.replication.catalogue import EXPERIMENTS
from mtlviz.replication.from_runs import LAST
from mtlviz.replication.printed import PRINTED
from mtlviz.replication.replication import lacking
from mtlviz.replication.result_file import results
from mtlviz.runs import queue
from mtlviz.runs.examples import EXAMPLES, packaged
from mtlviz.ui.core import config_words
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.pages.replication import again
from mtlviz.ui.pages.replication.words import first_run, ours, plain_settings, rows_of
from tests.ui import harness
from tests.ui.harness import said, text, unescaped, widget, widgets

opened = partial(harness.opened, "replication")


def shown(app):
    """All tables of the page as one text."""
    return " ".join(str(each.proto.body) for each in app.get("html"))


@pytest.mark.parametrize("source", PRINTED)
def test_page_and_files_agree(store, source):
    app = opened(rep_source=source)
    page, words = shown(app), unescaped(text(app))
    for table in PRINTED[source].tables:
        assert table.name in words
        for cell in table.cells:
            if cell.result:
                assert f">{ours(cell, results())}<" in page, (table.name, cell)
                assert f">{cell.printed}<" in page
        for flag in table.flags:
            assert flag in words
    assert "printed numbers" in words
    assert "claims in words" in words


def test_every_result_is_shown_with_how_it_was_made(store):
    app = opened({fold_key(f"replication.{name}"): True for name in results()})
    page, words = shown(app), unescaped(text(app))
    for result in results().values():
        assert result.made in words
        assert result.machine in words
        assert any(result.command in code.value for code in app.code)
        for table in result.tables:
            assert table.rows[0][0].replace("**", "") in page


def test_one_click_on_a_table_leads_to_its_runs(store):
    app = opened(rep_source="survey")
    widget(app, "replication.Claims.open.compare").click().run()
    assert store.runs()
    assert any(each.label.endswith("are compared, all recorded") for each in app.expander)


def test_where_runs_can_be_opened_it_says_why_compare_shows_other_numbers(store):
    app = opened(rep_source="survey")
    assert said(app, "Compare takes each run's best evaluation")


def test_scores_after_the_last_update_are_called_so_where_they_are_and_nowhere_else(store):
    app = opened({fold_key(f"replication.{name}"): True for name in results()}, rep_source="iyer")
    captions = [unescaped(each.value) for each in app.caption]
    last = sum("after the last update, which nothing has chosen" in each for each in captions)
    # Built-in, sentences, sharing and halves; not the course by its best weights, nor indices.
    assert last == 4
    quick = sum("The runs that open are the quick ones, of 320 examples" in each
                for each in captions)  # fmt: skip
    assert quick == 5, "tables 4 and 5 and the text, and both results"
    for name, chosen in EXPERIMENTS.items():
        if chosen.opened == LAST:
            assert chosen.read is None
            assert chosen.runs
            assert name in packaged()


def test_one_click_starts_an_experiment_again(store, monkeypatch):
    app = opened(rep_source="survey")
    widget(app, "replication.Claims.quick").click().run()
    assert not app.exception
    assert said(app, "in the queue")
    waiting = store.runs(("queued",))
    assert len(waiting) == 21
    assert queue.pending_of(store, "nobody") == set()


def drawn(block):
    """All elements of a part of the page, from the top."""
    for each in block.children.values():
        yield from drawn(each) if hasattr(each, "children") else (each,)


def test_what_was_queued_stands_directly_above_the_buttons_that_were_clicked(store):
    app = opened(rep_source="survey")
    widget(app, "replication.Claims.quick").click().run()
    kinds = [each.type for each in drawn(app.main)]
    keys = [getattr(each, "key", None) for each in drawn(app.main)]
    said_at, row = kinds.index("success"), keys.index("replication.Claims.open.compare")
    assert kinds[said_at:row] == ["success", "page_link", "page_link"]


def test_an_example_that_cannot_be_opened_says_why_at_its_button(store, monkeypatch):
    def damaged(store, name):
        raise DataError("The example is damaged.")

    app = opened(rep_source="survey")
    monkeypatch.setattr(again, "open_example", damaged)
    widget(app, "replication.Claims.open.compare").click().run()
    assert [unescaped(each.value) for each in app.error] == ["The example is damaged."]
    assert not store.runs()


def test_what_was_queued_is_said_once_and_leads_to_the_runs(store):
    app = opened(rep_source="survey")
    widget(app, "replication.Claims.quick").click().run()
    assert len(app.success) == 1
    links = [link.proto.query_string for link in app.get("page_link")]
    assert any("runs=" in link for link in links)
    assert any(link.startswith("run=") for link in links)


@pytest.mark.parametrize(
    ("source", "table"), [("iyer", "Table 1"), ("iyer", "Table 5"), ("sharma", "Table 1")]
)
def test_what_lacks_data_says_so_beforehand_and_queues_nothing(store, tmp_path, source, table):
    app = opened(rep_source=source)
    keys = set(widgets(app))
    assert not [key for key in keys if key.endswith((".quick", ".full"))]
    (experiment,) = {each.experiment for each in PRINTED[source].tables if each.name == table}
    for name in EXPERIMENTS[experiment].data:
        assert said(app, name)
    assert said(app, "It cannot be started on this machine: it needs")
    assert said(app, "MTLVIZ_DATA")
    assert not store.runs()


def test_what_disappeared_since_the_page_was_drawn_is_not_queued(store, monkeypatch):
    app = opened(rep_source="survey")
    monkeypatch.setattr(again, "lacking", lambda chosen: "it needs squad, a folder.")
    button = widget(app, "replication.Claims.quick")
    button.click().run()
    (told,) = app.error
    assert unescaped(told.value) == "Nothing was queued: it needs squad, a folder."
    assert not store.runs()


def test_only_experiments_made_of_runs_have_a_button_that_starts_them(store):
    keys = set(widgets(opened(rep_source="blog")))
    assert not [key for key in keys if key.endswith((".quick", ".full"))]


def test_a_study_is_opened_in_the_capacity_lab_from_beside_its_result(store):
    app = opened({fold_key("replication.sharing-quick"): True})
    widget(app, "replication.found.sharing-quick.open.capacity").click().run()
    assert store.runs()
    assert said(app, "in 5 ways of sharing an encoder")


def test_what_is_wrong_in_a_printed_number_stands_in_its_cell(store):
    page = shown(opened(rep_source="iyer"))
    assert "<p>0.747</p><p> ⚑ almost surely SST and PARA swapped</p>" in page
    assert "<p>0.312</p><p> ⚑ below the majority class, 0.625</p>" in page


@pytest.mark.parametrize("source", PRINTED)
def test_every_table_with_numbers_of_ours_says_when_where_and_with_what_they_were_made(
    store, source
):
    app = opened(rep_source=source)
    captions = " ".join(unescaped(each.value) for each in app.caption)
    used = {cell.result for table in PRINTED[source].tables for cell in table.cells} - {""}
    for name in used:
        assert f"{name}: Made on {results()[name].made}" in captions


@pytest.mark.parametrize("name", [name for name, each in results().items() if each.settings])
def test_settings_are_read_in_words_and_say_which_rows_they_belong_to(store, name):
    app = opened({fold_key(f"replication.{name}"): True})
    assert not app.json
    config = first_run(results()[name])
    if config is None:
        rows = plain_settings(results()[name].settings)
        assert rows
        assert all("{" not in value and "_" not in title for title, value in rows)
        assert all(f">{html.escape(value)}<" in shown(app) for _, value in rows)
    else:
        assert all(said(app, unescaped(line)) for line in config_words.sentences(config))
        assert said(app, config.name)
        assert not said(app, "“model”"), "an encoder has a name that says which"


def test_settings_name_the_rows_that_have_their_numbers():
    (table,) = [each for each in PRINTED["iyer"].tables if each.name == "Table 4"]
    assert rows_of("course", table.cells) == (
        "Base minBERT, Classic, Gradient surgery and Round robin"
    )
    (alone,) = [each for each in PRINTED["iyer"].tables if each.name == "Table 1"]
    assert rows_of("heads-quick", alone.cells) == "every row with a number of ours"


@pytest.mark.parametrize("source", PRINTED)
def test_what_no_button_starts_says_why_and_offers_its_command(store, source):
    app = opened(rep_source=source)
    keys, code = set(widgets(app)), [each.value for each in app.code]
    captions = [each.value for each in app.caption]
    for table in PRINTED[source].tables:
        if not table.experiment:
            continue
        assert any(f"mtlviz replicate {table.experiment}" in each for each in code)
        started = f"replication.{table.name}.quick" in keys
        chosen = EXPERIMENTS[table.experiment]
        assert started == (chosen.runs is not None and not lacking(chosen))
        if not chosen.runs:
            assert any("in a shell" in each for each in captions)


@pytest.mark.parametrize("source", PRINTED)
def test_no_marks_of_code_or_stress_stand_there_literally(store, source):
    app = opened({fold_key(f"replication.{name}"): True for name in results()}, rep_source=source)
    cells = " ".join(re.findall(r"<td[^>]*>(.*?)</td>", shown(app), re.DOTALL))
    assert len(cells) > 1000
    assert "`" not in cells
    assert "**" not in cells
    assert "\\`" not in text(app)


def test_the_withheld_test_scores_have_a_table_of_their_own_with_nothing_of_ours(store):
    app = opened(rep_source="iyer")
    assert "the test sets, whose labels the course withholds, only report" in unescaped(text(app))
    keys = set(widgets(app))
    assert not [key for key in keys if key.startswith("replication.Section 5.4.")]


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_opened_beside_its_result(store, name):
    (result,) = {name, f"{name}-quick"} & set(results()) - ({name} if name == "course" else set())
    app = opened({fold_key(f"replication.{result}"): True})
    widget(app, f"replication.found.{result}.open.compare").click().run()
    assert any(each.label.endswith("are compared, all recorded") for each in app.expander)
    assert all(run.recorded is not None for run in store.runs())
