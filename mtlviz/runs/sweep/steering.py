"""Acting on what the runs of a sweep score: what falls behind is stopped, what is next begins.

Who watches a sweep steers it, and so do the workers of the queue of this machine: after every run,
and when their run has passed a rung. A sweep therefore goes its way when nobody looks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from mtlviz.engine.records import EvalRecord, Record
from mtlviz.errors import MtlvizError
from mtlviz.runs.launcher import Launcher, LocalQueue
from mtlviz.runs.recorder import BEAT_SECONDS
from mtlviz.runs.store import Store
from mtlviz.runs.sweep.halving import Halving, rungs
from mtlviz.runs.sweep.marks import mark, steered
from mtlviz.runs.sweep.runs import begin_missing
from mtlviz.runs.sweep.state import sweep_runs
from mtlviz.runs.sweep.stored import stored_sweep

_log = logging.getLogger(__name__)
# By then what was recorded is stored.
_STORED_SECONDS = 2 * BEAT_SECONDS


class Steering:
    """Steers a sweep; remembers scores that will not change.

    Args:
        store: The store.
        number: Number of the sweep.
    """

    def __init__(self, store: Store, number: int) -> None:
        self.store, self.number = store, number
        self._halving = Halving(store, number)

    def step(self, launcher: Launcher) -> bool:
        """Give up what has fallen behind and store what comes next; whether anything did.

        Raises:
            MtlvizError: If the store or the data cannot be used, or what it needs is not installed.
        """
        sweep = stored_sweep(self.store, self.number)
        gone = self._halving.step(launcher)
        new = False
        if sweep.to_come and not sweep.stopped:
            new = len(begin_missing(self.store, self.number, launcher.name).settings) > len(
                sweep.settings
            )
        return bool(gone) or new


class Overseer:
    """Steers the sweeps of a launcher from within its workers, or the process that starts them.

    Args:
        store: The store.
        launcher: The launcher; the queue of this machine by default.
    """

    def __init__(self, store: Store, launcher: Launcher | None = None) -> None:
        self.store, self._launcher = store, launcher or LocalQueue(store)
        self._steerings: dict[int, Steering] = {}

    def step(self) -> None:
        """Steer every sweep that needs it. What goes wrong is logged: no run ends by it."""
        for number in steered(self.store):
            try:
                self._step(number)
            except MtlvizError as error:
                _log.warning("Sweep %s: %s", number, error)

    def _step(self, number: int) -> None:
        sweep = stored_sweep(self.store, number)
        if sweep.launcher != self._launcher.name:
            return  # Its launcher's process does.
        steering = self._steerings.setdefault(number, Steering(self.store, number))
        steering.step(self._launcher)
        runs = sweep_runs(self.store, sweep).values()
        if not sweep.to_come and not any(run.pending for run in runs):
            mark(self.store, number, None)

    def watcher(self, run: int) -> Callable[[Record], None] | None:
        """What is to be told of every record of a run, so that rungs are noticed, if any are."""
        shares = {share for each in steered(self.store).values() if each for share in rungs(each)}
        return _Rungs(self, run, shares).told if shares else None


class _Rungs:
    """Notices when a run has been scored at a rung."""

    def __init__(self, overseer: Overseer, run: int, shares: set[float]) -> None:
        self._overseer, self._run, self._left = overseer, run, shares
        self._planned: int | None = None
        self._due: float | None = None

    def told(self, record: Record) -> None:
        """Look at a record; some moments after a rung, steer."""
        if isinstance(record, EvalRecord):
            self._planned = self._planned or self._overseer.store.run(self._run).planned
            passed = {s for s in self._left if record.update >= s * (self._planned or float("inf"))}
            if passed:
                self._left -= passed
                self._due = time.monotonic() + _STORED_SECONDS
        if self._due is not None and time.monotonic() >= self._due:
            self._due = None
            self._overseer.step()
