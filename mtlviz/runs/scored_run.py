"""A stored run as comparing sees it: its settings and its scores."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.records import EvalRecord
from mtlviz.runs.flat_settings import FlatSettings
from mtlviz.runs.summary import RunSummary

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoredRun:
    """What comparing knows of a run. K is its number of tasks.

    Attributes:
        summary: What the store says about it.
        settings: Its flat settings.
        tasks: Names of its tasks.
        metrics: Main metric of each; the word "score" before it is known.
        scores: Score of each at the evaluation with the best mean so far, (K,); NaN before one.
        errors: Standard error of each from the number of examples, (K,).
        baselines: What an answer without learning scores, (K,).
        best_update: Updates done when these scores were taken; None before an evaluation.
        trained: Updates in which each task took part, (K,); None where it was not counted.
        evaluations: How often it was scored once it had trained: its best is the best of these.
        ceilings: What people score, (K,); NaN where the data do not tell.
    """

    summary: RunSummary
    settings: FlatSettings
    tasks: tuple[str, ...]
    metrics: tuple[str, ...]
    scores: Array
    errors: Array
    baselines: Array
    best_update: int | None
    trained: tuple[int, ...] | None
    evaluations: int = 0
    ceilings: Array = field(default_factory=lambda: np.array([]))

    @property
    def id(self) -> int:
        """Number of the run."""
        return self.summary.id

    @property
    def seed(self) -> int:
        """Its seed."""
        return int(self.settings["seed"])

    @property
    def counts(self) -> bool:
        """Whether its scores are final, so that means and differences may use them."""
        return self.summary.status == "finished" and self.best_update is not None

    def score(self, task: str) -> float:
        """The score of a task by name; NaN if the run has no such task or no score."""
        return float(self.scores[self.tasks.index(task)]) if task in self.tasks else math.nan

    def floor(self, task: str) -> float:
        """What an answer without learning scores on one of its tasks."""
        return float(self.baselines[self.tasks.index(task)])

    def ceiling(self, task: str) -> float:
        """What people score on one of its tasks; NaN where the data do not tell."""
        return float(self.ceilings[self.tasks.index(task)]) if len(self.ceilings) else math.nan


def scored_run(
    summary: RunSummary,
    settings: FlatSettings,
    evaluations: Sequence[EvalRecord],
    trained: tuple[int, ...] | None,
) -> ScoredRun:
    """A run as comparing sees it, from what the store knows."""
    tasks = tuple(settings["data.tasks"])
    best = next((record for record in reversed(evaluations) if record.best), None)
    missing = np.full(len(tasks), np.nan)
    return ScoredRun(
        summary,
        settings,
        tasks,
        summary.metrics or ("score",) * len(tasks),
        missing if best is None else best.scores,
        missing if best is None else best.errors,
        missing if best is None else best.baselines,
        None if best is None else best.update,
        trained,
        sum(record.update > 0 for record in evaluations),
        missing if best is None or best.ceilings is None else best.ceilings,
    )
