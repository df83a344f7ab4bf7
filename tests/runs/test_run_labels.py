"""Runs can be renamed and noted; what a terminal would obey is no part of a name."""

import pytest

from mtlviz import cli
from mtlviz.engine.config import RunConfig
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.runs import run_labels
from mtlviz.runs.signature import signature
from tests.runs.compare_runs import settings, stored

OBEYED = ["a\x1b[2Jb", "a\nb", "a\tb", "a\x7f", "a\u202eb", "a\u2028b", "\x9b31m"]


def test_a_run_has_its_new_name_everywhere_and_stays_the_same_experiment(store):
    run = stored(store, settings(0), (0.8, 0.7))
    before = store.config(run)
    run_labels.rename(store, run, "  My *first* <b>run</b> ")
    assert store.run(run).name == store.config(run).name == "My *first* <b>run</b>"
    assert signature(store.config(run)) == signature(before)
    assert store.config(run).model_copy(update={"name": before.name}) == before


def test_notes_have_lines_and_can_be_taken_away(store):
    run = stored(store, settings(0), (0.8, 0.7))
    run_labels.note(store, run, "Letters gain.\r\nSimilarity pays.\n")
    assert store.run(run).note == "Letters gain.\nSimilarity pays."
    run_labels.note(store, run, " ")
    assert store.run(run).note is None


@pytest.mark.parametrize("name", [*OBEYED, "", " ", "x" * 121])
def test_names_are_one_line_of_plain_text_within_limits(store, name):
    run = stored(store, settings(0), (0.8, 0.7))
    with pytest.raises(ConfigError):
        run_labels.rename(store, run, name)
    assert store.run(run).name == "made"


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "x" * 2001, "a\u202eb"])
def test_notes_are_plain_text_within_limits(store, text):
    run = stored(store, settings(0), (0.8, 0.7))
    with pytest.raises(ConfigError):
        run_labels.note(store, run, text)
    with pytest.raises(MtlvizError):
        run_labels.note(store, 99, "No such run.")


@pytest.mark.parametrize("name", OBEYED)
def test_no_settings_hold_a_name_that_a_terminal_would_obey(name):
    plain = settings(0)
    for place in ("name", "data.tasks.0.name"):
        with pytest.raises(ConfigError, match="one line of text, without the character U"):
            plain.changed_at(place, name)
    with pytest.raises(ConfigError):
        RunConfig.from_json(plain.to_json().replace('"made"', '"a\\u001bb"'))
    assert settings(0, name="Größe 日本 🙂 \u00a0 é").name


def test_the_shell_renames_and_notes_and_shows_older_names_without_obeying_them(store, capsys):
    run = stored(store, settings(0), (0.8, 0.7))

    def told(*arguments):
        code = cli.main(["runs", "--home", str(store.home), *arguments])
        return code, capsys.readouterr()

    assert told("rename", str(run), "Mine")[1].out == f"Run {run} is called Mine.\n"
    assert told("note", str(run), "One line\nand another")[0] == 0
    shown = told("show", str(run))[1].out
    assert "Run 1: Mine\n  note     One line\n  note     and another\n" in shown
    code, said = told("rename", str(run), "a\x1b[2Jb")
    assert code
    assert "without the character U+001B" in said.err
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET name = ?", ("old\x1b[2J",))
    listed = told("list")[1].out
    assert "old\\u001b[2J" in listed
    assert "\x1b" not in listed
