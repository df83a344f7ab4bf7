"""Stored runs handed on to every tracker, with the tool's own reader where it is installed."""

import io
import json
import math
import sqlite3
import sys
from importlib.util import find_spec
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from mtlviz import cli
from mtlviz.engine.measures.conflict import cosines
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.figures.one_update import cosine_matrix
from mtlviz.figures.sweep_lines import value_pairs
from mtlviz.runs import queue
from mtlviz.trackers import TRACKERS
from mtlviz.trackers.drawing import cells_drawn
from mtlviz.trackers.mirror import mirror, tracked_run
from mtlviz.trackers.mlflow import Mlflow, _plain
from mtlviz.trackers.tracker import Tracker
from tests.runs import stand_in
from tests.runs.conftest import wait_for_status

ENDED = ("finished",)


class Kept(Tracker):
    """A tracker that keeps what it is handed."""

    def __init__(self, run=None, place=""):
        self.rows, self.pictures, self.status = [], {}, None

    def write(self, rows):
        self.rows += rows

    def draw(self, pictures):
        self.pictures = pictures

    def close(self, status):
        self.status = status


@pytest.fixture
def run(store):
    """A finished stand-in run of 12 updates."""
    number = store.create_run(stand_in.config(updates=12))
    wait_for_status(store, number, *ENDED)
    return number


def test_rows_are_the_records_in_their_order(store, run):
    kept = Kept()
    count = mirror(store, run, kept, pictures=lambda: {"losses": {}})
    assert count == len(kept.rows)
    assert (kept.status, kept.pictures) == ("finished", {"losses": {}})
    steps = [record for _, record in store.records(run, kinds=("step",))]
    rows = [row for row in kept.rows if "learning_rate" in row.values]
    assert [row.update for row in rows] == [step.update for step in steps] == list(range(12))
    for row, step in zip(rows, steps, strict=True):
        assert row.values["loss/first"] == step.losses[0]
        # What was not measured is not there, and never a zero.
        assert row.values.get("loss/second", math.nan) == pytest.approx(step.losses[1], nan_ok=True)
        assert ("cosine/first/second" in row.values) == (step.gram is not None)
        if step.gram is not None:
            assert row.values["cosine/first/second"] == cosines(step.gram)[0, 1]
    assert all(earlier.update <= later.update for earlier, later in pairwise(kept.rows))
    assert all(earlier.seconds <= later.seconds for earlier, later in pairwise(kept.rows))


def test_scores_come_with_their_errors_and_their_mean(store, run):
    kept = Kept()
    mirror(store, run, kept)
    evaluations = [record for _, record in store.records(run, kinds=("evaluation",))]
    rows = [row for row in kept.rows if "score/first" in row.values]
    assert len(rows) == len(evaluations) > 0
    assert rows[-1].values["score_se/second"] == evaluations[-1].errors[1]
    assert rows[-1].values["score/mean of tasks"] == np.mean(evaluations[-1].scores)


def test_a_run_is_followed_until_it_ends_and_each_record_comes_once(store):
    number = store.create_run(stand_in.config(updates=30, delay=0.01))
    kept = Kept()
    mirror(store, number, kept, follow=True, pause=lambda: queue.tick(store))
    updates = [row.update for row in kept.rows if "learning_rate" in row.values]
    assert updates == list(range(30))
    assert kept.status == "finished"


def test_what_a_resumed_run_makes_again_comes_once(store, run, monkeypatch):
    kept, looks = Kept(), iter(["running", "running", "finished", "finished"])
    summary = store.run(run)
    editions = iter([0, 0, 1, 1, 1, 1])

    def looked(number):
        return type(summary)(**{**vars(summary), "edition": next(editions, 1),
                                "status": next(looks, "finished")})  # fmt: skip

    monkeypatch.setattr(store, "run", looked)
    mirror(store, run, kept, follow=True, pause=lambda: None)
    updates = [row.update for row in kept.rows if "learning_rate" in row.values]
    assert updates == list(range(12))


def test_runs_that_differ_in_their_seed_share_a_group(store):
    made = [
        store.create_run(stand_in.config(seed=seed, updates=updates))
        for seed, updates in ((0, 40), (1, 40), (0, 41))
    ]
    first, second, other = (tracked_run(store, number) for number in made)
    assert first.group == second.group != other.group
    assert first.settings["seed"] == 0
    assert all(isinstance(value, bool | int | float | str) for value in first.settings.values())


@pytest.mark.parametrize("name", [each for each in TRACKERS if each != "tensorboard"])
def test_a_library_that_is_missing_is_told_in_one_sentence(name, store, run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setenv("TRACKIO_DIR", "")
    with pytest.raises(ConfigError, match=rf'^{name} is not installed; `pip install "mtlviz'):
        TRACKERS[name](tracked_run(store, run), str(tmp_path))


def test_every_tracker_says_what_it_is_and_where_it_writes():
    for tracker in TRACKERS.values():
        assert tracker.help
        assert tracker.place
        assert tracker.__doc__


def test_names_that_mlflow_refuses_stay_apart():
    assert _plain("loss/mood 2") == "loss/mood 2"
    assert _plain("loss/a+b") == "loss/a_2b_b"
    assert _plain("loss/a+b") != _plain("loss/a*b")


@pytest.fixture
def shell(store, monkeypatch, capsys):
    """Runs a command on the store; gives its status and what it said."""
    monkeypatch.setenv("MTLVIZ_HOME", str(store.home))

    def ask(*arguments):
        status = cli.main(list(arguments))
        said = capsys.readouterr()
        return status, said.out + said.err

    return ask


def test_the_shell_hands_a_run_to_tensorboard(shell, run, tmp_path):
    place = tmp_path / "events"
    status, said = shell("mirror", str(run), "--to", "tensorboard", "--out", str(place))
    assert status == 0
    assert said.startswith(f"Run {run}: ")
    (file,) = place.iterdir()
    assert file.name.startswith("events.out.tfevents.")
    assert b"cosine/first/second" in file.read_bytes()
    assert b"pictures/mean cosines" in file.read_bytes()
    status, said = shell("mirror", str(run), "--to", "tensorboard", "--out", str(place))
    assert status == 2
    assert "is not empty" in said


def test_a_map_of_cells_is_drawn_and_what_is_not_known_is_grey():
    image = pytest.importorskip("PIL.Image")
    angles = np.array([[1.0, -1.0, np.nan], [-1.0, 1.0, 0.5], [np.nan, 0.5, 1.0]])
    drawn = cells_drawn(cosine_matrix(angles, ["a", "b <x>", "c"]))
    read = image.open(io.BytesIO(drawn.png))
    assert read.size == (drawn.width, drawn.height)
    # A corner of each cell, where no text is.
    wide, high = 96, 48
    left, top = drawn.width - 3 * wide, drawn.height - 3 * high
    colors = [[read.getpixel((left + j * wide + 3, top + i * high + 3)) for j in range(3)]
              for i in range(3)]  # fmt: skip
    grey, orange, blue = (205, 209, 214), (213, 94, 0), (141, 184, 217)
    assert colors == [[grey, orange, grey], [orange, grey, blue], [grey, blue, grey]]


def test_rows_that_go_upwards_in_a_figure_are_drawn_from_their_top():
    image = pytest.importorskip("PIL.Image")
    upwards = value_pairs(("r", ["1", "2"]), ("c", ["x"]), np.array([[-1.0], [1.0]]))
    drawn = cells_drawn(upwards)
    read = image.open(io.BytesIO(drawn.png))
    at = [read.getpixel((drawn.width - 90, drawn.height - high)) for high in (90, 40)]
    assert at == [(0, 114, 178), (213, 94, 0)]


def test_many_tasks_and_curves_need_no_picture_of_their_own():
    many = cells_drawn(cosine_matrix(np.eye(32), [f"a task with a long name {i}" * 3
                                                  for i in range(32)]))  # fmt: skip
    assert many.width < 1800
    assert cells_drawn({"data": [{"type": "scatter"}], "layout": {}}) is None


def test_the_shell_refuses_what_it_does_not_know(shell, run):
    status, said = shell("mirror", str(run), "--to", "paper", "--out", "x")
    assert (status, said) == (
        2,
        "Unknown tracker 'paper'. Known: mlflow, tensorboard, trackio, wandb.\n",
    )
    status, said = shell("mirror", "99", "--to", "tensorboard", "--out", "x")
    assert status == 2
    assert "99" in said


# What follows needs the tools themselves.


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_tensorboard_shows_every_number(store, run, tmp_path):
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is not here"
    )
    cells = {"cells": cosine_matrix(np.eye(2), ["a", "b"]), "curves": {"data": [], "layout": {}}}
    place = str(tmp_path / "t")
    mirror(store, run, TRACKERS["tensorboard"](tracked_run(store, run), place),
           pictures=lambda: cells)  # fmt: skip
    found = reader.EventAccumulator(str(tmp_path / "t"), size_guidance={"scalars": 0})
    found.Reload()
    kept = Kept()
    mirror(store, run, kept)
    for name in {name for row in kept.rows for name in row.values}:
        expected = [(row.update, row.values[name]) for row in kept.rows if name in row.values]
        scalars = found.Scalars(name)
        assert [each.step for each in scalars] == [update for update, _ in expected]
        np.testing.assert_allclose([each.value for each in scalars],
                                   [value for _, value in expected], rtol=1e-6)  # fmt: skip
    assert found.Tags()["images"] == ["pictures/cells"]
    (image,) = found.Images("pictures/cells")
    assert image.step == kept.rows[-1].update
    assert image.encoded_image_string == cells_drawn(cells["cells"]).png


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_mlflow_keeps_every_number_setting_and_picture(store, run, tmp_path):
    mlflow = pytest.importorskip("mlflow", reason="mlflow is not here")
    place = tmp_path / "m"
    picture = {"data": [{"type": "scatter", "x": [0], "y": [1]}], "layout": {}}
    mirror(store, run, Mlflow(tracked_run(store, run), str(place)), pictures=lambda: {"p": picture})
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{place / 'mlflow.db'}")
    (found,) = client.search_runs([client.get_experiment_by_name("mtlviz").experiment_id])
    assert found.info.status == "FINISHED"
    assert found.data.params["seed"] == "0"
    history = client.get_metric_history(found.info.run_id, "loss/first")
    steps = [record for _, record in store.records(run, kinds=("step",))]
    assert sorted((each.step, each.value) for each in history) == [
        (step.update, step.losses[0]) for step in steps
    ]
    assert [each.path for each in client.list_artifacts(found.info.run_id)] == ["p.html"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_wandb_keeps_a_run_to_be_sent_later(store, run, tmp_path):
    pytest.importorskip("wandb", reason="wandb is not here")
    picture = cosine_matrix(np.eye(2), ["a", "b"])
    mirror(store, run, TRACKERS["wandb"](tracked_run(store, run), str(tmp_path / "w")),
           pictures=lambda: {"cells": picture})  # fmt: skip
    (file,) = (tmp_path / "w").rglob("*.wandb")
    kept = file.read_bytes()
    assert b"loss/first" in kept
    assert b"equal but for the seed" in kept
    (page,) = (tmp_path / "w").rglob("*cells*.json")
    assert json.loads(page.read_text())["data"][0]["type"] == "heatmap"


def test_a_trackio_without_pages_takes_the_numbers_alone(store, run, monkeypatch):
    taken = []
    older = SimpleNamespace(init=lambda **_: None, log=lambda values, step: taken.append(values),
                            finish=lambda: taken.append("finished"))  # fmt: skip
    monkeypatch.setenv("TRACKIO_DIR", "")
    monkeypatch.setattr("mtlviz.trackers.trackio.library", lambda *_: older)
    picture = cosine_matrix(np.eye(2), ["a", "b"])
    mirror(store, run, TRACKERS["trackio"](tracked_run(store, run), "somewhere"),
           pictures=lambda: {"cells": picture})  # fmt: skip
    assert len(taken) > 1
    assert taken[-1] == "finished"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_trackio_keeps_every_number(store, run, tmp_path, monkeypatch):
    if find_spec("trackio") is None:
        pytest.skip("trackio is not here")
    # The library reads it once, when it is imported.
    monkeypatch.setenv("TRACKIO_DIR", "")
    picture = cosine_matrix(np.eye(2), ["a", "b"])
    mirror(store, run, TRACKERS["trackio"](tracked_run(store, run), str(tmp_path / "t")),
           pictures=lambda: {"cells": picture})  # fmt: skip
    (file,) = (tmp_path / "t").rglob("mtlviz.db")
    with sqlite3.connect(file) as connection:
        (count,) = connection.execute("SELECT count(*) FROM metrics").fetchone()
    assert count > 12
    (page,) = (tmp_path / "t").rglob("*.html")
    assert '"type":"heatmap"' in page.read_text()


def test_errors_are_those_of_the_house(tmp_path, store):
    with pytest.raises(MtlvizError):
        tracked_run(store, 5)
