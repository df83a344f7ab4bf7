"""What is left to say when a run is over, from what it has recorded."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mtlviz.engine.records import EvalRecord, Note, Record
from mtlviz.errors import DataError


@dataclass(frozen=True)
class RunResult:
    """What is left to say when a run is over. NaN stands for what is not known.

    Attributes:
        tasks: Names of the tasks.
        metrics: Name of each task's main metric.
        scores: Development scores at the evaluation with the best mean, one a task.
        errors: Standard error of each.
        baselines: Score of an answer without learning.
        updates: Updates done.
        best_update: Updates done when the best scores were taken.
        seconds: Training time, probes and evaluations included.
        notes: What a person should know.
        probe_seconds: Time of it that probes took: Gram matrices and planes that the methods do not
            need, embeddings, affinities, worked examples; None where it was not kept.
    """

    tasks: tuple[str, ...]
    metrics: tuple[str, ...]
    scores: tuple[float, ...]
    errors: tuple[float, ...]
    baselines: tuple[float, ...]
    updates: int
    best_update: int
    seconds: float
    notes: tuple[str, ...] = ()
    probe_seconds: float | None = None


def run_result(  # noqa: PLR0913 (a result from its records and three named numbers)
    tasks: Sequence[str],
    metrics: Sequence[str],
    records: Sequence[Record],
    *,
    updates: int,
    seconds: float,
    probe_seconds: float | None = None,
) -> RunResult | None:
    """The best scores of a run and its notes; None if it was never evaluated.

    Args:
        tasks: Names of its tasks.
        metrics: Name of each task's main metric.
        records: Its evaluations and notes, oldest first.
        updates: Updates done.
        seconds: Training time.
        probe_seconds: Time of it that probes took.
    """
    best = [record for record in records if isinstance(record, EvalRecord) and record.best]
    if not best:
        return None
    return RunResult(
        tasks=tuple(tasks),
        metrics=tuple(metrics),
        scores=tuple(best[-1].scores.tolist()),
        errors=tuple(best[-1].errors.tolist()),
        baselines=tuple(best[-1].baselines.tolist()),
        updates=updates,
        best_update=best[-1].update,
        seconds=seconds,
        notes=tuple(record.text for record in records if isinstance(record, Note)),
        probe_seconds=probe_seconds,
    )


def result_json(result: RunResult) -> str:
    """A result as JSON, what is not known as null."""
    return json.dumps(
        {
            name: [_null(entry) for entry in value] if isinstance(value, tuple) else value
            for name, value in asdict(result).items()
        }
    )


def result_from_json(text: str) -> RunResult:
    """The result that `result_json` wrote.

    Raises:
        DataError: If it is damaged.
    """
    try:
        return _result(json.loads(text))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise DataError("The stored result of a run cannot be read.") from error


def _result(values: dict[str, Any]) -> RunResult:
    return RunResult(
        **{
            name: tuple(math.nan if entry is None else entry for entry in value)
            if isinstance(value, list)
            else value
            for name, value in values.items()
        }
    )


def _null(value: str | float) -> str | float | None:
    return None if isinstance(value, float) and math.isnan(value) else value
