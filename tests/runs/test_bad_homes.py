import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from mtlviz.errors import ConfigError
from mtlviz.runs import queue, schema, worker
from mtlviz.runs.failures import DATABASE, StoreError
from mtlviz.runs.lease import lease
from mtlviz.runs.store import Store
from tests.runs import stand_in
from tests.runs.conftest import plain, stored

VERSION_1 = Path(__file__).parents[1] / "golden" / "runs_version_1.sql"


def one_sentence(error):
    """The message, checked to be one or two short sentences without a folder of the machine."""
    text = str(error.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert "/" not in text
    return text


def database(tmp_path, script):
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.executescript(script)
    connection.close()
    return (tmp_path / DATABASE).read_bytes()


def test_a_store_of_version_1_opens_with_all_its_runs(tmp_path):
    database(tmp_path, VERSION_1.read_text())
    store = Store(tmp_path)
    assert [(run.id, run.status, run.updates) for run in store.runs()] == [
        (2, "queued", 0),
        (1, "finished", 3),
    ]
    assert store.steps_array(1).update.tolist() == [0, 1, 2]
    assert stored(store, 1)[-1]["topic"] == "leakage"
    assert store.config(1).name == "stand-in"
    store.close()


def test_a_migration_keeps_the_runs(tmp_path, monkeypatch):
    database(tmp_path, VERSION_1.read_text())
    added = ("ALTER TABLE runs ADD COLUMN extra TEXT", "UPDATE runs SET extra = name")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, added])
    store = Store(tmp_path)
    with store.connections.reading() as connection:
        assert connection.execute("SELECT extra FROM runs").fetchall() == [("stand-in",)] * 2
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
    store.close()


def test_a_migration_that_fails_changes_nothing(tmp_path, monkeypatch):
    before = database(tmp_path, VERSION_1.read_text())
    broken = ("ALTER TABLE runs ADD COLUMN extra TEXT", "UPDATE nothing SET extra = 1")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, broken])
    with pytest.raises(StoreError):
        Store(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == before


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    before = database(tmp_path, VERSION_1.read_text() + "PRAGMA user_version = 99;")
    with pytest.raises(StoreError, match="version 99; this mtlviz reads versions 1 to") as error:
        Store(tmp_path)
    one_sentence(error)
    assert (tmp_path / DATABASE).read_bytes() == before


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path):
    before = database(tmp_path, "CREATE TABLE recipes (name); PRAGMA user_version = 1;")
    with pytest.raises(StoreError, match="of something else") as error:
        Store(tmp_path)
    one_sentence(error)
    assert (tmp_path / DATABASE).read_bytes() == before


@pytest.mark.parametrize("keep", [0.5, 0.1])
def test_a_damaged_database_is_refused_and_left_as_it_is(tmp_path, keep):
    whole = database(tmp_path, VERSION_1.read_text())
    broken = whole[: int(len(whole) * keep)]
    (tmp_path / DATABASE).write_bytes(broken)
    with pytest.raises(StoreError, match="is damaged and was left as it is") as error:
        Store(tmp_path).runs()
    one_sentence(error)
    assert (tmp_path / DATABASE).read_bytes() == broken


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"my diary\n" * 1000)
    with pytest.raises(StoreError, match="is damaged and was left as it is"):
        Store(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == b"my diary\n" * 1000


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(StoreError, match="The home folder cannot be used") as error:
        Store(tmp_path / "home")
    one_sentence(error)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of POSIX")
def test_a_read_only_home_is_refused(tmp_path, request):
    home = tmp_path / "home"
    if os.geteuid() == 0:  # The administrator may write where permissions forbid it.
        home = request.getfixturevalue("tiny_disk")
        subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)
    else:
        home.mkdir(mode=0o500)
    with pytest.raises(StoreError, match="The home folder cannot be written") as error:
        Store(home)
    one_sentence(error)


def test_settings_of_a_newer_version_fail_their_run_in_one_sentence(store):
    run = store.create_run(stand_in.config().model_copy(update={"version": 7}))
    assert worker.work(store, run, opening=stand_in.opening) == "failed"
    assert (
        store.run(run).error == "These settings have version 7; this mtlviz reads versions 1 to 1."
    )
    with pytest.raises(ConfigError):
        store.config(run)


def test_a_full_database_refuses_new_records_whole_and_keeps_the_old_ones(store):
    held = lease(store, store.create_run(stand_in.config()))
    records = list(stand_in.all_records(stand_in.config(200)))
    held.append(records[:10])
    before = stored(store, held.run)
    # The limit belongs to a connection: the only idle one is the next that is used.
    with store.connections.reading() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="The disk that holds the home folder is full") as error:
        held.append(records[10:])
    one_sentence(error)
    assert stored(store, held.run) == before
    with store.connections.reading() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    held.append(records[10:])
    assert len(stored(store, held.run)) == len(records)


def test_a_run_on_a_full_disk_fails_in_one_sentence_and_goes_on_where_there_is_room(tiny_disk):
    store = Store(tiny_disk)
    settings = stand_in.config(60, delay=0.01)
    run = store.create_run(settings)
    pace = worker.Pace(beat_seconds=0.1, checkpoint_seconds=0.2)

    def fill(record):
        if record.kind == "step" and record.update == 30:
            fill_the_disk(tiny_disk)

    assert worker.work(store, run, opening=stand_in.opening, pace=pace, on_record=fill) == "failed"
    assert "The disk that holds the home folder is full" in store.run(run).error
    (tiny_disk / "ballast").unlink()
    with store.connections.writing() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    queue._queue_again(store, run)
    assert worker.work(store, run, opening=stand_in.opening) == "finished"
    assert stored(store, run) == plain(stand_in.all_records(settings))
    store.close()


def test_the_death_of_a_worker_is_told_even_on_a_full_disk(tiny_disk):
    store = Store(tiny_disk)
    held = lease(store, store.create_run(stand_in.config()))
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET process_start = 1")
    fill_the_disk(tiny_disk)
    with pytest.raises(StoreError, match="is full"):
        Store(tiny_disk)
    # What fits into the pages the log already has would be written in any case.
    with pytest.raises(StoreError, match="is full"):
        held.append(list(stand_in.all_records(stand_in.config(400))))
    queue.tick(store)
    assert store.run(held.run).status == "interrupted"
    store.close()


def fill_the_disk(folder):
    """Fill the disk of a folder to its last byte."""
    with (folder / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return
