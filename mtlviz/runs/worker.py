"""The worker: an operating-system process that works on a run, one at a time.

    python -m mtlviz.runs.worker HOME RUN

It takes the run, trains, writes records, and leaves; nothing in it depends on who started it. After
a small run it goes on with the next one that waits, if that is small too: PyTorch is loaded once.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz import access
from mtlviz.engine.records import Record
from mtlviz.errors import CheckpointError, DamagedError, MtlvizError
from mtlviz.runs.checkpoints import (
    checkpoint_path,
    forget_half_written,
    forget_older,
    latest,
)
from mtlviz.runs.failures import DiskFull, LostRun, StoreError, is_full
from mtlviz.runs.lease import Hold, lease
from mtlviz.runs.queue import LOG, take_next, tick
from mtlviz.runs.recorder import BEAT_SECONDS, Recorder
from mtlviz.runs.results import RunResult, run_result
from mtlviz.runs.source import Opening, Source, training
from mtlviz.runs.stopping import Stopping
from mtlviz.runs.store import Store
from mtlviz.runs.summary import Status
from mtlviz.runs.sweep.marks import steered

if TYPE_CHECKING:
    from mtlviz.runs.sweep.steering import Overseer

_log = logging.getLogger(__name__)
_UNEXPECTED = "An unexpected error ended the run; its log says more."
_NOT_SAVED = "The checkpoint could not be written; the run's log says why."
# Saving may take about a twentieth of the time.
_SAVING_SHARE = 20
_OUTPUT, _ERRORS = 1, 2  # Numbers of a process's streams.


@dataclass(frozen=True)
class Pace:
    """How often a worker writes.

    Attributes:
        beat_seconds: Longest time that records wait before they are stored.
        checkpoint_seconds: Time between checkpoints; longer where saving takes long.
    """

    beat_seconds: float = BEAT_SECONDS
    checkpoint_seconds: float = 30.0


@dataclass(frozen=True)
class _Ending:
    status: Status
    error: str | None = None
    result: RunResult | None = None


def work(
    store: Store,
    run: int,
    *,
    opening: Opening = training,
    pace: Pace | None = None,
    on_record: Callable[[Record], None] | None = None,
) -> Status:
    """Take a waiting run and work on it until it has finished, failed or been stopped.

    Args:
        store: The store.
        run: Number of the run.
        opening: Makes the source of records; the engine's training by default.
        pace: How often to write.
        on_record: Told of every record, before it is stored.

    Returns:
        The run's new status.

    Raises:
        StoreError: If the run is not this process's to work on, or its end cannot be stored.
    """
    return work_on(lease(store, run), opening=opening, pace=pace, on_record=on_record)


def work_on(
    held: Hold,
    *,
    opening: Opening = training,
    pace: Pace | None = None,
    on_record: Callable[[Record], None] | None = None,
) -> Status:
    """Work on a run that is held until it has finished, failed or been stopped; see `work`."""
    pace = pace or Pace()
    stopping = Stopping()
    recorder = Recorder(held, stopping, pace.beat_seconds)
    try:
        with stopping.signals():
            ending = _guarded(held, recorder, opening, pace, on_record)
    finally:
        recorder.close()
    try:
        recorder.flush()
    except LostRun:
        raise
    except StoreError as error:
        ending = _Ending("failed", str(error))
    held.finish(ending.status, ending.error, ending.result)
    return ending.status


def _guarded(
    held: Hold,
    recorder: Recorder,
    opening: Opening,
    pace: Pace,
    on_record: Callable[[Record], None] | None,
) -> _Ending:
    """Follow the run, and turn what goes wrong into its last word."""
    try:
        return _followed(held, recorder, opening, pace, on_record)
    except LostRun:
        raise
    except MtlvizError as error:
        _log.error("%s", error)
        return _Ending("failed", str(error))
    except Exception:  # noqa: BLE001  whatever it was, the run must not be left as running
        _log.exception("The run failed")
        return _Ending("failed", _UNEXPECTED)


def _followed(
    held: Hold,
    recorder: Recorder,
    opening: Opening,
    pace: Pace,
    on_record: Callable[[Record], None] | None,
) -> _Ending:
    """Go on from the newest checkpoint to the run's end, or to where it is asked to stop."""
    forget_half_written(held.folder)
    before, checkpoint = latest(held.folder, held.length())
    try:
        with recorder.stopping.preparing():
            source = opening(held.config(), checkpoint)
    except KeyboardInterrupt:
        return _Ending("stopped")
    except DamagedError as error:
        raise CheckpointError(f"{error} {held.set_aside(checkpoint)}") from error
    # However it ends, nothing that trains beside this process may be left waiting.
    with closing(source):
        # What came after the checkpoint will come again, the same.
        held.cut(before)
        held.plan(source.planned, source.metrics, source.fingerprints)
        return _trained(held, recorder, source, pace, on_record)


def _trained(
    held: Hold,
    recorder: Recorder,
    source: Source,
    pace: Pace,
    on_record: Callable[[Record], None] | None,
) -> _Ending:
    """Store the records to come, and checkpoints now and then, to the end or a wish to stop."""
    due = time.monotonic() + pace.checkpoint_seconds
    for record in source.records():
        recorder.add(record)
        if on_record is not None:
            on_record(record)
        if recorder.stopping.asked.is_set():
            _save(held, recorder, source)
            return _Ending("stopped")
        if time.monotonic() >= due:
            spent = _save(held, recorder, source)
            due = time.monotonic() + max(pace.checkpoint_seconds, _SAVING_SHARE * spent)
    _save(held, recorder, source)
    forget_older(held.folder, keep=1)
    return _Ending("finished", result=_result(held, source))


def _save(held: Hold, recorder: Recorder, source: Source) -> float:
    """Store all records, then write a checkpoint; return the seconds it took."""
    began = time.monotonic()
    recorder.flush()
    held.sync()
    place = checkpoint_path(held.folder, held.length())
    try:
        source.save(place)
    except CheckpointError as error:
        # Its message names a folder of this machine, which is for the log alone.
        _log.error("%s", error)
        raise (DiskFull() if is_full(error) else StoreError(_NOT_SAVED)) from error
    held.saved(place)
    return time.monotonic() - began


def _result(held: Hold, source: Source) -> RunResult | None:
    """What the finished run has to say."""
    updates, recorded = held.so_far()
    return run_result(
        [task.name for task in held.config().data.tasks],
        source.metrics,
        recorded,
        updates=updates,
        seconds=source.seconds,
        probe_seconds=source.probe_seconds,
    )


def main(
    arguments: Sequence[str] | None = None, *, opening: Opening = training, pace: Pace | None = None
) -> int:
    """Work on one run; what is logged goes to the standard error stream, which is the run's log."""
    parser = argparse.ArgumentParser(prog="mtlviz.runs.worker", description="Work on one run.")
    parser.add_argument("home", help="home folder")
    parser.add_argument("run", type=int, help="number of the run")
    parser.add_argument("--checkpoint-seconds", type=float, metavar="S", help="between checkpoints")
    given = parser.parse_args(arguments)
    if given.checkpoint_seconds is not None:
        pace = Pace(checkpoint_seconds=given.checkpoint_seconds)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        store = Store(given.home)
        os.environ[access.HOME_FOLDER] = str(store.home)  # Own tasks are meant from there.
        access.choose(store.access(given.run))
        _work_on(store, given.run, opening, pace)
        # The next in the queue need not wait until somebody looks.
        tick(store)
    except MtlvizError as error:
        _log.error("%s", error)
        return 1
    store.close()
    return 0


def _work_on(store: Store, run: int, opening: Opening, pace: Pace | None) -> None:
    """Work on a run, and on those that may follow it in this process."""
    following: int | None = run
    overseer = None
    while following is not None:
        run = following
        overseer = overseer or _overseer(store)
        told = None if overseer is None else overseer.watcher(run)
        status = work(store, run, opening=opening, pace=pace, on_record=told)
        _log.info("Run %s: %s", run, status)
        if overseer := overseer or _overseer(store):
            overseer.step()
        following = take_next(store, run) if status == "finished" else None
        if following is not None:
            _log_into(store.folder(following), store.folder(run))


def _overseer(store: Store) -> Overseer | None:
    """What steers sweeps, which few workers need and which takes a second to load; else None."""
    if not steered(store):
        return None
    from mtlviz.runs.sweep.steering import Overseer

    return Overseer(store)


def _log_into(folder: Path, before: Path) -> None:
    """Let what this process says go to another run's log, where it goes to a run's log at all."""
    said = before / LOG
    if not said.exists() or not os.path.samestat(said.stat(), os.fstat(_ERRORS)):
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG).open("ab") as log:
        for stream in (_OUTPUT, _ERRORS):
            os.dup2(log.fileno(), stream)


if __name__ == "__main__":
    sys.exit(main())
