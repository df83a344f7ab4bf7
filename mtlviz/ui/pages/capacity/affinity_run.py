"""What the affinity view knows of a run: its other seeds, their affinities, measured transfer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.affinity import Affinity, average_affinity
from mtlviz.engine.measures.grouping import Grouping, suggested_grouping
from mtlviz.errors import MtlvizError
from mtlviz.runs import affinity_study
from mtlviz.runs.affinity_study import Group, Measured
from mtlviz.runs.study import PairedRuns
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.scored_runs import Known, readable

_AFFINITIES, _GROUPINGS, _RELATIVES = Memo(64), Memo(64), Memo(64)


@dataclass(frozen=True, eq=False)
class AffinityRun:
    """A run with affinities, its relatives, and what they say. K tasks, T measurements.

    Attributes:
        run: Number of the run.
        tasks: Names of its tasks, (K,).
        runs: Numbers of the runs whose affinities are averaged: one for each seed.
        updates: Updates at which they were taken, (T,).
        measured: Their affinities, (T, K, K) each.
        average: Their average.
        grouping: The suggestion; None where there can be none.
        problem: Why there is none; empty if there is one.
        transfers: Measured transfer.
        metrics: What each task is scored by, (K,).
        drawn_anew: Numbers of runs whose tasks have the same names and other examples.
    """

    run: int
    tasks: list[str]
    runs: list[int]
    updates: NDArray[np.int64]
    measured: list[NDArray[np.float64]]
    average: Affinity
    grouping: Grouping | None
    problem: str
    transfers: list[Measured]
    metrics: tuple[str, ...] = ()
    drawn_anew: tuple[int, ...] = ()


def with_affinity() -> dict[int, str]:
    """Finished runs of several tasks that recorded affinities: names by number, newest first.

    Raises:
        StoreError: The store cannot be read.
    """
    recorded = affinity_study.runs_with_affinity(run_records.store())
    return {
        known.summary.id: known.summary.name
        for known in _finished()
        if known.summary.id in recorded and not known.is_alone
    }


def affinity_run(run: int, most_groups: int) -> AffinityRun:
    """Everything that is known of a run with affinities.

    Args:
        run: Its number.
        most_groups: Most groups that the suggestion may have.

    Raises:
        MtlvizError: The store cannot be read.
    """
    finished = {known.summary.id: known for known in reversed(_finished())}
    config = finished[run].config
    found = relatives_of(run)
    recorded = affinity_study.runs_with_affinity(run_records.store())
    # Other seeds count if they measured at the same updates.
    every = config.probes.affinity_every
    runs = [
        number
        for number in found.of(affinity_study.ALL)
        if number in recorded and finished[number].config.probes.affinity_every == every
    ]
    summaries = [finished[number].summary for number in runs]
    updates, measured = _affinities(summaries)
    results = run_records.results(known.summary for known in finished.values())
    grouping, problem = None, ""
    try:
        grouping = _grouping(summaries, measured, most_groups)
    except MtlvizError as error:
        problem = str(error)
    tasks = [task.name for task in config.data.tasks]
    namesakes = tuple(
        number
        for number, known in finished.items()
        if number in recorded
        and number not in runs
        and known.config.capacity == config.capacity
        and [task.name for task in known.config.data.tasks] == tasks
        and known.config.data.tasks != config.data.tasks
    )
    return AffinityRun(
        run, tasks, runs, updates, measured, average_affinity(measured), grouping, problem,
        affinity_study.measured_transfer(found, results.get, len(tasks)),
        tuple(finished[run].summary.metrics), namesakes,
    )  # fmt: skip


def relatives_of(run: int, groups: tuple[Group, ...] = ()) -> PairedRuns:
    """The other runs that say what company does to the tasks of a run.

    Args:
        run: Number of the run.
        groups: Groups of its tasks that are looked for, beside pairs.

    Raises:
        MtlvizError: The store cannot be read.
    """
    finished = {known.summary.id: known for known in reversed(_finished())}
    version = tuple((number, known.summary.edition) for number, known in finished.items())
    return _RELATIVES.once(
        (run_records.store().home, run, groups), version,
        lambda: affinity_study.relatives(
            finished[run].config,
            ((number, known.config) for number, known in finished.items()), groups,
        ),
    )  # fmt: skip


def _finished() -> list[Known]:
    """Finished runs whose settings can be read, newest first."""
    return readable(run_records.store().runs(("finished",)))[0]


def _affinities(
    runs: list[RunSummary],
) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Affinities at the updates that all runs have, so that they can be averaged update-wise."""
    taken = [
        _AFFINITIES.once(
            run_records.name_of(run), run.edition,
            partial(affinity_study.affinities, run_records.store(), run.id),
        )
        for run in runs
    ]  # fmt: skip
    common = sorted(set.intersection(*(set(updates.tolist()) for updates, _ in taken)))
    kept = [values[np.isin(updates, common)] for updates, values in taken]
    return np.array(common, dtype=np.int64), kept


def _grouping(
    runs: Sequence[RunSummary], measured: Sequence[NDArray[np.float64]], most_groups: int
) -> Grouping:
    """The suggestion for these runs, with its confidence.

    Raises:
        MtlvizError: There are too many tasks, or affinities are missing.
    """
    key = (*((*run_records.name_of(run), run.edition) for run in runs), most_groups)
    # One fixed seed: the same runs have the same confidence for everybody.
    return _GROUPINGS.once(
        key, (), lambda: suggested_grouping(measured, most_groups, np.random.default_rng(0))
    )
