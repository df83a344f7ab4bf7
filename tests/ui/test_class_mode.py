"""What a student of a class finds in the app: labs and lessons, and nothing that reaches others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mtlviz.cli import classroom
from mtlviz.errors import ConfigError
from mtlviz.runs.visitor_limits import LIMITS, current_limits
from mtlviz.ui import launch
from mtlviz.ui.core.class_mode import CLASS, offered
from mtlviz.ui.pages import PAGES
from tests.ui import harness
from tests.ui.harness import said

ROOT = Path(__file__).parents[2]


def test_runs_data_and_uploads_are_on_no_page_of_a_class(room):
    assert [page.name for page in offered(PAGES)] == [
        "start", "lessons", "toy", "conflict", "covariance", "capacity", "continual", "words",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["studio", "run", "compare", "data"])
def test_the_address_of_a_page_that_is_not_offered_opens_the_first_page(room, path):
    app = harness.opened(path)
    assert said(app, "When does training two tasks together help?")


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("start", {}), ("lessons", {}), ("toy_lab", {}), ("conflict_lab", {}),
        ("covariance_lab", {"cov_view": "alignment"}),
        ("covariance_lab", {"cov_view": "reweighting"}),
        ("capacity_lab", {"cap_measured": "text"}), ("capacity_lab", {"cap_view": "affinity"}),
        ("continual_lab", {}),
    ],
)  # fmt: skip
def test_nothing_there_starts_or_stops_a_run_or_takes_a_file(room, path, link):
    folds = {f"fold.{name}": True for name in ("alignment.runs", "reweighting.runs", "own-data")}
    app = harness.opened(path, folds, **link)
    buttons = [button.label for button in app.button if button.label != "Start"]  # A toy's story.
    assert not [each for each in buttons if each.startswith(("Start", "Delete", "Retry", "Stop"))]
    assert not app.get("file_uploader")


@pytest.fixture
def started(monkeypatch, tmp_path):
    """What `mtlviz class` would start, without starting it."""
    given = []
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path))
    monkeypatch.setattr(launch, "open_app", given.append)
    # `setenv` first, so that what the command sets is undone as well.
    monkeypatch.setenv(CLASS, "")
    monkeypatch.setenv(LIMITS, "")

    def run(*flags):
        assert classroom.run(flags) == 0
        return given[-1]

    return run


def test_the_network_is_served_by_this_choice_only(started, capsys):
    flags = started("--port", "9000", "--address", "192.168.0.7", "--server.baseUrlPath=x")
    assert flags == [
        "--no-browser", "--server.address=0.0.0.0", "--server.port=9000", "--server.baseUrlPath=x",
    ]  # fmt: skip
    said_ = capsys.readouterr().out
    assert "http://192.168.0.7:9000/class\n" in said_
    assert "Everybody on this network can open the labs" in said_


def test_students_may_start_nothing_and_a_teacher_may_allow_more(started, monkeypatch):
    started("--port", "9000")
    with pytest.raises(ConfigError, match="In this class no runs of yours may wait"):
        current_limits().check("waiting_runs", 0)
    with pytest.raises(ConfigError, match="In this class no studies of yours"):
        current_limits().check("studies", 0)
    current_limits().check("maps", 0)
    with pytest.raises(ConfigError, match="At most 1 computations"):
        current_limits().check("maps", 1)
    monkeypatch.setenv(LIMITS, '{"maps": 3}')
    started("--port", "9000")
    assert (current_limits().maps, current_limits().waiting_runs) == (3, 0)


def test_new_begins_with_another_code_and_without_votes(started, capsys):
    def code():
        started("--port", "9000")
        return capsys.readouterr().out.partition("and type")[2].split()[0]

    first = code()
    assert code() == first
    started("--port", "9000", "--new")
    assert capsys.readouterr().out.partition("and type")[2].split()[0] != first


def test_no_link_makes_more_of_a_picture_than_its_controls_allow(room):
    for link in ({"seeds": "9999"}, {"steps": "999999"}, {"capacity": "999"}):
        app = harness.opened("toy_lab", **link)
        assert said(app, f"`{next(iter(link))}` must be from")


@pytest.mark.slow
def test_the_first_student_waits_for_no_library_and_no_film(tmp_path):
    """In a process of its own: nothing that a page needs is read after the class's start."""
    program = (
        "import sys\n"
        "from mtlviz.ui.class_start import warm_up\n"
        "warm_up()\n"
        "from tests.ui import harness\n"
        "known = {name.partition('.')[0] for name in sys.modules}\n"
        "harness.opened('toy_lab', lesson='negative_transfer', lesson_step='1')\n"
        "new = {name.partition('.')[0] for name in sys.modules} - known\n"
        "assert not new & {'torch', 'numpy', 'scipy', 'pandas', 'pyarrow', 'PIL', 'plotly'}, new\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", program]
    environment = {**os.environ, "MTLVIZ_HOME": str(tmp_path)}
    subprocess.run(command, check=True, cwd=ROOT, env=environment, timeout=120)
