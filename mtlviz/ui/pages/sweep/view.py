"""What the page knows of a sweep: read once for all who look, anew when a run has changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mtlviz.engine.measures.sweeps import Codes, Effect, Importance, effects, importances, pareto
from mtlviz.engine.records import EvalRecord
from mtlviz.errors import MtlvizError
from mtlviz.figures.sweep_lines import Axis
from mtlviz.figures.sweep_tasks import Points
from mtlviz.runs.launcher import launcher_of
from mtlviz.runs.results import RunResult
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import FOLDER
from mtlviz.runs.summary import RunSummary
from mtlviz.runs.sweep.levels import Levels, levels
from mtlviz.runs.sweep.plan import place_name
from mtlviz.runs.sweep.scores import SweepScores, results_of, sweep_scores
from mtlviz.runs.sweep.state import SweepState, runs_of, sweep_state
from mtlviz.runs.sweep.steering import Steering
from mtlviz.runs.sweep.stored import StoredSweep, stored_sweep, sweeps
from mtlviz.runs.sweep.words import name_of
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo

_SWEEPS, _FOUND, _LISTED, _STEERINGS = Memo(32), Memo(16), Memo(8), Memo(8)
_SEED = 0


@dataclass(frozen=True, eq=False)
class Found:
    """What the finished runs of a sweep say."""

    sweep: StoredSweep
    results: dict[int, RunResult]

    @cached_property
    def known(self) -> SweepScores:
        """Its scores."""
        return sweep_scores(self.sweep, self.results)

    @cached_property
    def order(self) -> list[int]:
        """Settings with a score at every seed, best first."""
        return self.known.order.tolist()

    @cached_property
    def levels(self) -> list[Levels]:
        """The values of each place that is tried; of a range its stretches."""
        return levels(self.sweep.plan.over, self.known.codes)

    @cached_property
    def codes(self) -> Codes:
        """Number of the value or stretch of each of P places, (S, P)."""
        return np.column_stack([each.codes for each in self.levels])

    @cached_property
    def sizes(self) -> list[int]:
        """How many values each setting has."""
        return [len(each.words) for each in self.levels]

    @cached_property
    def names(self) -> list[str]:
        """The places that are tried, in words."""
        return [place_name(path) for path in self.sweep.plan.over]

    @cached_property
    def values(self) -> list[tuple[str, ...]]:
        """The values of each in words."""
        return [each.words for each in self.levels]

    @cached_property
    def effects(self) -> list[Effect]:
        """What each value does."""
        return effects(self.known.means, self.codes, self.sizes)

    @cached_property
    def importances(self) -> list[Importance]:
        """How much each setting explains."""
        drawn = np.random.default_rng(_SEED)
        return importances(self.known.means, self.codes, self.sizes, drawn)

    @cached_property
    def points(self) -> Points:
        """The settings with a score at every seed as points, best first."""
        order = self.order
        scores = self.known.scores[order].mean(axis=1)
        return Points([name_of(self.sweep, number) for number in order], order, scores)

    @cached_property
    def front(self) -> np.ndarray:
        """Which of these points nothing beats on every task."""
        return pareto(self.points.scores)

    def axes(self, most: int) -> list[Axis]:
        """The settings' axes of a picture of the best ones."""
        kept = self.order[:most]
        return [Axis(name, each.ends or each.words, each.places[kept], is_range=bool(each.ends))
                for name, each in zip(self.names, self.levels, strict=True)]  # fmt: skip


@dataclass(frozen=True, eq=False)
class SweepView:
    """A sweep as it is now.

    Attributes:
        sweep: The sweep.
        runs: Its runs that are still there, by number.
        state: How far it is.
        found: What its finished runs say.
    """

    sweep: StoredSweep
    runs: dict[int, RunSummary]
    state: SweepState
    found: Found


def sweep_names() -> dict[int, str]:
    """Names of the sweeps by number, newest first."""
    store = run_records.store()
    folder = store.home / FOLDER
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    version = tuple((file.name, file.stat().st_mtime_ns) for file in files)
    made = _LISTED.once(str(store.home), version, lambda: {
        each.id: each.study.name for each in sweeps(store)
    })  # fmt: skip
    return dict(made)


def look(number: int) -> SweepView:
    """A sweep as it is now.

    Raises:
        MtlvizError: There is none of this number, or the store cannot be read.
    """
    store = run_records.store()
    key = (str(store.home), number)
    sweep, when = _sweep(store, number)
    runs = runs_of(sweep, store.runs())
    done = sorted((run.id, run.edition) for run in runs.values() if run.status == "finished")
    found = _FOUND.once(
        key, (when, hash(tuple(done))),
        lambda: Found(sweep, results_of(store, [run for run, _ in done])),
    )  # fmt: skip
    return SweepView(sweep, runs, sweep_state(sweep, runs), found)


def _sweep(store: Store, number: int) -> tuple[StoredSweep, int]:
    """What is stored of a sweep, and when that was written."""
    place = store.home / FOLDER / f"{number}.json"
    when = place.stat().st_mtime_ns if place.exists() else 0
    return _SWEEPS.once((str(store.home), number), when, lambda: stored_sweep(store, number)), when


def go_on(number: int) -> None:
    """Start what there is room for; give up what fell behind and begin what is next, if wanted."""
    if look(number).state.word == "finished":
        return
    store = run_records.store()
    launcher = launcher_of(store, _sweep(store, number)[0].launcher)
    steering = _STEERINGS.once((str(store.home), number), (), lambda: Steering(store, number))
    new = steering.step(launcher)
    if new or launcher.name is not None:  # The queue of this machine has just been looked after.
        launcher.poll()


def evaluations(run: RunSummary) -> list[EvalRecord]:
    """The development scores of a run so far; none where it cannot be read."""
    try:
        return run_records.evaluations(run)
    except MtlvizError:
        return []
