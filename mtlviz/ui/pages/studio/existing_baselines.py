"""Which tasks are trained alone already, as far as a run that has not read its data can know."""

import math
from collections.abc import Iterable

from mtlviz.engine.config import RunConfig
from mtlviz.errors import MtlvizError
from mtlviz.runs.plan_runs import Planned, needed, planned
from mtlviz.runs.single_task import TaskSignature, baselines
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_estimates, run_records, scored_runs
from mtlviz.ui.core.scored_runs import Known
from mtlviz.ui.pages.studio import problems
from mtlviz.ui.pages.studio.settings import REPEATS, RUN

_STATUSES = ("queued", "starting", "running", "finished")


def to_begin(config: RunConfig) -> tuple[list[RunConfig], int]:
    """The runs that Start begins now, and how many it leaves out because they are there.

    Raises:
        MtlvizError: If the scheduler cannot work with these settings, or the store be used.
    """
    runs = _planned(config)
    if len(runs) == REPEATS.now.seeds:
        return [each.config for each in runs], 0
    wanted = needed(runs, existing_baselines(runs))
    return wanted, len(runs) - len(wanted)


def how_many(config: RunConfig) -> tuple[int, int]:
    """How many runs Start begins, and how many it leaves out; settings may still be wrong."""
    if not REPEATS.now.alone:
        return REPEATS.now.seeds, 0
    try:
        wanted, left_out = to_begin(config)
    except MtlvizError:
        return REPEATS.now.seeds, 0
    return len(wanted), left_out


def _planned(config: RunConfig) -> list[Planned]:
    """The runs that Start would begin if the store were empty."""
    facts = problems.facts(config) if REPEATS.now.alone else None
    if facts is None:
        return planned(config, RUN.preset, REPEATS.now.seeds, None)
    return run_estimates.planned_alone(config, RUN.preset, REPEATS.now.seeds, facts)


def existing_baselines(runs: Iterable[Planned]) -> frozenset[TaskSignature]:
    """Signatures, before reading, of the tasks alone that need not be trained again.

    Compare pairs runs by the examples that they read. Nobody knows them before, so what is stored
    counts where it is known what it has read, and no file of the task has changed since.

    Args:
        runs: The runs planned.

    Raises:
        StoreError: If the store cannot be used.
    """
    read = _last_read()
    return frozenset(
        each.baseline
        for each in runs
        if each.baseline is not None
        and read.get(each.baseline, -math.inf) >= run_estimates.last_change(each.config.data)
    )


def _last_read() -> dict[TaskSignature, float]:
    """When each task alone was last read, by its signature before; those to be read are to come."""
    known, _ = scored_runs.readable(run_records.store().runs(_STATUSES))
    found: dict[TaskSignature, float] = {}
    for run in known:
        for mark in _marks(run) if run.is_alone else ():
            when = math.inf if mark.data is None else _began(run.summary)
            plain = mark.before_reading()
            found[plain] = max(when, found.get(plain, -math.inf))
    return found


def _marks(run: Known) -> list[TaskSignature]:
    """What a run is, or will be, a baseline for."""
    if run.summary.status != "finished":
        return scored_runs.planned_marks(run)
    found = baselines([(scored_runs.outcome(run), "alone", scored_runs.marks(run))])["alone"]
    return [mark for mark in found if mark.data is not None]


def _began(run: RunSummary) -> float:
    return run.created if run.started is None else run.started
