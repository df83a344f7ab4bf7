import csv
import gc
import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import AffinityRecord, from_json
from mtlviz.errors import DataError
from mtlviz.runs import queue
from mtlviz.runs.export import export
from mtlviz.runs.failures import LostRun, StoreError
from mtlviz.runs.home import home_folder
from mtlviz.runs.lease import lease
from mtlviz.runs.packing import unpack
from mtlviz.runs.store import Store
from tests.runs import stand_in
from tests.runs.conftest import plain, stored

AFFINITY = AffinityRecord(0, np.array([[0.1, np.nan], [-0.2, 0.3]]), 0.01, 0.5)


def recorded(store, updates=30):
    """A run with every kind of record, and its lease."""
    settings = stand_in.config(updates)
    records = [*stand_in.all_records(settings), AFFINITY]
    held = lease(store, store.create_run(settings))
    held.append(records[:7])
    held.append(records[7:])
    return held, records


def test_every_kind_of_record_comes_back_as_it_was(store):
    held, records = recorded(store)
    found = store.records(held.run)
    assert [sequence for sequence, _ in found] == list(range(len(records)))
    assert plain((r for _, r in found), without=()) == plain(records, without=())
    assert {type(record).__name__ for _, record in found} == {
        *("Note", "Snapshot", "StepRecord", "EvalRecord", "AffinityRecord")
    }


def test_step_arrays_keep_their_types(store):
    held, _ = recorded(store)
    step = store.step(held.run, 2)
    assert step.due.dtype == bool
    assert step.order.dtype == np.int64
    assert step.update == 2
    assert isinstance(step.clipping, float)
    assert store.step(held.run, 30) is None


def test_a_reader_gets_only_what_is_new(store):
    held, records = recorded(store)
    assert len(store.records(held.run, after=9)) == len(records) - 10
    assert [s for s, _ in store.records(held.run, after=5, kinds=("evaluation",))] == [12, 23, 35]
    steps = store.steps_array(held.run, after=12)
    assert steps.sequence[0] == 13
    assert steps.update[0] == 10
    assert len(store.steps_array(held.run, after=1000).update) == 0


def test_columns_hold_the_same_numbers_as_the_records(store):
    held, _ = recorded(store)
    steps = store.steps_array(held.run)
    assert steps.update.tolist() == list(range(30))
    for row, update in enumerate(steps.update):
        step = stand_in.step(0, update)
        np.testing.assert_array_equal(steps.losses[row], step.losses)
        np.testing.assert_array_equal(steps.due[row], step.due)
        plane = steps.planes["random directions"]
        np.testing.assert_array_equal(
            plane.coordinates[row], step.planes["random directions"].coordinates
        )
        if step.gram is None:
            assert np.isnan(steps.gram[row]).all()
        else:
            np.testing.assert_array_equal(steps.gram[row], step.gram)


@pytest.mark.parametrize("points", [1, 4, 7, 29, 30, 100])
def test_thinned_columns_are_even_and_reach_the_end(store, points):
    held, _ = recorded(store)
    updates = store.steps_array(held.run, max_points=points).update
    assert len(updates) <= points + 1
    assert updates[-1] == 29
    assert len(set(np.diff(updates)[:-1].tolist())) <= 1


def test_a_new_run_waits_in_the_queue_with_its_settings(store):
    first, second = (store.create_run(stand_in.config(seed=seed)) for seed in (1, 2))
    assert [run.id for run in store.runs()] == [second, first]
    assert (store.run(first).position, store.run(second).position) == (1, 2)
    assert store.config(second) == stand_in.config(seed=2)
    assert store.result(first) is None
    assert store.log(first) == ""


def test_only_the_holder_of_a_claim_can_write(store):
    held, records = recorded(store)
    before = stored(store, held.run)
    held.finish("interrupted")
    for write in (held.append, lambda _: held.cut(0), lambda _: held.finish("finished")):
        with pytest.raises(LostRun, match="no longer this process's"):
            write(records)
    assert stored(store, held.run) == before
    assert store.run(held.run).status == "interrupted"


def test_cutting_records_tells_readers_to_start_over(store):
    held, records = recorded(store)
    edition = store.run(held.run).edition
    held.cut(len(records))
    assert store.run(held.run).edition == edition
    held.cut(10)
    assert store.run(held.run).edition == edition + 1
    assert store.run(held.run).updates == 8
    held.append(records[10:])
    assert plain((r for _, r in store.records(held.run)), without=()) == plain(records, without=())


def test_a_deleted_run_leaves_nothing_and_its_number_is_not_used_again(store):
    held, _ = recorded(store)
    with pytest.raises(StoreError, match=f"Run {held.run} is running; stop it"):
        store.delete(held.run)
    held.finish("stopped")
    store.delete(held.run)
    assert not held.folder.exists()
    with store.connections.reading() as connection:
        assert connection.execute("SELECT count(*) FROM records").fetchone() == (0,)
    with pytest.raises(StoreError, match=f"There is no run {held.run}"):
        store.run(held.run)
    assert store.create_run(stand_in.config()) == held.run + 1


def test_an_export_holds_the_whole_run(store, tmp_path):
    held, records = recorded(store)
    folder = export(store, held.run, tmp_path / "export")
    assert RunConfig.from_file(folder / "config.json") == store.config(held.run)
    # Lines end at \n alone: other line separators may stand inside a text.
    lines = (folder / "records.jsonl").read_text().strip().split("\n")
    back = [from_json(json.loads(line)) for line in lines]
    assert plain(back, without=()) == plain(records, without=())
    with (folder / "steps.csv").open(newline="") as file:
        steps = list(csv.DictReader(file))
    assert float(steps[2]["inner product: first · second"]) == stand_in.step(0, 2).gram[0, 1]
    assert steps[1]["inner product: first · second"] == ""
    assert steps[3]["loss: second"] == ""
    with (folder / "evaluations.csv").open(newline="") as file:
        assert [row["update"] for row in csv.DictReader(file)] == ["10", "20", "30"]
    assert (folder / "embeddings-1.npz").exists()


def test_an_export_never_mixes_with_other_files(store, tmp_path):
    held, _ = recorded(store)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="not empty"):
        export(store, held.run, tmp_path)


def test_threads_read_whole_moments_while_another_writes(store):
    held = lease(store, store.create_run(stand_in.config(200)))

    def read(_):
        lengths = [len(store.records(held.run)) for _ in range(20)]
        assert all(length % 10 == 0 for length in lengths)
        return sorted(lengths) == lengths

    with ThreadPoolExecutor(4) as pool:
        readers = pool.map(read, range(4))
        for first in range(0, 200, 10):
            held.append([stand_in.step(0, first + offset) for offset in range(10)])
        assert all(readers)
    assert len(store.records(held.run)) == 200


def test_a_hundred_thousand_steps_are_read_in_pieces_and_only_those_asked_for(store, monkeypatch):
    read = []

    def counted(layout, bodies):
        read.append(len(bodies))
        return unpack(layout, bodies)

    monkeypatch.setattr("mtlviz.runs.steps.unpack", counted)
    held = lease(store, store.create_run(stand_in.config()))
    held.append([stand_in.step(0, update) for update in range(2)])
    # Copies of two real rows, because making that many takes longer than reading them.
    with store.connections.writing() as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) "
            "INSERT INTO records SELECT r.run, i, r.kind, i, r.layout, r.body "
            "FROM n JOIN records AS r ON r.run = ? AND r.sequence = i % 2",
            (held.run,),
        )
    assert len(store.steps_array(held.run).losses) == sum(read) == 100_000
    assert len(read) < 10
    read.clear()
    assert len(store.steps_array(held.run, max_points=2000).losses) == sum(read) == 2001


def test_many_processes_can_open_a_new_home_at_once(tmp_path):
    code = (
        "import sys; from mtlviz.runs.store import Store; store = Store(sys.argv[1]);"
        "from tests.runs import stand_in; store.create_run(stand_in.config())"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path / "home")]
    paths = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    started = [subprocess.Popen(command, env=paths) for _ in range(4)]
    assert [process.wait() for process in started] == [0] * 4
    store = Store(tmp_path / "home")
    assert [run.id for run in store.runs()] == [4, 3, 2, 1]
    store.close()


def test_a_store_that_is_forgotten_leaves_no_file_open(tmp_path):
    forgotten = Store(tmp_path)
    with forgotten.connections.reading() as connection:
        connection.execute("SELECT 1")
    del forgotten
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_the_home_is_the_one_given_then_that_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "environment"))
    assert home_folder() == tmp_path / "environment"
    assert home_folder(tmp_path / "given") == tmp_path / "given"
    monkeypatch.delenv("MTLVIZ_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if sys.platform == "linux":
        assert home_folder() == tmp_path / "data" / "mtlviz"


@pytest.mark.parametrize("number", [2**63, 10**30, -(10**30)])
def test_a_number_that_no_run_can_have_is_one_sentence_everywhere(store, number):
    ways = (
        store.run, store.config, store.result, store.records, store.steps_array, store.delete,
        lambda run: store.step(1, run), lambda run: queue.stop(store, run),
        lambda run: queue.resume(store, run), lambda run: lease(store, run),
    )  # fmt: skip
    for way in ways:
        with pytest.raises(StoreError, match="no run or update of a number that large"):
            way(number)


def test_a_damaged_record_or_result_is_one_sentence(store):
    run = store.create_run(stand_in.config())
    deep = "[" * 100_000
    for body in (deep, "{", "[]", "1"):
        with store.connections.writing() as connection:
            connection.execute("DELETE FROM records")
            connection.execute(
                "INSERT INTO records VALUES (?, 0, 'evaluation', 0, NULL, ?)", (run, body)
            )
            connection.execute("UPDATE runs SET result = ? WHERE id = ?", (body, run))
        with pytest.raises(DataError, match="cannot be read"):
            store.records(run)
        with pytest.raises(DataError, match="cannot be read"):
            store.result(run)


def test_places_in_a_long_queue_are_those_of_each_run(store, monkeypatch):
    monkeypatch.setattr(queue, "tick", lambda store: [])
    runs = [store.create_run(stand_in.config()) for _ in range(5)]
    queue.stop(store, runs[1])
    queue.resume(store, runs[1])
    listed = {run.id: run.position for run in store.runs()}
    assert listed == {run: store.run(run).position for run in runs}
    assert [listed[run] for run in runs] == [1, 5, 2, 3, 4]
