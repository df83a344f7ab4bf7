import errno
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.errors import CheckpointError
from mtlviz.runs import queue, rows, worker
from mtlviz.runs.checkpoints import (
    checkpoint_path,
    checkpoints,
    forget_half_written,
    forget_older,
    latest,
)
from mtlviz.runs.failures import StoreError
from mtlviz.runs.lease import lease
from mtlviz.runs.recorder import Recorder
from mtlviz.runs.stopping import Stopping
from tests.runs import stand_in
from tests.runs.conftest import plain, stored, wait_for, wait_for_status

QUICK = worker.Pace(beat_seconds=0.05, checkpoint_seconds=0.1)


def worked(store, settings, **how):
    run = store.create_run(settings, queued=False)
    return run, worker.work(store, run, opening=stand_in.opening, pace=QUICK, **how)


def test_a_finished_run_has_all_records_a_result_and_one_checkpoint(store):
    settings = stand_in.config(30)
    seen = []
    run, status = worked(store, settings, on_record=seen.append)
    assert status == store.run(run).status == "finished"
    assert stored(store, run) == plain(seen) == plain(stand_in.all_records(settings))
    assert store.run(run).planned == store.run(run).updates == 30
    assert store.run(run).metrics == ("accuracy", "accuracy")
    result = store.result(run)
    assert result.tasks == ("first", "second")
    assert result.scores == pytest.approx((30 / 31, 30 / 31))
    assert result.best_update == 30
    assert result.notes == ("Nothing leaks.",)
    assert list(checkpoints(store.folder(run))) == [len(seen)]


def test_a_wrong_input_fails_the_run_with_its_sentence(store):
    run, status = worked(store, stand_in.config(30, wrong_at=20))
    assert (status, store.run(run).error) == ("failed", "The second table has no labels.")
    # What was recorded before is kept.
    assert len(store.records(run)) == 20


def test_an_unexpected_error_is_kept_from_people_and_stands_in_the_log(store, caplog):
    run, status = worked(store, stand_in.config(30, broken_at=20))
    assert status == "failed"
    assert store.run(run).error == "An unexpected error ended the run; its log says more."
    assert "secret detail" in caplog.text


def test_a_damaged_checkpoint_fails_the_run_and_retrying_helps(store):
    settings = stand_in.config(30)
    run = store.create_run(settings)
    held = lease(store, run)
    held.append([stand_in.step(0, 0)])
    (held.folder / "checkpoint-1.safetensors").write_text("damaged")
    held.finish("interrupted")
    queue._queue_again(store, run)
    assert worker.work(store, run, opening=stand_in.opening) == "failed"
    assert store.run(run).error.startswith("The checkpoint is damaged. It was set aside; there is")
    assert len(store.records(run)) == 1
    queue._queue_again(store, run, anew=True)
    assert worker.work(store, run, opening=stand_in.opening) == "finished"
    assert stored(store, run) == plain(stand_in.all_records(settings))


def test_the_checkpoint_before_a_damaged_one_is_offered_and_used(store):
    settings = stand_in.config(30)
    run = store.create_run(settings)
    held = lease(store, run)
    everything = list(stand_in.all_records(settings))
    held.append(everything[:20])
    stand_in.StandIn(settings, 10).save(checkpoint_path(held.folder, 10))
    checkpoint_path(held.folder, 20).write_text("damaged")
    held.finish("interrupted")
    queue._queue_again(store, run)
    assert worker.work(store, run, opening=stand_in.opening) == "failed"
    assert "resume once more to go on from the checkpoint before it" in store.run(run).error
    assert stored(store, run) == plain(everything[:20])
    queue._queue_again(store, run)
    made = []
    assert worker.work(store, run, opening=stand_in.opening, on_record=made.append) == "finished"
    assert plain(made) == plain(everything[10:])
    assert stored(store, run) == plain(everything)


def test_the_checkpoint_before_the_newest_is_kept_until_the_run_has_finished(store):
    seen = []

    def look(record):
        seen.append(len(checkpoints(store.folder(1))))

    worked(store, stand_in.config(60, delay=0.01), on_record=look)
    assert max(seen) == 2
    assert len(checkpoints(store.folder(1))) == 1


def test_records_after_the_last_checkpoint_are_made_again_not_twice(store):
    settings = stand_in.config(40)
    run = store.create_run(settings)
    held = lease(store, run)
    held.append(list(stand_in.all_records(settings))[:30])
    stand_in.StandIn(settings, 10).save(checkpoint_path(held.folder, 10))
    held.finish("interrupted")
    queue._queue_again(store, run)
    made = []
    assert worker.work(store, run, opening=stand_in.opening, on_record=made.append) == "finished"
    everything = plain(stand_in.all_records(settings))
    assert plain(made) == everything[10:]
    assert stored(store, run) == everything


def test_a_checkpoint_ahead_of_the_records_is_not_used(tmp_path):
    for records in (100, 200):
        (tmp_path / f"checkpoint-{records}.safetensors").write_text("")
    (tmp_path / ".checkpoint-300.safetensors.1.partial").write_text("")
    assert latest(tmp_path, 250)[0] == 200
    assert latest(tmp_path, 199)[0] == 100
    assert latest(tmp_path, 99) == (0, None)


def test_stopping_and_going_on_again_and_again_changes_nothing(store):
    settings = stand_in.config(60)
    run, status = worked(store, settings, on_record=stops(store, 7))
    for update in (8, 9, 25, 59):
        assert status == "stopped"
        queue._queue_again(store, run)
        status = worker.work(
            store, run, opening=stand_in.opening, pace=QUICK, on_record=stops(store, update)
        )
    queue._queue_again(store, run)
    assert worker.work(store, run, opening=stand_in.opening) == "finished"
    assert stored(store, run) == plain(stand_in.all_records(settings))


def stops(store, update):
    """Something told of records that asks the running run to stop at this update."""

    def on_record(record):
        if record.kind == "step" and record.update == update:
            run = store.runs(("running",))[0].id
            queue.stop(store, run)
            wait_for_beat = threading.Event()
            # The wish is heard at the next beat.
            wait_for_beat.wait(3 * QUICK.beat_seconds)

    return on_record


def test_records_are_stored_while_training_is_silent(store):
    held = lease(store, store.create_run(stand_in.config()))
    recorder = Recorder(held, Stopping(), 0.05)
    recorder.add(stand_in.step(0, 0))
    wait_for(lambda: held.length() == 1, seconds=3)
    beat = store.run(held.run).heartbeat
    wait_for(lambda: store.run(held.run).heartbeat > beat, seconds=3)
    recorder.close()


def test_what_the_pen_cannot_write_is_told_to_the_training_and_kept(store, monkeypatch):
    held = lease(store, store.create_run(stand_in.config()))
    recorder = Recorder(held, Stopping(), 0.02)
    with monkeypatch.context() as broken:
        broken.setattr(rows, "append", lambda *_: 1 / 0)
        recorder.add(stand_in.step(0, 0))
        wait_for(lambda: recorder._failure is not None, seconds=3)
        with pytest.raises(ZeroDivisionError):
            recorder.add(stand_in.step(0, 1))
    recorder.flush()
    recorder.close()
    assert [record.update for _, record in store.records(held.run)] == [0, 1]


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "The disk that holds",
        ),
        (ValueError("No space left on device (os error 28)"), "The disk that holds"),
        (OSError(errno.EIO, "Input/output error"), "could not be written; the run's log says why"),
    ],
)
def test_a_checkpoint_that_cannot_be_written_costs_no_record(store, monkeypatch, cause, said):
    def save(self, path):
        raise CheckpointError(f"Cannot write the checkpoint {path}.") from cause

    monkeypatch.setattr(stand_in.StandIn, "save", save)
    run = store.create_run(stand_in.config(30))
    assert worker.work(store, run, opening=stand_in.opening) == "failed"
    assert said in store.run(run).error
    assert str(store.home) not in store.run(run).error
    assert store.run(run).updates == 30


def test_only_what_a_killed_process_left_is_swept_away(tmp_path):
    for name in (
        "checkpoint-1.safetensors",
        "checkpoint-20.safetensors",
        "checkpoint-3.safetensors",
    ):
        (tmp_path / name).write_text("")
    (tmp_path / ".embeddings-4.npz.1.partial").write_text("")
    forget_older(tmp_path)
    # Another thread may be writing embeddings at this very moment.
    assert {path.name for path in tmp_path.iterdir()} == {
        "checkpoint-20.safetensors",
        ".embeddings-4.npz.1.partial",
    }
    forget_half_written(tmp_path)
    assert list(checkpoints(tmp_path)) == [20]


def test_a_worker_taken_for_dead_stops_writing(store):
    run = store.create_run(stand_in.config(500, delay=0.005))

    def lose(record):
        if record.kind == "step" and record.update == 5:
            with store.connections.writing() as connection:
                connection.execute("UPDATE runs SET status = 'queued', claim = NULL")

    with pytest.raises(StoreError, match="no longer this process's"):
        worker.work(store, run, opening=stand_in.opening, pace=QUICK, on_record=lose)
    assert store.run(run).status == "queued"


def test_a_polite_kill_saves_and_stops(store):
    run = store.create_run(stand_in.config(500, delay=0.01), queued=False)
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    def terminate(record):
        if record.kind == "step" and record.update == 5:
            os.kill(os.getpid(), signal.SIGTERM)

    status = worker.work(store, run, opening=stand_in.opening, pace=QUICK, on_record=terminate)
    assert status == store.run(run).status == "stopped"
    assert len(checkpoints(store.folder(run))) == 1
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


@pytest.mark.parametrize("wish", ["store", "signal"])
def test_a_run_that_still_prepares_stops_at_once(store, wish):
    run, prepared = store.create_run(stand_in.config(), queued=False), []

    def endless(settings, checkpoint):
        if wish == "store":
            queue.stop(store, run)
        else:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(120)
        prepared.append(True)

    assert worker.work(store, run, opening=endless, pace=QUICK) == "stopped"
    assert not prepared
    assert store.run(run).status == "stopped"


def test_a_worker_never_imports_the_app_and_claims_before_it_imports_torch():
    code = (
        "import sys; import mtlviz.runs.worker;"
        "assert not {'streamlit', 'plotly', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def tiny(**optimisation):
    """Settings of a real training of a second."""
    tasks = tuple(
        TaskConfig(name=name, train_examples=40, dev_examples=20) for name in ("one", "two")
    )
    return RunConfig(
        name="tiny",
        data=DataConfig(tasks=tasks, batch_size=8),
        capacity=CapacityConfig(width=8, vector_width=8),
        optimisation=OptimisationConfig(epochs=4, combiner="pcgrad", **optimisation),
        probes=ProbeConfig(evaluate_every=5, embeddings_every=7, embeddings_examples=5),
        device="cpu",
    )


def test_real_training_stopped_and_resumed_equals_uninterrupted_training(store):
    straight, broken = store.create_run(tiny()), store.create_run(tiny())
    assert worker.work(store, straight, pace=QUICK) == "finished", store.run(straight).error
    assert worker.work(store, broken, pace=QUICK, on_record=stops(store, 11)) == "stopped"
    queue._queue_again(store, broken)
    assert worker.work(store, broken, pace=QUICK) == "finished"
    assert len(stored(store, straight)) > 20
    assert stored(store, broken) == stored(store, straight)
    assert store.result(straight).metrics == store.run(straight).metrics


@pytest.mark.slow
def test_real_training_killed_and_resumed_equals_uninterrupted_training(store, monkeypatch):
    command = (sys.executable, "-m", "mtlviz.runs.worker", "--checkpoint-seconds", "0.5")
    monkeypatch.setattr(queue, "WORKER", command)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    settings = tiny(max_updates=600).changed_at("optimisation.epochs", 200)
    straight, broken = queue.start(store, settings), queue.start(store, settings)
    wait_for(lambda: checkpoints(store.folder(broken)) and store.run(broken).updates > 100, 60)
    os.kill(store.run(broken).pid, signal.SIGKILL)
    wait_for_status(store, broken, "interrupted")
    assert 100 < store.run(broken).updates < 600
    queue.resume(store, broken)
    for run in (straight, broken):
        wait_for_status(store, run, "finished", seconds=120)
    assert store.run(straight).updates == 600
    assert stored(store, broken) == stored(store, straight)
    assert store.result(broken).scores == store.result(straight).scores
