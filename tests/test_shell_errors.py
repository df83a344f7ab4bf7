"""What the shell cannot do is one sentence and a true status, and what was trained is kept."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mtlviz import cli
from mtlviz.cli.progress import Progress
from mtlviz.cli.shell_run import _logged
from mtlviz.engine.presets import preset
from mtlviz.runs.store import Store
from mtlviz.runs.summary import STATUSES

LONG, DIGITS = "x" * 5000, "9" * 5000
QUICK = ["train", "--preset", "default", "--set", "optimisation.max_updates=1"]
WRONG = {
    "home of nobody": ["runs", "--home", "~nobody-has-this-name/x", "list"],
    "home in a file": ["runs", "--home", "/dev/null/x", "list"],
    "home too long": ["runs", "--home", LONG, "list"],
    "home of nobody, training": [*QUICK, "--home", "~nobody-has-this-name"],
    "threads of no machine": [*QUICK, "--threads", str(10**9)],
    "threads too long": [*QUICK, "--threads", DIGITS],
    "threads in words": [*QUICK, "--threads", "many"],
    "folder too long": [*QUICK, "--out", LONG],
    "folder in a device": [*QUICK, "--out", "/dev/full/x"],
    "name too long": [*QUICK, "--name", LONG],
    "half a character": [*QUICK, "--name", "\udcff"],
    "settings too long": ["train", "--config", LONG],
    "settings in a device": ["train", "--config", "/dev/zero"],
    "settings in a folder": ["train", "--config", "/"],
    "settings nowhere": ["runs", "start", "/dev/null/x"],
    "settings in a device, queued": ["runs", "start", "/dev/zero"],
    "deep settings": [*QUICK, "--set", f"data.tasks={'[' * 5000}"],
    "long number": [*QUICK, "--set", f"seed={DIGITS}"],
    "place of no setting": [*QUICK, "--set", f"data.tasks.{DIGITS}.name=x"],
    "run of no store": ["runs", "show", DIGITS],
    "run to go on with": ["train", "--resume", DIGITS],
    "folder to go on from": ["train", "--resume", LONG],
    "table in a device": ["data", "check", "--source", "table", "/dev/zero"],
    "table too long": ["data", "check", LONG],
    "folder of data too long": ["data", "list", LONG],
    "vectors in a device": [*QUICK, "--set", "capacity.vectors=/dev/zero"],
    "no command": [LONG],
    "no action": ["runs"],
    "no flag": ["train", "--nonsense"],
    "no device": [*QUICK, "--device", f"cuda:{DIGITS}"],
}


def ended(capsys, *arguments):
    """Status and what was said of the failure."""
    status = cli.main(list(arguments))
    return status, capsys.readouterr().err


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_one_sentence(capsys, home, arguments):
    status, said = ended(capsys, *arguments)
    assert status == 2
    assert said.count("\n") == 1
    assert len(said) < 500
    assert "Traceback" not in said
    with_store = Store(home)
    assert with_store.runs() == []
    with_store.close()


def in_shell(command, home):
    """Status, output and complaints of a command that a shell runs."""
    root = str(Path(__file__).parents[1])
    environment = {**os.environ, "MTLVIZ_HOME": str(home), "PYTHONPATH": root}
    python = f"{sys.executable} -m mtlviz.cli"
    found = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command.replace('mtlviz', python, 1)}"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return found.returncode, found.stdout, found.stderr


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("mtlviz --version > /dev/full", 2, "The system refused this: No space left on device.\n"),
        ("mtlviz train --list-settings | head -1", 0, ""),
        ("mtlviz runs list >&-", 0, ""),
        ("mtlviz runs --home /dev/null/x list 2>&-", 2, ""),
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_nobody_takes_is_no_traceback(tmp_path, command, status, said):
    assert in_shell(command, tmp_path)[::2] == (status, said)


def test_training_goes_on_when_nobody_reads_any_more():
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    progress = Progress(["a"], 1, stream=stream)
    progress.say("a line")
    progress.close()
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_a_refused_run_leaves_the_stored_ones_as_they_are(capsys, home):
    store = Store(home)
    kept = store.create_run(preset("default"))
    for flags in (["--out", "/dev/full/x"], ["--threads", str(10**9)], ["--device", "cuda:9"]):
        assert ended(capsys, *QUICK, *flags)[0] == 2
    assert [run.id for run in store.runs(STATUSES)] == [kept]
    assert store.config(kept) == preset("default")
    store.close()


TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["[" * 3000, "9" * 5000, "1e999", "NaN", '{"a":1,"a":2}', '"\\ud800"', "null"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    ).map(json.dumps),
)
PLACES = st.sampled_from(
    ["seed", "name", "data", "data.tasks", "data.tasks.0", "data.tasks.0.options",
     "data.batch_size", "capacity.encoder", "capacity.width", "optimisation.combiner_options",
     "probes", "", "x", "."]
)  # fmt: skip


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PLACES, TEXTS)
def test_drawn_settings_are_taken_or_refused_in_one_sentence(capsys, home, place, text):
    status, said = ended(capsys, "train", "--show", "--set", f"{place}={text}")
    assert (status, said) == (0, "") or (status == 2 and said.strip().count("\n") == 0), said
    assert "Traceback" not in said


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_drawn_files_are_refused_in_one_sentence(capsys, home, tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)
    status, said = ended(capsys, "train", "--show", "--config", str(tmp_path / "run.json"))
    assert (status, said.count("\n")) == (2, 1), said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_log_that_cannot_be_written_prints_no_traceback(capsys):
    with _logged(Path("/dev/full")):
        logging.getLogger("mtlviz").error("what the run says itself")
    assert capsys.readouterr().err == ""


def test_a_folder_of_tables_without_a_description_is_told_what_it_lacks(capsys, tmp_path):
    (tmp_path / "train.tsv").write_text("text\tlabel\ngood\t1\nbad\t0\n")
    assert cli.main(["data", "check", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "has no meta.json" in said
    assert "one of its tables" in said
