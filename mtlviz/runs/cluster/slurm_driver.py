"""The driver: a process that gives the runs that wait for it to Slurm and answers their jobs.

    python -m mtlviz.runs.cluster.slurm_driver HOME NAME

A job that runs out of its time, or is preempted, saves a checkpoint and its run waits again; one
that is lost goes on from its last checkpoint in another job. Jobs outlive the driver: what they
have to say waits for the next one, which finds them by the folders they have.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtlviz import access
from mtlviz.errors import MtlvizError
from mtlviz.runs.cluster.drivers import (
    Deaths,
    be_driver,
    fail,
    give_until_none_waits,
    last_line,
    next_waiting,
)
from mtlviz.runs.cluster.far_worker import work_far
from mtlviz.runs.cluster.file_ask import FileAsk, answer_all
from mtlviz.runs.cluster.order import Order, order_of
from mtlviz.runs.cluster.sink import Sink, give_back
from mtlviz.runs.cluster.slurm_launcher import SlurmLauncher, SlurmPlace, jobs_folder
from mtlviz.runs.cluster.tables import packed, uploaded
from mtlviz.runs.failures import NoRun, StoreError, in_words
from mtlviz.runs.process import Identity, identity, is_alive, this_process
from mtlviz.runs.queue import LOG
from mtlviz.runs.source import Opening, training
from mtlviz.runs.store import Store
from mtlviz.runs.sweep.steering import Overseer
from mtlviz.runs.worker import Pace

if TYPE_CHECKING:
    from submitit import Job as Submitted

_log = logging.getLogger(__name__)
_MARK = "job"
"""The file by which a driver finds a job again."""
_KEPT = 2000
"""Characters of what a lost job said last that are kept in the run's log."""
_WHY = {
    "OUT_OF_MEMORY": "it ran out of memory", "TIMEOUT": "its time was over",
    "NODE_FAIL": "its machine was lost", "CANCELLED": "it was cancelled",
}  # fmt: skip
_DIED = "its process died or was killed"


@dataclass(frozen=True)
class Patience:
    """How long is waited.

    Attributes:
        answer_seconds: By a job for the driver's answer, before it gives up.
        silent_seconds: For a word of a run, before its job counts as lost.
        stop_seconds: For a run that was asked to stop, before its job is cancelled.
    """

    answer_seconds: float = 1800.0
    silent_seconds: float = 600.0
    stop_seconds: float = 120.0


@dataclass(frozen=True)
class Job:
    """A job of Slurm and the run that it works on.

    Attributes:
        run: Number of the run.
        token: The job's right to work on it.
        folder: Where it asks.
        submitted: The job, as submitit knows it.
        process: Its process, where it is one of this machine that an earlier driver began.
    """

    run: int
    token: str
    folder: Path
    submitted: Submitted
    process: Identity | None

    @property
    def over(self) -> bool:
        """Whether it has ended, as far as is known."""
        return self.submitted.done() if self.process is None else not is_alive(self.process)


class Driver:
    """Gives waiting runs to Slurm and notices what becomes of them.

    Args:
        store: The store.
        place: The cluster, and each run's share of it.
        opening: Makes the source of a run's records, in the job.
        pace: How often a job writes.
        patience: How long to wait.
    """

    pause_seconds = 0.2
    linger_seconds = 10.0

    def __init__(
        self,
        store: Store,
        place: SlurmPlace,
        *,
        opening: Opening = training,
        pace: Pace | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.store, self.place = store, place
        self._patience = patience or Patience()
        self._given = opening, pace or Pace(beat_seconds=2.0)
        self._sink = Sink(str(store.home), this_process())
        self._folder = jobs_folder(store, place.name)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._deaths = Deaths(store)
        self._unwanted: dict[int, float] = {}
        self._begun: set[str] = set()
        self._cancelled: set[int] = set()
        self.overseer = Overseer(store, SlurmLauncher(store, place.name))
        self.jobs = {job.run: job for job in self._found()}

    def step(self) -> bool:
        """Do what is to be done now; whether any run is with Slurm."""
        for job in self.jobs.values():
            self._answer(job)
        self._collect()
        self._cancel()
        self._fill()
        return bool(self.jobs)

    def _found(self) -> Iterator[Job]:
        """The jobs of a driver before this one; runs that were taken for broken off are theirs."""
        import submitit

        kinds = {"slurm": submitit.SlurmJob, "local": submitit.LocalJob}
        for mark in sorted(self._folder.glob(f"*/{_MARK}")):
            values = json.loads(mark.read_text(encoding="utf-8"))
            process = values.pop("process")
            submitted = kinds[self.place.cluster](mark.parent, values.pop("id"))
            given = None if process is None else Identity(**process)
            job = Job(**values, folder=mark.parent, submitted=submitted, process=given)
            _take_back(self.store, job, self.place.name)
            yield job

    def _collect(self) -> None:
        """Notice which jobs have ended, and how."""
        with self.store.connections.reading() as connection:
            query = "SELECT id, heartbeat FROM runs WHERE status = 'running'"
            running = dict(connection.execute(query))
        now = time.time()
        for job in list(self.jobs.values()):
            silent = now - running.get(job.run, now) > self._patience.silent_seconds
            if silent:
                job.submitted.cancel(check=False)
            if silent or job.over:
                self._answer(job)
                self._ended(job)

    def _answer(self, job: Job) -> None:
        if answer_all(job.folder, self._sink.ask):
            self._begun.add(job.token)

    def _ended(self, job: Job) -> None:
        """A job is over: if its run is not, let it wait again, but not for ever."""
        state = str(job.submitted.state).split()[0]
        _log.info("Run %s: job %s is over (%s)", job.run, job.submitted.job_id, state)
        lost = give_back(self.store, job.run, job.token)
        if lost or self._mine("status = 'queued'", [job.run]):
            self._tell(job)
            self._deaths.add(job.run, job.token, _WHY.get(state, _DIED))
        else:
            self._deaths.forget(job.run)
        self._forget(job)

    def _tell(self, job: Job) -> None:
        """Keep in the run's log what a lost job said last."""
        said = sorted(job.folder.glob("*_log.err"))
        if said and self.store.folder(job.run).is_dir():
            text = said[-1].read_text(encoding="utf-8", errors="replace")[-_KEPT:]
            with in_words(self.store.home), (self.store.folder(job.run) / LOG).open("a") as log:
                log.write(text)

    def _cancel(self) -> None:
        """Cancel jobs that nobody waits for, at once where they have not begun, else in a while."""
        wanted = self._mine("status IN ('queued', 'running') AND NOT stop_requested", self.jobs)
        now = time.monotonic()
        self._unwanted = {run: self._unwanted.get(run, now) for run in self.jobs.keys() - wanted}
        for run, since in self._unwanted.items():
            job = self.jobs[run]
            begun = job.token in self._begun or job.process is not None
            if now - since > self._patience.stop_seconds * begun and run not in self._cancelled:
                job.submitted.cancel(check=False)
                self._cancelled.add(run)

    def _mine(self, condition: str, runs: Iterable[int]) -> set[int]:
        """Those of these runs of which a condition holds; of thousands that wait none is read."""
        query = f"SELECT id FROM runs WHERE id = ? AND {condition}"
        with self.store.connections.reading() as connection:
            return {run for run in runs if connection.execute(query, (run,)).fetchone()}

    def _forget(self, job: Job) -> None:
        del self.jobs[job.run]
        self._begun.discard(job.token)
        self._cancelled.discard(job.run)
        shutil.rmtree(job.folder, ignore_errors=True)

    def _fill(self) -> None:
        """Give Slurm the runs that wait."""
        room = self.place.at_once - len(self.jobs)
        if room > 0:
            for run in next_waiting(self.store, self.place.name, room, self.jobs):
                self._give(run)

    def _give(self, run: int) -> None:
        token = uuid.uuid4().hex
        try:
            order = order_of(self.store, run, token, threads=self.place.cpus)
            self.jobs[run] = self._submitted(order)
        except NoRun:
            return
        except MtlvizError as error:
            fail(self.store, run, token, str(error))

    def _submitted(self, order: Order) -> Job:
        """Give a run to Slurm.

        Raises:
            StoreError: Slurm would not take it.
        """
        import submitit

        folder = self._folder / f"{order.run}-{order.token}"
        folder.mkdir(mode=0o700)
        answer = self._patience.answer_seconds
        try:
            executor = submitit.AutoExecutor(folder, cluster=self.place.cluster)
            executor.update_parameters(**_parameters(self.place))
            submitted = executor.submit(
                work_job, folder, answer, order, self._tables(order), *self._given
            )
        except Exception as error:
            _log.exception("Run %s", order.run)
            shutil.rmtree(folder, ignore_errors=True)
            raise StoreError(f"Slurm did not take the run: {last_line(error)}") from error
        here = self.place.cluster == "local"
        process = identity(int(submitted.job_id)) if here else None
        job = Job(order.run, order.token, folder, submitted, None)
        values = {"run": job.run, "token": job.token, "id": submitted.job_id,
                  "process": process and vars(process)}  # fmt: skip
        partial = folder / f".{_MARK}.partial"
        partial.write_text(json.dumps(values), encoding="utf-8")
        partial.replace(folder / _MARK)
        return job

    def _tables(self, order: Order) -> Mapping[str, bytes]:
        """The uploaded tables of a run that are still there."""
        places = {name: self.store.home / access.OWN_TASKS / name
                  for name in uploaded(order.config)}  # fmt: skip
        return {name: packed(place) for name, place in places.items() if place.is_dir()}


def _parameters(place: SlurmPlace) -> dict[str, Any]:
    """What submitit is told of a job."""
    found: dict[str, Any] = {
        "name": "mtlviz", "timeout_min": place.minutes, "cpus_per_task": place.cpus,
        "gpus_per_node": place.gpus,
    }  # fmt: skip
    own = {
        "mem_gb": place.memory, "slurm_partition": place.partition, "slurm_account": place.account
    }  # fmt: skip
    return found | {name: value for name, value in own.items() if value}


def work_job(  # noqa: PLR0913 (what a job is made of; each is pickled on its own)
    folder: Path,
    answer_seconds: float,
    order: Order,
    tables: Mapping[str, bytes],
    opening: Opening,
    pace: Pace,
) -> str:
    """Be a job: work on a run, asking the sink by files, until it ends or the time is over."""
    # Slurm says so before a job's time is over; SIGTERM is what saves a checkpoint and ends.
    signal.signal(signal.SIGUSR2, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    return work_far(FileAsk(folder, answer_seconds), order, tables, opening=opening, pace=pace)


def _take_back(store: Store, job: Job, name: str) -> None:
    """Let a job go on with its run, which was taken for broken off while no driver was there."""
    me = this_process()
    statement = (
        "UPDATE runs SET status = 'running', claim = ?, machine = ?, pid = ?, process_start = ?, "
        "heartbeat = ?, finished = NULL, error = NULL WHERE id = ? AND launcher = ? AND "
        "((status = 'interrupted' AND claim IS NULL) OR (status = 'running' AND claim = ?))"
    )
    values = (job.token, me.machine, me.pid, me.start, time.time(), job.run, name, job.token)
    store.connections.write_urgently(lambda connection: connection.execute(statement, values))


def drive(store: Store, place: SlurmPlace, **given: Any) -> None:
    """Give all waiting runs to Slurm until none is left.

    Args:
        store: The store.
        place: The cluster, and each run's share of it.
        given: What `Driver` takes beside these.
    """
    give_until_none_waits(store, place.name, "Slurm", lambda: Driver(store, place, **given))


def main(arguments: Sequence[str] | None = None, **given: Any) -> int:
    """Be the driver of a store, unless there is one."""
    return be_driver(
        "mtlviz.runs.cluster.slurm_driver", arguments,
        lambda store, name: drive(store, SlurmPlace.of(name), **given),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
