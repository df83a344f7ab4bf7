"""How far a sweep is: what its runs do, and how long the rest is likely to take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mtlviz.runs.machine_slots import run_limit
from mtlviz.runs.store import Store
from mtlviz.runs.summary import RunSummary
from mtlviz.runs.sweep.stored import RUN, StoredSweep


@dataclass(frozen=True)
class SweepState:
    """How far a sweep is.

    Attributes:
        finished: Runs that are done.
        waiting: Runs in the queue.
        active: Runs at work.
        ended: Runs stopped or broken off, but for those of settings that were given up.
        failed: Runs that failed.
        reason: Why the first of them did; empty without one.
        missing: Runs that are still to be begun.
        given_up: Settings stopped early.
        share: Share of the work that is done, between 0 and 1.
        seconds_left: About how long it will take; None before a run has finished.
        stopped: Whether a person stopped it.
    """

    finished: int
    waiting: int
    active: int
    ended: int
    failed: tuple[int, ...]
    reason: str
    missing: int
    given_up: int
    share: float
    seconds_left: float | None
    stopped: bool

    @property
    def going(self) -> bool:
        """Whether more is to come of it without anybody's doing."""
        return bool(self.waiting or self.active)

    @property
    def done(self) -> int:
        """Runs that `word` counts: those that are done, or that failed where all did."""
        return len(self.failed) if self.word == "failed" else self.finished

    @property
    def word(self) -> str:
        """What it does, in a word."""
        if self.going:
            return "stopping" if self.stopped else "running"
        if self.failed:
            rest = self.finished or self.ended or self.missing
            return "failed in part" if rest else "failed"
        if self.ended or (self.stopped and self.missing):
            return "stopped"
        return "not begun" if self.missing else "finished"


def sweep_runs(store: Store, sweep: StoredSweep) -> dict[int, RunSummary]:
    """Its runs that are still there, by number."""
    return runs_of(sweep, store.runs())


def runs_of(sweep: StoredSweep, runs: Iterable[RunSummary]) -> dict[int, RunSummary]:
    """Those of these runs that are its own, by number."""
    numbers = sweep.numbers()
    return {run.id: run for run in runs if run.id in numbers}


def sweep_state(sweep: StoredSweep, runs: Mapping[int, RunSummary]) -> SweepState:
    """How far a sweep is.

    Args:
        sweep: The sweep.
        runs: Its runs that are still there, by number.
    """
    going = sweep.going_on()
    kept = [run for number, run in runs.items() if number in going]
    many = Counter(run.status for run in kept)
    failed = sorted((run for run in kept if run.status == "failed"), key=lambda run: run.id)
    asked = [(RUN, *each) for each in sweep.wanted()]
    missing = sum(sweep.study.runs.get(role) not in runs for role in asked)
    missing += sweep.to_come * len(sweep.seeds)
    active = many["starting"] + many["running"]
    open_runs = many["queued"] + active + missing
    whole = len(kept) + missing
    return SweepState(
        many["finished"], many["queued"], active,
        many["stopped"] + many["interrupted"], tuple(run.id for run in failed),
        failed[0].error or "the reason is not known." if failed else "", missing,
        len(sweep.given_up), sum(run.share for run in kept) / whole if whole else 0.0,
        # More than the usual places are given to small runs.
        _left(kept, open_runs, active if sweep.launcher else max(active, run_limit())),
        sweep.stopped,
    )  # fmt: skip


def _left(runs: list[RunSummary], still: int, at_once: int) -> float | None:
    """Seconds that the runs still open need, as long each as those that are done."""
    spent = [run.finished - run.started for run in runs
             if run.status == "finished" and run.started and run.finished]  # fmt: skip
    if not spent or not still:
        return None if still else 0.0
    begun = sum(run.share for run in runs if run.active)
    return (still - begun) * sum(spent) / len(spent) / max(1, min(at_once, still))
