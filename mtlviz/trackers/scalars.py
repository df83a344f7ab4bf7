"""A run's records as the named numbers that trackers keep."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.records import AffinityRecord, EvalRecord, PhaseRecord, Record, StepRecord
from mtlviz.trackers.tracker import Row

_STEP = {"loss": "losses", "loss_weight": "loss_weights", "weight": "weights"}
_EVALUATION = {"score": "scores", "score_se": "errors", "dev_loss": "losses"}


class Scalars:
    """Turns records into rows, in the order in which they were made.

    Args:
        tasks: Names of the run's tasks.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        self._tasks = tasks
        self._seconds = 0.0

    def rows(self, records: Iterable[Record]) -> Iterator[Row]:
        """One row a record that holds numbers of a moment.

        Names are `loss/TASK`, `weight/TASK`, `cosine/TASK/OTHER` and the like; standard errors of
        `score/TASK` are `score_se/TASK`.
        """
        for record in records:
            values = {k: v for k, v in self._values(record) if math.isfinite(v)}
            self._seconds += getattr(record, "seconds", 0.0)
            if values:
                yield Row(record.update, self._seconds, values)

    def _values(self, record: Record) -> Iterator[tuple[str, float]]:
        match record:
            case StepRecord():
                yield from self._each(record, _STEP)
                yield from (("learning_rate", record.learning_rate), ("clipping", record.clipping))
                if record.gram is not None:
                    yield from self._pairs("cosine", cosines(record.gram), both=False)
            case EvalRecord():
                yield from self._each(record, _EVALUATION)
                yield "score/mean of tasks", float(np.mean(record.scores))
            case AffinityRecord():
                yield from self._pairs("affinity", record.affinity, both=True)
            case PhaseRecord():
                yield "phase", float(record.phase + 1)

    def _each(self, record: Record, names: dict[str, str]) -> Iterator[tuple[str, float]]:
        for name, attribute in names.items():
            for task, value in zip(self._tasks, getattr(record, attribute), strict=True):
                yield f"{name}/{task}", float(value)

    def _pairs(
        self, name: str, matrix: NDArray[np.float64], *, both: bool
    ) -> Iterator[tuple[str, float]]:
        for i, task in enumerate(self._tasks):
            for j, other in enumerate(self._tasks):
                if i < j or (both and i > j):
                    yield f"{name}/{task}/{other}", float(matrix[i, j])
