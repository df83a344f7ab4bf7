"""Matrices of scores: what runs of several phases know of every task after every phase.

A run's matrix is read from its records, wherever it is shown or written. Runs that differ in
nothing but the method against forgetting and the seed are compared, paired over seeds; of a method,
those with the options and the way of sharing of its first run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import RunConfig
from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.measures.forgetting import scores_after
from mtlviz.engine.measures.score_matrix import ContinualScores, continual_scores
from mtlviz.engine.measures.transfer import Transfer, paired_transfer
from mtlviz.engine.records import EvalRecord, PhaseRecord
from mtlviz.runs.store import Store
from mtlviz.runs.study import Study

Array = NDArray[np.float64]
NUMBERS = tuple(field.name for field in fields(ContinualScores))
JOINT = "joint"
BASELINE = "sequential"


@dataclass(frozen=True, eq=False)
class ScoreMatrix:
    """Every task's score after every phase of one run.

    Attributes:
        tasks: Names of the T tasks.
        phases: Who trains in each of S phases.
        scores: R, (S, T); NaN where nothing was scored.
        errors: Standard error of each, from the number of examples alone.
        learned: Phase in which each task first trains, from 0; the last for those to come.
        numbers: What is read from R; NaN where it means nothing.
    """

    tasks: tuple[str, ...]
    phases: tuple[str, ...]
    scores: Array
    errors: Array
    learned: NDArray[np.int64]
    numbers: ContinualScores

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON, what is not known as null."""
        return _plain({
            "tasks": list(self.tasks), "phases": list(self.phases), "scores": self.scores,
            "errors": self.errors, "numbers": {n: float(getattr(self.numbers, n)) for n in NUMBERS},
        })  # fmt: skip


def score_matrix(
    config: RunConfig, evaluations: Sequence[EvalRecord], begun: Sequence[PhaseRecord]
) -> ScoreMatrix | None:
    """The matrix of a run from its records; None for a run of one phase that has no method.

    Forward transfer means something only where one head asks all tasks the same question, and so
    the untrained model was scored.

    Args:
        config: Its settings.
        evaluations: Its scores, oldest first.
        begun: Its phases as they began.
    """
    if not begun or not evaluations:
        return None
    tasks = tuple(task.name for task in config.data.tasks)
    scores, errors = scores_after(evaluations, begun)
    trained = np.array([phase.due for phase in begun])
    first = [each.scores for each in evaluations if each.update == 0]
    asked_alike = config.data.heads == "one" and first
    # A task whose phase is still to come counts as one of the last.
    learned = np.where(trained.any(axis=0), trained.argmax(axis=0), len(begun) - 1)
    numbers = continual_scores(scores, learned, first[0] if asked_alike else None)
    named = (" + ".join(n for n, due in zip(tasks, row, strict=True) if due) for row in trained)
    return ScoreMatrix(tasks, tuple(named), scores, errors, learned, numbers)


def matrix_of(store: Store, run: int) -> ScoreMatrix | None:
    """The matrix of a stored run, as far as it is recorded."""
    found = [record for _, record in store.records(run, kinds=("evaluation", "phase"))]
    evaluations = [record for record in found if isinstance(record, EvalRecord)]
    begun = [record for record in found if isinstance(record, PhaseRecord)]
    return score_matrix(store.config(run), evaluations, begun)


@dataclass(frozen=True, eq=False)
class MethodScores:
    """One method against forgetting over its seeds.

    Attributes:
        runs: Number of its run by seed.
        matrices: Their matrices.
        numbers: Each number of `NUMBERS` by seed, in shares of one.
        against: Each of them less that of sequential training, paired over seeds, in points.
    """

    runs: Mapping[int, int]
    matrices: Mapping[int, ScoreMatrix]
    numbers: Mapping[str, Mapping[int, float]]
    against: Mapping[str, Transfer | None]

    def mean(self, name: str) -> Transfer | None:
        """The mean of one number with its interval over seeds, in points."""
        each = self.numbers[name]
        return paired_transfer(each, dict.fromkeys(each, 0.0))


_FREE = ("probes", "device", "continual", "capacity.sharing", "capacity.sharing_options")
STUDY = Study({name: {"continual.method": name} for name in CONTINUAL}, free=_FREE)


def compared(store: Store, runs: Iterable[int]) -> list[dict[str, MethodScores]]:
    """The methods of each experiment among stored runs; of equal runs the first counts.

    Args:
        store: The store.
        runs: Numbers of runs.
    """
    known = {run: matrix for run in runs if (matrix := matrix_of(store, run)) is not None}
    experiments = STUDY.experiments(_alike((run, store.config(run)) for run in known))
    return [_methods(found.runs, known) for found in experiments.values()]


def _alike(runs: Iterable[tuple[int, RunConfig]]) -> Iterator[tuple[int, RunConfig]]:
    """Of each method the runs with the options of its first one: others are another method."""
    first: dict[tuple[str, str], tuple[Any, ...]] = {}
    for run, config in runs:
        chosen = (
            config.continual, config.capacity.sharing, config.capacity.sharing_options
        )  # fmt: skip
        place = STUDY.mark(config), config.continual.method
        if first.setdefault(place, chosen) == chosen:
            yield run, config


def _methods(
    runs: Mapping[tuple[Any, int], int], known: Mapping[int, ScoreMatrix]
) -> dict[str, MethodScores]:
    """Each method of one experiment, in the registry's order."""
    by_method: dict[str, dict[int, int]] = {}
    for (method, seed), run in runs.items():
        by_method.setdefault(method, {})[seed] = run
    joint = {seed: known[run].scores[-1] for seed, run in by_method.get(JOINT, {}).items()}
    numbers = {
        method: _numbers({seed: known[run] for seed, run in each.items()}, joint)
        for method, each in by_method.items()
    }
    plain = numbers.get(BASELINE, {})
    return {
        method: MethodScores(
            by_method[method],
            {seed: known[run] for seed, run in by_method[method].items()},
            numbers[method],
            {name: paired_transfer(numbers[method][name], plain.get(name, {}))
             for name in NUMBERS},
        )
        for method in CONTINUAL
        if method in by_method
    }  # fmt: skip


def _numbers(
    matrices: Mapping[int, ScoreMatrix], joint: Mapping[int, Array]
) -> dict[str, dict[int, float]]:
    """Every number of a method's runs by seed, joint training of the same seed beside it."""
    found: dict[str, dict[int, float]] = {name: {} for name in NUMBERS}
    for seed, matrix in matrices.items():
        values = asdict(matrix.numbers)
        if seed in joint:
            best = float(np.mean(joint[seed]))
            values["gap"] = best - float(values["average"])
            values["intransigence"] = best - float(values["learning"])
        for name in NUMBERS:
            found[name][seed] = float(values[name])
    return found


def as_json(methods: Mapping[str, MethodScores]) -> dict[str, Any]:
    """The methods of one experiment as JSON, what is not known as null."""
    return {
        name: {
            "title": CONTINUAL[name].title,
            "runs": {str(seed): run for seed, run in found.runs.items()},
            "tasks": list(next(iter(found.matrices.values())).tasks),
            "phases": list(next(iter(found.matrices.values())).phases),
            "matrices": {str(s): _plain(each.scores) for s, each in found.matrices.items()},
            "points": {each: _told(found.mean(each)) for each in NUMBERS},
            "against_sequential": {each: _told(found.against[each]) for each in NUMBERS},
        }
        for name, found in methods.items()
    }


def _told(found: Transfer | None) -> dict[str, Any] | None:
    return None if found is None else _plain(asdict(found))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and value != value else value
