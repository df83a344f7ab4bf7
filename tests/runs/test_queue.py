import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from mtlviz.engine.presets import preset
from mtlviz.errors import ConfigError
from mtlviz.runs import machine_slots, process, queue
from mtlviz.runs.failures import StoreError
from mtlviz.runs.lease import lease
from mtlviz.runs.visitor_limits import LIMITS
from tests.runs import stand_in
from tests.runs.conftest import plain, stored, wait_for, wait_for_status


def expected(settings):
    return plain(stand_in.all_records(settings))


def change(store, run, **values):
    """Write columns of a run directly."""
    names = ", ".join(f"{name} = ?" for name in values)
    with store.connections.writing() as connection:
        connection.execute(f"UPDATE runs SET {names} WHERE id = ?", (*values.values(), run))


def test_visitors_take_turns_and_each_has_its_own_order(store, monkeypatch):
    monkeypatch.setenv("MTLVIZ_RUNS", "1")
    monkeypatch.setattr(queue, "_launch", lambda *given: None)
    first = queue.start_all(store, [stand_in.config()] * 4, "a")
    second = queue.start_all(store, [stand_in.config()] * 2, "b")
    shell = queue.start(store, stand_in.config())
    order = [second[0], shell, first[1], second[1], first[2], first[3]]
    waiting = {run.id: run.position for run in store.runs(("queued",))}
    assert waiting[second[0]] == 1
    assert waiting[shell] == 2
    assert sorted(waiting, key=waiting.get) == sorted(
        order, key=lambda run: store.run(run).position
    )
    begun = [first[0]]
    while len(begun) < 7:
        lease(store, begun[-1]).finish("finished")
        begun += queue.tick(store)
    assert begun[1:] == order


def test_what_waits_for_another_launcher_is_not_taken_and_takes_no_room(store, monkeypatch):
    monkeypatch.setattr(queue, "_launch", lambda *given: None)
    far = [store.create_run(stand_in.config(), launcher="elsewhere") for _ in range(3)]
    own = [store.create_run(stand_in.config()) for _ in range(3)]
    for run in far[:2]:
        lease(store, run)
    assert queue.tick(store) == own[:2]
    assert [store.run(run).position for run in (far[2], own[2])] == [None, 1]
    lease(store, own[0]).finish("failed")
    queue._queue_again(store, own[0], launcher="elsewhere")
    assert queue.tick(store) == [own[2]]
    assert store.run(own[0]).status == "queued"


def test_a_visitor_may_have_so_many_runs_waiting_and_is_told_how_many_do(store, monkeypatch):
    monkeypatch.setattr(queue, "tick", lambda store: [])
    monkeypatch.setenv(LIMITS, '{"waiting_runs": 3}')
    queue.start_all(store, [stand_in.config()] * 2, "a")
    with pytest.raises(ConfigError, match="At most 3 runs of yours may wait, and 2 do already"):
        queue.start_all(store, [stand_in.config()] * 2, "a")
    assert len(store.runs()) == 2
    queue.start_all(store, [stand_in.config()] * 3, "b")
    queue.start_all(store, [stand_in.config()] * 9)
    assert len(store.runs()) == 14


def test_a_run_of_one_thread_takes_one_core_and_a_larger_one_its_share(store, monkeypatch):
    for name in ("MTLVIZ_RUNS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(machine_slots, "cores", lambda: 4)
    begun = {}
    monkeypatch.setattr(queue, "_launch", lambda store, run, values: begun.update({run: values}))
    small = preset("default")
    large = small.changed_at("capacity.encoder", "lstm")
    assert (queue.at_once([small, small]), queue.at_once([small, large])) == (4, 2)
    runs = [store.create_run(each) for each in (large, small, small, small, large)]
    queue.tick(store)
    threads = [begun[run]["OMP_NUM_THREADS"] for run in runs if run in begun]
    assert threads == ["2", "1", "1"]
    lease(store, runs[0]).finish("finished")
    queue.tick(store)
    # The fourth has room; the last one, which takes half of the machine, waits.
    assert list(begun) == runs[:4]


def test_runs_begin_in_order_and_no_more_than_allowed(store, monkeypatch):
    monkeypatch.setenv("MTLVIZ_RUNS", "1")
    settings = stand_in.config(5)
    first, second, third = (queue.start(store, settings) for _ in range(3))
    assert [store.run(run).position for run in (first, second, third)] == [None, 1, 2]
    # The worker that leaves starts the next one: nobody needs to look.
    wait_for(lambda: store.run(third).status == "finished")
    runs = [store.run(run) for run in (first, second, third)]
    assert all(a.finished <= b.started for a, b in pairwise(runs))
    assert [stored(store, run) for run in (first, second, third)] == [expected(settings)] * 3


def test_many_that_tick_at_once_start_no_run_twice_and_no_more_than_allowed(store, monkeypatch):
    launched = []
    monkeypatch.setattr(queue, "_launch", lambda store, run, environment: launched.append(run))
    waiting = [store.create_run(stand_in.config()) for _ in range(5)]
    with ThreadPoolExecutor(8) as pool:
        started = [run for runs in pool.map(queue.tick, [store] * 16) for run in runs]
    assert sorted(started) == sorted(launched) == waiting[:2]
    with store.connections.reading() as connection:
        query = "SELECT slot FROM runs WHERE status = 'starting' ORDER BY slot"
        assert connection.execute(query).fetchall() == [(0,), (1,)]


def test_a_run_that_waits_leaves_the_queue_when_stopped(store, monkeypatch):
    monkeypatch.setenv("MTLVIZ_RUNS", "1")
    change(store, blocker := store.create_run(stand_in.config(), queued=False), slot=0)
    waiting, last = (queue.start(store, stand_in.config()) for _ in range(2))
    queue.stop(store, waiting)
    assert store.run(waiting).status == "stopped"
    assert store.run(last).position == 1
    with pytest.raises(StoreError, match=f"Run {waiting} is stopped; it cannot be stopped"):
        queue.stop(store, waiting)
    assert store.run(blocker).status == "starting"


def test_a_stopped_run_goes_on_as_if_nothing_had_happened(store):
    settings = stand_in.config(200, delay=0.01)
    run = queue.start(store, settings)
    wait_for(lambda: store.run(run).updates > 10)
    queue.stop(store, run)
    assert store.run(run).stop_requested
    wait_for_status(store, run, "stopped")
    assert 10 < store.run(run).updates < 200
    assert store.run(run).error is None
    change(store, run, config=stand_in.config(200).to_json())
    queue.resume(store, run)
    wait_for_status(store, run, "finished")
    assert stored(store, run) == expected(settings)
    with pytest.raises(StoreError, match=f"Run {run} is finished; only a run that was stopped"):
        queue.resume(store, run)


def test_retrying_begins_anew(store, monkeypatch):
    monkeypatch.setenv("MTLVIZ_RUNS", "1")
    settings = stand_in.config(10)
    run = store.create_run(settings)
    held = lease(store, run)
    held.append([stand_in.step(99, 0)])
    (held.folder / "checkpoint-1.safetensors").write_text("damaged")
    held.finish("failed", "something")
    queue.retry(store, run)
    assert store.run(run).error is None
    wait_for_status(store, run, "finished")
    assert stored(store, run) == expected(settings)


def test_a_run_whose_process_died_is_interrupted(store):
    run = store.create_run(stand_in.config())
    held = lease(store, run)
    queue.tick(store)
    assert store.run(run).status == "running"
    # A dead process whose number now belongs to another one: this one.
    change(store, run, process_start=process.this_process().start - 1)
    queue.tick(store)
    assert store.run(run).status == "interrupted"
    assert "died or was killed" in store.run(run).error
    with pytest.raises(StoreError, match="no longer"):
        held.append([])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_dead_process_that_nobody_collected_counts_as_dead():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    found = process.identity(child.pid)
    assert process.is_alive(found)
    child.kill()
    wait_for(lambda: process.is_alive(found) is False, seconds=5)
    child.wait()
    assert process.is_alive(found) is False


def test_a_process_of_another_machine_is_judged_by_its_heartbeat(store):
    run = store.create_run(stand_in.config())
    lease(store, run)
    change(store, run, machine="another", heartbeat=time.time() - 3)
    queue.tick(store)
    assert store.run(run).status == "running"
    change(store, run, heartbeat=time.time() - 8)
    queue.tick(store)
    assert store.run(run).status == "interrupted"


def test_a_run_whose_starter_died_before_starting_it_waits_again(store, monkeypatch):
    monkeypatch.setattr(queue, "_launch", lambda *_: None)
    run = queue.start(store, stand_in.config(3))
    assert store.run(run).status == "starting"
    queue.tick(store)
    assert store.run(run).status == "starting"
    queue.stop(store, run)
    change(store, run, heartbeat=time.time() - 6)
    queue.tick(store)
    # It was put back and reserved again; the wish to stop it was not forgotten.
    assert store.run(run).stop_requested
    change(store, run, heartbeat=time.time() - 6, stop_requested=0)
    monkeypatch.undo()
    monkeypatch.setenv("MTLVIZ_RUNS", "2")
    monkeypatch.setattr(queue, "WORKER", stand_in.COMMAND)
    wait_for_status(store, run, "finished")


def test_a_worker_that_cannot_begin_is_told(store, monkeypatch):
    monkeypatch.setattr(queue, "WORKER", (sys.executable, "-c", "raise SystemExit('no luck')"))
    run = queue.start(store, stand_in.config())
    wait_for_status(store, run, "interrupted")
    assert store.run(run).error == "Its process ended before it began; its log says more."
    assert "no luck" in store.log(run)
    monkeypatch.setattr(queue, "WORKER", ("/no/such/program",))
    queue.resume(store, run)
    assert store.run(run).status == "failed"
    assert "could not be started" in store.run(run).error


def test_a_worker_works_where_the_run_was_created(store, tmp_path, monkeypatch):
    code = "import os, pathlib; pathlib.Path('here').write_text('')"
    monkeypatch.setattr(queue, "WORKER", (sys.executable, "-c", code))
    (tmp_path / "work").mkdir()
    with monkeypatch.context() as moved:
        moved.chdir(tmp_path / "work")
        run = store.create_run(stand_in.config())
    queue.tick(store)
    wait_for_status(store, run, "interrupted")
    assert (tmp_path / "work" / "here").exists()


def test_of_two_workers_that_claim_one_run_exactly_one_wins(store):
    settings = stand_in.config(30, delay=0.01)
    run = store.create_run(settings)
    command = [*stand_in.COMMAND, str(store.home), str(run)]
    workers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [worker.communicate()[1] for worker in workers]
    assert sorted(worker.returncode for worker in workers) == [0, 1, 1]
    losers = [text for text, worker in zip(said, workers, strict=True) if worker.returncode]
    assert all("it does not wait for a worker." in text for text in losers)
    assert all("Traceback" not in text for text in losers)
    assert store.run(run).status == "finished"
    assert stored(store, run) == expected(settings)


def test_a_worker_outlives_the_process_that_started_it(store):
    run = store.create_run(stand_in.config(150, delay=0.01))
    code = (
        "import sys, os, signal; from tests.runs import stand_in; from mtlviz.runs import queue;"
        "from mtlviz.runs.store import Store; queue.WORKER = stand_in.COMMAND;"
        "queue.tick(Store(sys.argv[1])); os.killpg(os.getpid(), signal.SIGKILL)"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(store.home)],
        env={**os.environ, "PYTHONPATH": ":".join(path for path in sys.path if path)},
        start_new_session=True,
    )
    assert server.wait() == -signal.SIGKILL
    assert store.run(run).status in ("starting", "running")
    assert queue.tick(store) == []
    wait_for_status(store, run, "finished")
    assert len(stored(store, run)) == len(expected(store.config(run)))


def test_workers_share_the_machine(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,5")
    monkeypatch.delenv("MTLVIZ_RUNS", raising=False)
    monkeypatch.setattr(machine_slots, "cores", lambda: 8)
    assert machine_slots.run_limit() == 2
    given = [machine_slots.environment(slot, 2) for slot in (0, 1)]
    assert [values["CUDA_VISIBLE_DEVICES"] for values in given] == ["2", "5"]
    assert given[0]["OMP_NUM_THREADS"] == "4"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert machine_slots.run_limit() == 4
    monkeypatch.setenv("MTLVIZ_RUNS", "none")
    with pytest.raises(ConfigError, match="MTLVIZ_RUNS must be a whole number of at least 1"):
        machine_slots.run_limit()


def processes(store, *settings):
    """Queue these one after the other, wait for all, and tell in which process each ran."""
    runs = queue.start_all(store, settings)
    # Nobody else looks at the queue meanwhile: the worker's process goes on with it alone.
    wait_for(lambda: all(store.run(run).status in ("finished", "failed") for run in runs))
    return [store.run(run).pid for run in runs]


def test_small_runs_of_a_row_share_a_process_and_each_has_its_own_log(store, monkeypatch):
    monkeypatch.setenv("MTLVIZ_RUNS", "1")
    found = processes(store, *(stand_in.config(5, seed=seed) for seed in range(3)))
    assert len(set(found)) == 1
    assert [stored(store, run.id) for run in reversed(store.runs())] == [
        expected(stand_in.config(5, seed=seed)) for seed in range(3)
    ]
    logs = [store.log(run.id).strip().splitlines() for run in reversed(store.runs())]
    assert [len(log) for log in logs] == [1, 1, 1]
    assert [log[0].rpartition(" INFO ")[2] for log in logs] == [
        f"Run {number}: finished" for number in (1, 2, 3)
    ]


def test_a_run_after_one_that_failed_begins_in_a_process_of_its_own(store, monkeypatch):
    monkeypatch.setenv("MTLVIZ_RUNS", "1")
    first, second = processes(store, stand_in.config(5, wrong_at=3), stand_in.config(5))
    assert first != second


def test_large_runs_and_those_of_other_places_have_processes_of_their_own(
    store, tmp_path, monkeypatch
):
    small = stand_in.config(5)
    monkeypatch.setattr(queue, "tick", lambda store: [])
    large = small.with_values({"optimisation.compile": True})
    first, second, third = queue.start_all(store, [small, large, small])
    assert queue.take_next(store, first) == first  # It waits, and may follow a run like itself.
    assert queue.take_next(store, first) is None
    queue.stop(store, second)
    with store.connections.writing() as connection:
        change = "UPDATE runs SET directory = ? WHERE id = ?"
        connection.execute(change, (str(tmp_path), third))
    assert queue.take_next(store, first) is None
    assert store.run(third).status == "queued"
