"""What the store of runs holds, read once for all visitors and anew when a run has changed."""

import math
import os
import threading
import time
from collections.abc import Iterable
from functools import partial

from mtlviz.access import HOME_FOLDER, home_place
from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import EvalRecord, Note, PhaseRecord, Record
from mtlviz.runs import queue
from mtlviz.runs.results import RunResult
from mtlviz.runs.steps import Steps
from mtlviz.runs.store import Store
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import class_mode
from mtlviz.ui.core.memo import Memo

_STORES, _CONFIGS, _STEPS, _TOLD = Memo(8), Memo(256), Memo(64), Memo(256)
_RESULTS = Memo(2000)
_TICK_SECONDS = 0.8
_TICKED: dict[str, float] = {}
_TICKING = threading.Lock()


def store() -> Store:
    """The store of runs of this server, one for all visitors.

    Raises:
        StoreError: If the home folder cannot be used.
    """
    home = _home()
    return _STORES.once(home, (), lambda: Store(home or None))


def _home() -> str:
    """The home folder as asked for, empty for the user's own; the store tries it, once.

    A class has one of its own inside it: what the teacher has trained is nobody's there to see,
    to stop or to begin.
    """
    return str(home_place() / "class") if class_mode.is_on() else os.environ.get(HOME_FOLDER, "")


def tick() -> None:
    """Let waiting runs begin and notice dead ones; for a class of thirty once a second is enough.

    Raises:
        StoreError: If the store cannot be used.
    """
    home, now = _home(), time.monotonic()
    with _TICKING:
        if now - _TICKED.get(home, -math.inf) < _TICK_SECONDS:
            return
        _TICKED[home] = now
    queue.tick(store())


def steps(run: RunSummary, tasks: int, most: int) -> Steps:
    """The steps of a run, thinned to about `most`; read once for all who watch.

    Records are dropped where a run is resumed, which changes its edition and so renews this.
    """
    points = thinned(run.updates, tasks, most)
    name, version = (*name_of(run), tasks, most), (run.edition, run.updates)
    return _STEPS.once(name, version, lambda: store().steps_array(run.id, max_points=points))


def name_of(run: RunSummary) -> tuple[str, int, float]:
    """What tells a run from every other one, also of another home."""
    return _home(), run.id, run.created


def thinned(updates: int, tasks: int, most: int) -> int | None:
    """How many steps to ask the store for, so that tasks that take turns are all among them.

    Every second update of two tasks in turn would show one task alone: the distance between two
    kept updates must have no factor in common with the number of tasks.

    Returns:
        The number of steps, or None for all.
    """
    stride = -(-updates // most)
    if stride <= 1:
        return None
    while math.gcd(stride, tasks) > 1 or -(-updates // -(-updates // stride)) != stride:
        stride += 1
    return -(-updates // stride)


def evaluations(run: RunSummary) -> list[EvalRecord]:
    """The development scores of a run so far, oldest first."""
    return [record for record in _told(run) if isinstance(record, EvalRecord)]


def phases(run: RunSummary) -> list[PhaseRecord]:
    """The phases of a run that have begun, in order; none for a run without phases."""
    return [record for record in _told(run) if isinstance(record, PhaseRecord)]


def notes(run: RunSummary) -> list[Note]:
    """What a person should know about a run, oldest first."""
    return [record for record in _told(run) if isinstance(record, Note)]


def _told(run: RunSummary) -> list[Record]:
    version = (run.edition, run.updates, run.status)
    return _TOLD.once(name_of(run), version, lambda: _read(run.id))


def _read(run: int) -> list[Record]:
    return [record for _, record in store().records(run, kinds=("evaluation", "note", "phase"))]


def results(runs: Iterable[RunSummary]) -> dict[int, RunResult]:
    """The results of those runs that are finished, by number."""
    found = {
        run.id: _RESULTS.once(name_of(run), run.edition, partial(store().result, run.id))
        for run in runs
        if run.status == "finished"
    }
    return {run: result for run, result in found.items() if result is not None}


def run_config(run: RunSummary) -> RunConfig:
    """The settings of a run.

    Raises:
        ConfigError: If a newer mtlviz wrote them.
    """
    return _CONFIGS.once(name_of(run), run.name, lambda: store().config(run.id))
