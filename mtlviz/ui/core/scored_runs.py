"""What comparing reads from the store, kept so that two hundred runs open at once."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import RunConfig
from mtlviz.errors import ConfigError
from mtlviz.runs.family import SEEDS, Family, Member, family, member
from mtlviz.runs.flat_settings import FlatSettings, flat
from mtlviz.runs.scored_run import ScoredRun, scored_run
from mtlviz.runs.single_task import (
    TaskSignature,
    baselines,
    kind_of,
    planned_signature,
    signatures,
)
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo

BINS = 60
_POINTS = 3000
# Four kinds of a thousand runs; small but for the evaluations.
_KEPT = Memo(4000)
# What is compared, by a class in many ways at once: a scene with its pictures has 200 kB.
_SCENES = Memo(40)
# Bands of curves, 5 kB each.
_MADE = Memo(1000)
T = TypeVar("T")


@dataclass(frozen=True)
class Known:
    """A stored run with its settings.

    Attributes:
        summary: What the store says about it now.
        config: Its settings.
        settings: The same, flat.
        is_alone: Whether it trains one task.
    """

    summary: RunSummary
    config: RunConfig
    settings: FlatSettings
    is_alone: bool


def readable(runs: list[RunSummary]) -> tuple[list[Known], list[int]]:
    """The runs whose settings can be read, newest first, and the numbers of the others."""
    known, unreadable = [], []
    for run in runs:
        try:
            config, settings = _kept(
                "settings", run, run.name, lambda run=run: _settings(run)
            )  # fmt: skip
            known.append(Known(run, config, settings, len(config.data.tasks) == 1))
        except ConfigError:
            unreadable.append(run.id)
    return known, unreadable


def outcome(run: Known) -> ScoredRun:
    """What comparing knows of a run now."""
    return replace(_outcome(run)[0], summary=run.summary)


def marks(run: Known) -> list[TaskSignature | None]:
    """The signatures of a run's tasks: what a baseline must have to be theirs."""
    return _outcome(run)[1]


def planned_marks(run: Known) -> list[TaskSignature]:
    """The signature that a run of one task will have when it is finished, as far as is known."""
    data = run.summary.fingerprints
    mark = _kept(
        "planned", run.summary, data,
        lambda: planned_signature(run.config, data[0] if data else None),
    )  # fmt: skip
    return [] if mark is None else [mark]


def single_task_runs(run: RunSummary) -> dict[str, int]:
    """Numbers of the runs that are single-task baselines of a run's tasks, by task."""
    known, _ = readable(run_records.store().runs(("finished",)))
    mine = next((each for each in known if each.summary.id == run.id), None)
    if mine is None or mine.is_alone:
        return {}
    others = [
        (each, kind)
        for each in known
        if each is not mine
        and each.config.seed == mine.config.seed
        and (kind := kind_of(each.config))
    ]
    found = baselines((outcome(each), kind, marks(each)) for each, kind in others)
    names = [task.name for task in mine.config.data.tasks]
    return {
        name: kept.run
        for name, mark in zip(names, marks(mine), strict=True)
        if mark is not None
        and (kept := found["alone"].get(mark) or found["separate"].get(mark)) is not None
    }


def family_of(run: RunSummary) -> Family | None:
    """What training together did, over all seeds of a run; None for one of a single task.

    Args:
        run: A finished run.
    """
    known, _ = readable(run_records.store().runs(("finished",)))
    mine = next((each for each in known if each.summary.id == run.id), None)
    if mine is None or mine.is_alone:
        return None
    wanted = _member(mine)
    others = [_member(each) for each in known if _may_belong(each, mine)]
    numbers = tuple((each.scored.id, each.scored.summary.edition) for each in others)
    return compared_once(("family", run.id, numbers), lambda: family(wanted, others))


def newest_like(runs: Sequence[RunSummary], config: RunConfig) -> RunSummary | None:
    """The run of this machine with these settings and any seed: a finished one before others."""
    mark, tasks = SEEDS.mark(config), len(config.data.tasks)
    own = [run for run in runs if run.recorded is None]
    known, _ = readable([run for run in own if run.pending or run.status == "finished"])
    found = [
        run.summary
        for run in known
        if len(run.config.data.tasks) == tasks and setting_of(run) == mark
    ]
    return min(found, key=lambda run: (run.status != "finished", -run.id), default=None)


def setting_of(run: Known) -> str:
    """What a run shares with those of its settings that have other seeds."""
    return _kept("family", run.summary, (), lambda: SEEDS.mark(run.config))


def _may_belong(run: Known, mine: Known) -> bool:
    """Whether a run could be another seed of mine, or a baseline of one of its tasks.

    Its scores are not read for that, and its whole settings only where its training is the same:
    among a thousand runs few are.
    """
    names = {task.name for task in mine.config.data.tasks}
    if not {task.name for task in run.config.data.tasks} <= names:
        return False
    if kind_of(run.config) is not None:
        return True
    alike = run.config.optimisation == mine.config.optimisation
    return alike and setting_of(run) == setting_of(mine)


def _member(run: Known) -> Member:
    return _kept(
        "member", run.summary, _version(run.summary),
        lambda: member(outcome(run), run.config, marks(run)),
    )  # fmt: skip


def compared_once(known: Hashable, make: Callable[[], T]) -> T:
    """What was made of what is known, for all who compare the same runs in the same way."""
    return _SCENES.once((str(run_records.store().home), known), (), make)


def once_for(runs: Iterable[ScoredRun], name: Hashable, make: Callable[[], T]) -> T:
    """What was made of these runs under this name, as long as nothing is recorded of them."""
    known = tuple((run.id, run.summary.created, _version(run.summary)) for run in runs)
    return _MADE.once((str(run_records.store().home), known, name), (), make)


def version(run: Known) -> tuple[object, ...]:
    """What changes whenever anything that comparing uses has changed."""
    return run.summary.id, run.summary.created, *_version(run.summary), run.summary.fingerprints


def losses(run: RunSummary, tasks: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Training losses of a run in at most `BINS` stretches: where each lies (B,), means (B, K)."""
    return _kept("losses", run, _version(run), lambda: _losses(run, tasks))


def _kept(kind: str, run: RunSummary, version: Hashable, make: Callable[[], T]) -> T:
    """What is known of a run, made anew when the version changes."""
    return _KEPT.once((kind, *run_records.name_of(run)), version, make)


def _version(run: RunSummary) -> tuple[int, int, str]:
    """What changes whenever something was recorded."""
    return run.edition, run.updates, run.status


def _settings(run: RunSummary) -> tuple[RunConfig, FlatSettings]:
    config = run_records.store().config(run.id)
    return config, flat(config)


def _outcome(run: Known) -> tuple[ScoredRun, list[TaskSignature | None]]:
    return _kept("outcome", run.summary, _version(run.summary), lambda: _made(run))


def _made(run: Known) -> tuple[ScoredRun, list[TaskSignature | None]]:
    trained = _trained(run) if run.summary.status == "finished" else None
    found = scored_run(run.summary, run.settings, run_records.evaluations(run.summary), trained)
    return found, signatures(found, run.config)


def _trained(run: Known) -> tuple[int, ...]:
    """Updates in which each task took part."""
    if run.is_alone:
        return (run.summary.updates,)
    steps = run_records.store().steps_array(run.summary.id)
    return tuple(int(count) for count in steps.due.sum(axis=0))


def _losses(run: RunSummary, tasks: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points = run_records.thinned(run.updates, tasks, _POINTS)
    steps = run_records.store().steps_array(run.id, max_points=points)
    width = max(1.0, (run.planned or run.updates) / BINS)
    place = (steps.update // width).astype(np.int64)
    bins = np.arange(place.max(initial=-1) + 1)
    known = np.isfinite(steps.losses)
    counts, sums = np.zeros((2, len(bins), tasks))
    np.add.at(counts, place, known)
    np.add.at(sums, place, np.where(known, steps.losses, 0.0))
    means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return (bins + 0.5) * width, means
