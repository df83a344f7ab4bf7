"""What a run of the app may read goes with it, and what is given away names no folder."""

import json

import pytest

from mtlviz import access
from mtlviz.access import visitors_access
from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.runs import worker
from mtlviz.runs.export import export
from mtlviz.runs.script import script
from mtlviz.runs.signature import signature
from mtlviz.runs.store import Store
from mtlviz.ui.pages.studio.settings import read as read_link
from mtlviz.ui.pages.studio.settings import written as written_link

ROWS = "text,label\n" + "".join(f"word {i},{i % 2}\n" for i in range(40))


@pytest.fixture
def place(tmp_path, monkeypatch):
    for name in ("data", "home/tasks", "course", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "mine.csv").write_text(ROWS)
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MTLVIZ_ALLOW", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return tmp_path


@pytest.fixture
def store(place):
    opened = Store(place / "home")
    yield opened
    opened.close()


def config_of(*paths, **capacity):
    """One epoch on tables."""
    tasks = [
        {"name": f"task {i}", "source": "table", "path": str(path)} for i, path in enumerate(paths)
    ]
    return RunConfig.from_values(
        {"data": {"tasks": tasks}, "capacity": capacity, "optimisation": {"max_updates": 1}}
    )


def visiting(place):
    return access.chosen(visitors_access(str(place / "course")))


@pytest.fixture
def worked(store, monkeypatch):
    """Works on a run as a process of the queue does: its status and its last word."""
    # What the worker decides for its process is undone afterwards.
    monkeypatch.setenv("MTLVIZ_ACCESS", "")
    monkeypatch.setattr(access, "_process", {})

    def work(run):
        worker.main([str(store.home), str(run)])
        found = store.run(run)
        return found.status, found.error

    return work


def test_a_worker_reads_for_a_visitor_what_visitors_may_read(place, store, worked, monkeypatch):
    mine, theirs = place / "course" / "mine.csv", place / "elsewhere" / "mine.csv"
    # One after the other: a worker that leaves starts what waits.
    with visiting(place):
        allowed = store.create_run(config_of(mine))
    assert worked(allowed) == ("finished", None)
    with visiting(place):
        refused = store.create_run(config_of(theirs))
    status, error = worked(refused)
    assert status == "failed"
    assert "that this app may read" in error
    assert str(place) not in error
    with access.chosen(access.owners_access()):
        owners = store.create_run(config_of(theirs))
    # Though this process was restricted for the run before.
    assert worked(owners) == ("finished", None)


def test_exports_and_links_name_no_folder_of_the_server(place, store, tmp_path):
    paths = [place / name / "mine.csv" for name in ("data", "home/tasks", "course", "elsewhere")]
    config = config_of(*paths, vectors=str(place / "course" / "vectors.txt"))
    with visiting(place):
        run = store.create_run(config)
        written = store.config(run)
        texts = [
            script(store, run),
            json.dumps(written_link(config, "default")),
            (export(store, run, tmp_path / "out") / "config.json").read_text(),
        ]
        again, problems = read_link(written_link(config, "default"), "default")
    assert [task.path for task in written.data.tasks] == [
        "mine.csv", "$MTLVIZ_HOME/tasks/mine.csv", "$MTLVIZ_ALLOW/course/mine.csv",
        "$ELSEWHERE/mine.csv",
    ]  # fmt: skip
    assert written.capacity.vectors == "$MTLVIZ_ALLOW/course/vectors.txt"
    for text in texts:
        assert str(place) not in text
        assert "$MTLVIZ_ALLOW/course/mine.csv" in text
    assert (again.data, problems) == (written.data, [])


def test_a_shells_run_keeps_paths_that_have_no_name(place, store):
    elsewhere = str(place / "elsewhere" / "mine.csv")
    written = store.config(store.create_run(config_of(place / "data" / "mine.csv", elsewhere)))
    assert [task.path for task in written.data.tasks] == ["mine.csv", elsewhere]


def test_a_path_and_its_name_are_one_setting(place):
    with visiting(place):
        named, given = (
            config_of("$MTLVIZ_ALLOW/course/mine.csv"),
            config_of(place / "course/mine.csv"),
        )
        assert signature(named) == signature(given)
        assert signature(named) != signature(config_of("$MTLVIZ_ALLOW/course/other.csv"))
    assert signature(preset("default")) == signature(preset("default"))
