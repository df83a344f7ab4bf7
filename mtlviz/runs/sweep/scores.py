"""What the runs of a sweep score, setting by setting, seed by seed, task by task."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.sweeps import Codes, Winner, complete, winner
from mtlviz.engine.measures.transfer import Transfer, paired_transfer
from mtlviz.runs.results import RunResult, result_from_json
from mtlviz.runs.store import Store
from mtlviz.runs.sweep.ranges import Range
from mtlviz.runs.sweep.stored import ALONE, RUN, StoredSweep

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SweepScores:
    """Scores of S settings at R seeds on K tasks; NaN where not known.

    Attributes:
        tasks: Names of the tasks, (K,).
        seeds: The seeds, (R,).
        scores: Best development scores, (S, R, K).
        alone: Those of each task alone, (S, R, K).
        runs: Number of each run; 0 where there is none, (S, R).
        codes: Number of the value of each of P places, (S, P).
    """

    tasks: tuple[str, ...]
    seeds: tuple[int, ...]
    scores: Array
    alone: Array
    runs: NDArray[np.int64]
    codes: Codes

    @property
    def means(self) -> Array:
        """Mean over tasks, (S, R)."""
        return self.scores.mean(axis=2)

    @property
    def order(self) -> Codes:
        """Settings with a score at every seed, best first."""
        return complete(self.means)

    @property
    def winner(self) -> Winner | None:
        """The best setting, if there is one."""
        return winner(self.means)

    def over_alone(self, setting: int, task: int) -> Transfer | None:
        """What a task scores more in this setting than alone, paired over seeds."""
        pair = (dict(enumerate(each[setting, :, task])) for each in (self.scores, self.alone))
        return paired_transfer(*pair)


@dataclass(frozen=True)
class Confirmed:
    """A chosen setting at new seeds.

    Attributes:
        setting: Its number.
        chosen: Mean score at the seeds by which it was chosen.
        fresh: Score at each new seed that is known.
    """

    setting: int
    chosen: float
    fresh: Mapping[int, float]

    @property
    def curse(self) -> float:
        """How many points the choice flattered it by; NaN before a new seed is known."""
        return 100 * (self.chosen - self.mean)

    @property
    def mean(self) -> float:
        """Mean score at the new seeds."""
        return float(np.mean(list(self.fresh.values()))) if self.fresh else float("nan")


def results_of(store: Store, runs: Collection[int]) -> dict[int, RunResult]:
    """The results of those of these runs that are finished, in one look."""
    query = "SELECT id, result FROM runs WHERE status = 'finished' AND result IS NOT NULL"
    wanted = set(runs)
    with store.connections.reading() as connection:
        found = [row for row in connection.execute(query) if row[0] in wanted]
    return {run: result_from_json(text) for run, text in found}


def sweep_scores(sweep: StoredSweep, results: Mapping[int, RunResult]) -> SweepScores:
    """The scores that are known.

    Args:
        sweep: The sweep.
        results: Results of its finished runs, by number.
    """
    tasks = tuple(task.name for task in sweep.plan.base.data.tasks)
    seeds = tuple(sweep.seeds)
    shape = (len(sweep.settings), len(seeds))
    scores, alone = np.full((2, *shape, len(tasks)), np.nan)
    runs = np.zeros(shape, dtype=np.int64)
    for (kind, setting, seed, *task), run in sweep.study.runs.items():
        if seed not in seeds:
            continue
        place = (setting, seeds.index(seed))
        if kind == RUN:
            runs[place] = run
        if run in results:
            if kind == RUN:
                scores[place] = results[run].scores
            elif kind == ALONE:
                alone[(*place, *task)] = results[run].scores[0]
    return SweepScores(tasks, seeds, scores, alone, runs, _codes(sweep))


def confirmed(
    sweep: StoredSweep, known: SweepScores, results: Mapping[int, RunResult]
) -> list[Confirmed]:
    """The settings that were trained again with new seeds, as far as their scores are known."""
    found = []
    for setting in sweep.confirmed:
        runs = {seed: sweep.study.runs.get((RUN, setting, seed)) for seed in sweep.new_seeds}
        fresh = {
            s: float(np.mean(results[run].scores)) for s, run in runs.items() if run in results
        }
        found.append(Confirmed(setting, float(known.means[setting].mean()), fresh))
    return found


def fresh_difference(found: Sequence[Confirmed]) -> Transfer | None:
    """What the first of two confirmed settings scores more than the second, at the new seeds."""
    return paired_transfer(found[0].fresh, found[1].fresh) if len(found) > 1 else None


def _codes(sweep: StoredSweep) -> Codes:
    places = sweep.plan.space
    rows = [[_place(values, value) for values, value in zip(places, setting, strict=True)]
            for setting in sweep.settings]  # fmt: skip
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(places))


def _place(values: Sequence[object], value: object) -> int:
    if isinstance(values, Range):
        return values.index(value)
    # 1 and true are equal in Python, and no setting takes one for the other.
    return next(i for i, each in enumerate(values) if each == value and type(each) is type(value))
