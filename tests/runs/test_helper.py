"""Helper processes: progress, failures, death, and leaving early."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mtlviz.errors import MtlvizError
from mtlviz.runs import helper as helpers
from mtlviz.runs.helper import Helper, Progress


@pytest.fixture
def helper(tmp_path, monkeypatch):
    root = str(Path(__file__).parents[2])
    known = helpers.environment
    monkeypatch.setattr(
        helpers,
        "environment",
        lambda slot, limit: {**known(slot, limit), "PYTHONPATH": root},
    )
    made = Helper("tests.runs.echo_helper", tmp_path / "log.txt")
    yield made
    made.close()


def asked(helper, say):
    return list(helper.ask({"say": say}))


def test_a_helper_tells_how_far_it_is_and_lasts(helper):
    warm = Progress(0.0, "warming up")
    assert asked(helper, "hello") == [warm, Progress(0.5, "hello")]
    assert asked(helper, "again") == [Progress(0.5, "again")]
    assert helper.alive


def test_a_helper_says_what_is_wrong_and_goes_on(helper, tmp_path):
    with pytest.raises(MtlvizError, match="This is wrong"):
        asked(helper, "wrong")
    with pytest.raises(MtlvizError, match="its log says more"):
        asked(helper, "bug")
    assert asked(helper, "still here") == [Progress(0.5, "still here")]
    log = (tmp_path / "log.txt").read_text()
    assert "RuntimeError: a bug" in log
    assert "what libraries print" in log


def test_a_dead_helper_is_noticed(helper):
    with pytest.raises(MtlvizError, match="has ended"):
        asked(helper, "die")
    assert not helper.alive
    with pytest.raises(MtlvizError, match="has ended"):
        asked(helper, "hello")


def test_leaving_early_ends_the_process(helper):
    asking = helper.ask({"say": "hello"})
    next(asking)
    asking.close()
    assert not helper.alive


def test_a_helper_at_work_ends_with_the_app(tmp_path):
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "import os, threading\n"
        "from mtlviz.runs import helper as helpers\n"
        "helpers.environment = lambda slot, limit: dict(os.environ)\n"
        "helper = helpers.Helper('tests.runs.echo_helper', Path(sys.argv[1]))\n"
        "told = helper.ask({'say': 'long'})\n"
        "while next(told).stage != 'long':\n"
        "    pass\n"
        "print(helper.pid)\n"
        "threading.Thread(target=lambda: list(told), daemon=True).start()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "log.txt")],
        check=True,
        timeout=30,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    wait_until(lambda: not is_running(int(done.stdout)))


def test_a_helper_that_nobody_asks_any_more_ends(monkeypatch, tmp_path):
    known = helpers.environment
    root = str(Path(__file__).parents[2])
    monkeypatch.setattr(
        helpers, "environment", lambda *given: {**known(*given), "PYTHONPATH": root}
    )
    made = Helper("tests.runs.echo_helper", tmp_path / "log.txt", ["1"])
    assert asked(made, "hello")[-1] == Progress(0.5, "hello")
    wait_until(lambda: not made.alive, seconds=20)
    with pytest.raises(MtlvizError, match="has ended"):
        asked(made, "hello")
    made.close()


def is_running(process):
    """Whether a process is there and not only waiting to be reaped."""
    state = Path(f"/proc/{process}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
