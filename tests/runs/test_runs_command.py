import subprocess
import sys

import pytest

from mtlviz.cli.runs import run
from mtlviz.errors import ConfigError
from mtlviz.runs import queue
from mtlviz.runs.failures import DATABASE, StoreError
from mtlviz.runs.lease import lease
from tests.runs import stand_in
from tests.runs.conftest import wait_for_status


@pytest.fixture
def say(store, capsys):
    """Run the command on the store and return what it says."""

    def said(*arguments):
        assert run(["--home", str(store.home), *map(str, arguments)]) == 0
        return capsys.readouterr().out

    return said


def test_a_run_is_started_shown_exported_and_deleted_from_the_shell(store, say, tmp_path):
    assert say("list") == "There are no runs yet.\n"
    settings = tmp_path / "config.json"
    settings.write_text(stand_in.config(20).to_json())
    assert say("start", settings) == "Run 1 is starting.\n"
    wait_for_status(store, 1, "finished")
    assert "   1  finished" in say("list")
    assert "20 of 20" in say("list")
    shown = say("show", 1)
    assert "Run 1: stand-in" in shown
    assert "first: accuracy 0.952 ± 0.010" in shown
    say("export", 1, tmp_path / "out")
    assert (tmp_path / "out" / "steps.csv").exists()
    assert say("delete", 1) == "Run 1 is deleted.\n"
    assert say("list") == "There are no runs yet.\n"


def test_runs_are_stopped_and_resumed_from_the_shell(store, say, monkeypatch):
    monkeypatch.setenv("MTLVIZ_RUNS", "1")
    held = lease(store, store.create_run(stand_in.config()))
    waiting = store.create_run(stand_in.config(3))
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET slot = 0 WHERE id = ?", (held.run,))
    assert f"{waiting}  queued (1)" in say("list")
    assert say("stop", held.run, waiting) == "Run 1 is stopping.\nRun 2 is stopped.\n"
    assert "stopping" in say("show", held.run)
    held.finish("failed", "The second table has no labels.")
    assert "error    The second table has no labels." in say("show", held.run)
    monkeypatch.setattr(queue, "_launch", lambda *_: None)
    assert say("resume", waiting) == "Run 2 is starting.\n"
    assert say("retry", held.run) == "Run 1 is queued (1).\n"


def test_a_store_without_runs_says_so(say):
    assert say("list") == "There are no runs yet.\n"


def test_what_goes_wrong_is_raised_as_one_sentence(store, say, tmp_path):
    with pytest.raises(StoreError, match="There is no run 9"):
        say("show", 9)
    (tmp_path / DATABASE).write_text("no database " * 100)
    with pytest.raises(StoreError, match="damaged"):
        run(["--home", str(tmp_path), "list"])


def test_the_list_is_there_before_the_libraries_of_training_would_be(store):
    queue.start(store, stand_in.config())
    code = (
        "import sys; from mtlviz.cli.runs import run\n"
        f"run(['--home', {str(store.home)!r}, 'list'])\n"
        "heavy = {'numpy', 'pydantic', 'torch', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "stand-in" in said.stdout


@pytest.mark.parametrize("number", ["9" * 5000, "1e3", "-1", "0", "٣"])
def test_what_is_no_number_of_a_run_is_one_sentence(say, number):
    with pytest.raises(ConfigError, match="RUN must be a whole number of at least 1, got"):
        say("show", number)
