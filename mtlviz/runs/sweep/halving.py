"""Early stopping of a sweep: at a rung of its training, only the best of the settings goes on.

Rungs lie at shares of the training: a ninth and a third where one in three goes on. A setting is
ranked by the mean of its seeds that have reached the rung among the settings that have reached it
with the same seeds, so that no setting falls for an unlucky seed that others did not have.

Reference:
    Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020,
    algorithm 2; here in the variant that stops instead of pausing. https://arxiv.org/abs/1810.05934
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mtlviz.engine.config import RunConfig
from mtlviz.engine.phases import phases_of
from mtlviz.engine.records import EvalRecord
from mtlviz.engine.schedulers import UNEVEN
from mtlviz.errors import ConfigError
from mtlviz.runs.launcher import Launcher
from mtlviz.runs.lock import locked
from mtlviz.runs.store import Store
from mtlviz.runs.summary import RunSummary
from mtlviz.runs.sweep.state import runs_of
from mtlviz.runs.sweep.stored import RUN, StoredSweep, stored_sweep, write_sweep

RUNGS = 2
AtRung = Mapping[int, Mapping[int, float]]
"""Score of each setting at each of its seeds that have reached a rung."""


def check_early(config: RunConfig) -> None:
    """Check that early scores of a run say something of its late ones.

    Raises:
        ConfigError: If its mix of tasks changes on the way.
    """
    scheduler = config.optimisation.scheduler
    # A way of sharing may bring phases of its own.
    phases = config.optimisation.phases or len(phases_of(config)) > 1
    if phases or scheduler in UNEVEN:
        what = "phases" if phases else f"the scheduler {scheduler!r}"
        raise ConfigError(
            f"Settings cannot be stopped early under {what}: which tasks train changes on the way, "
            "so early scores are not comparable with late ones."
        )


def rungs(reduction: int) -> list[float]:
    """Shares of the training at which settings are ranked, rising."""
    return [float(reduction) ** -power for power in range(RUNGS, 0, -1)]


def behind(scores: AtRung, reduction: int) -> set[int]:
    """The settings that are not among the best at a rung.

    Args:
        scores: Their scores there.
        reduction: One in so many goes on, and at least one.
    """
    found = set()
    for setting, own in scores.items():
        rivals = [_mean(each, own) for each in scores.values() if each.keys() >= own.keys()]
        if own and len(rivals) >= reduction:
            better = sum(score > _mean(own, own) for score in rivals)
            if better >= len(rivals) // reduction:
                found.add(setting)
    return found


def _mean(scores: Mapping[int, float], seeds: Mapping[int, float]) -> float:
    return float(np.mean([scores[seed] for seed in seeds]))


def score_at(scored: Sequence[EvalRecord], update: float) -> float | None:
    """The best mean score up to the first evaluation at this update or later; None before it."""
    best = -np.inf
    for each in scored:
        # As where a run's best moment is chosen: an undefined score has earned nothing.
        best = max(best, float(np.mean(np.nan_to_num(each.scores, nan=0.0))))
        if each.update >= update:
            return best
    return None


class Halving:
    """Stops the settings of a sweep that fall behind; remembers scores that will not change.

    Args:
        store: The store.
        number: Number of the sweep.
    """

    def __init__(self, store: Store, number: int) -> None:
        self.store, self.number = store, number
        self._known: dict[tuple[int, int, float], float] = {}

    def step(self, launcher: Launcher) -> set[int]:
        """Give up what has fallen behind since the last step, and which settings these are.

        Raises:
            StoreError: If the store cannot be used.
        """
        sweep = stored_sweep(self.store, self.number)
        if not sweep.written.get("early"):
            return set()
        runs = runs_of(sweep, self.store.runs())
        reduction, gone = int(sweep.written["reduction"]), dict(sweep.given_up)
        for share in rungs(reduction):
            lost = behind(self._at(sweep, runs, share), reduction) & _open(sweep, runs)
            gone = {**dict.fromkeys(lost, share), **gone}
        new = set(gone) - set(sweep.given_up)
        if new:
            self._give_up(gone, launcher)
        return new

    def _give_up(self, gone: Mapping[int, float], launcher: Launcher) -> None:
        with locked(self.store):
            sweep = stored_sweep(self.store, self.number)
            sweep = replace(sweep, given_up={**gone, **sweep.given_up})
            write_sweep(self.store, sweep)
        launcher.stop(sweep.numbers() - sweep.going_on())

    def _at(self, sweep: StoredSweep, runs: Mapping[int, RunSummary], share: float) -> AtRung:
        found: dict[int, dict[int, float]] = {}
        for (kind, setting, seed, *_), number in sweep.study.runs.items():
            if kind == RUN and seed in sweep.seeds and number in runs:
                score = self._score(runs[number], share)
                if score is not None:
                    found.setdefault(setting, {})[seed] = score
        return found

    def _score(self, run: RunSummary, share: float) -> float | None:
        key = (run.id, run.edition, share)
        if key not in self._known and run.planned and run.updates >= share * run.planned:
            scored = [each for _, each in self.store.records(run.id, kinds=("evaluation",))]
            score = score_at(scored, share * run.planned)
            if score is not None:
                self._known[key] = score
        return self._known.get(key)


def _open(sweep: StoredSweep, runs: Mapping[int, RunSummary]) -> set[int]:
    """The settings with a run that waits or trains; those that confirm a setting are no rivals."""
    return {role[1] for role, run in sweep.study.runs.items()
            if role[0] == RUN and role[2] in sweep.seeds and run in runs
            and runs[run].pending}  # fmt: skip
