"""Which runs need not be trained again, as far as a run that has not read its data can know."""

import math
from collections.abc import Iterable

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.runs.family import SEEDS
from mtlviz.runs.plan_runs import Planned, needed, repeated
from mtlviz.runs.single_task import TaskSignature, baselines
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_estimates, run_records, scored_runs
from mtlviz.ui.core.scored_runs import Known

_STATUSES = ("queued", "starting", "running", "finished")


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


def missing_runs(config: RunConfig, seeds: int, facts: DataFacts | None = None) -> list[RunConfig]:
    """What is to be trained yet of a run, so many seeds of it, and each task alone.

    Args:
        config: The run of the first seed.
        seeds: How many seeds.
        facts: The data of its tasks; None to count it now.

    Raises:
        MtlvizError: If the data cannot be read, or the store not be used.
    """
    return missing_of(config, repeated(config, seeds, facts or run_estimates.facts(config.data)))


def missing_of(config: RunConfig, runs: list[Planned]) -> list[RunConfig]:
    """What is to be trained yet of seeds of a run and its tasks alone.

    Args:
        config: The run; its own seed does not count.
        runs: The runs planned.

    Raises:
        StoreError: If the store cannot be used.
    """
    wanted, there = needed(runs, existing_baselines(runs)), existing_together(config)
    return [each for each in wanted if len(each.data.tasks) == 1 or each.seed not in there]


def existing_together(config: RunConfig) -> set[int]:
    """The seeds with which a run was trained or will be, its files being as they are now.

    Args:
        config: The run; its own seed does not count.

    Raises:
        StoreError: If the store cannot be used.
    """
    mark, change = SEEDS.mark(config), run_estimates.last_change(config.data)
    known, _ = scored_runs.readable(run_records.store().runs(_STATUSES))
    return {
        run.config.seed
        for run in known
        if not run.is_alone
        and run.summary.recorded is None
        and len(run.config.data.tasks) == len(config.data.tasks)
        and SEEDS.mark(run.config) == mark
        and (run.summary.pending or _began(run.summary) >= change)
    }
