"""What a task forgets while others train, and how soon it has it back.

R[i, j], the score of task j after phase i, is all that forgetting is read from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.records import EvalRecord, PhaseRecord

Array = NDArray[np.float64]
BACK = 0.95
"""Share of the earlier score at which a task counts as recovered."""


@dataclass(frozen=True)
class Change:
    """What a phase without a task did to its score.

    Attributes:
        task: Number of the task, which had trained before.
        phase: Number of the phase, in which it did not train.
        points: Score after the phase less score before it, in points; below zero it forgot. NaN
            where either was not measured.
        error: Standard error of that, as if the two scores were of different examples: of the same
            ones, as here, it is smaller.
    """

    task: int
    phase: int
    points: float
    error: float


@dataclass(frozen=True)
class Recovery:
    """How soon a task that trains again has its earlier score back.

    Attributes:
        task: Number of the task.
        phase: Number of the phase in which it returns.
        earlier: Its score when it last ended training; NaN where it was not measured.
        updates: Updates of the phase after which it was first seen at 95 % of that; None where it
            was not, or there is no score above zero to come back to.
        seen: Updates of the phase up to its last score.
    """

    task: int
    phase: int
    earlier: float
    updates: int | None
    seen: int


def scores_after(
    evaluations: Sequence[EvalRecord], begun: Sequence[PhaseRecord]
) -> tuple[Array, Array]:
    """Scores of every task at the end of every phase, and their standard errors, (P, K) each.

    The phase under way, or one cut short, ends at its last score. NaN where nothing was scored.

    Args:
        evaluations: All scores of the run, oldest first.
        begun: Its phases as they began, at least one.
    """
    tasks = len(begun[0].due)
    scores, errors = np.full((2, len(begun), tasks), np.nan)
    for number in range(len(begun)):
        within = _within(evaluations, begun, number)
        if within:
            scores[number], errors[number] = within[-1].scores, within[-1].errors
    return scores, errors


def changes(scores: Array, errors: Array, begun: Sequence[PhaseRecord]) -> list[Change]:
    """What each phase did to the tasks that had trained before and do not train in it."""
    found = []
    for number, trained in _earlier(begun):
        for task in np.flatnonzero(trained & ~begun[number].due).tolist():
            points = 100 * (scores[number, task] - scores[number - 1, task])
            error = 100 * np.hypot(errors[number, task], errors[number - 1, task])
            found.append(Change(task, number, float(points), float(error)))
    return found


def recoveries(
    evaluations: Sequence[EvalRecord], begun: Sequence[PhaseRecord], scores: Array
) -> list[Recovery]:
    """How soon each task that returns has its earlier score back."""
    found = []
    for number, trained in _earlier(begun):
        returns = begun[number].due & trained & ~begun[number - 1].due
        for task in np.flatnonzero(returns).tolist():
            last = max(each for each in range(number) if begun[each].due[task])
            earlier = float(scores[last, task])
            within = [each for each in evaluations if each.update == begun[number].update]
            # What was scored at the switch is the head that a fresh one has replaced.
            within = [] if begun[number].fresh[task] else within
            within += _within(evaluations, begun, number)
            found.append(_recovery(task, begun[number], earlier, within))
    return found


def _recovery(
    task: int, phase: PhaseRecord, earlier: float, within: Sequence[EvalRecord]
) -> Recovery:
    reached = (
        each.update - phase.update
        for each in within
        if earlier > 0 and each.scores[task] >= BACK * earlier
    )
    seen = within[-1].update - phase.update if within else 0
    return Recovery(task, phase.phase, earlier, next(reached, None), seen)


def _within(
    evaluations: Sequence[EvalRecord], begun: Sequence[PhaseRecord], number: int
) -> list[EvalRecord]:
    """The scores taken in a phase, the one at its end included."""
    later = begun[number + 1 : number + 2]
    stop = later[0].update if later else np.inf
    return [each for each in evaluations if begun[number].update < each.update <= stop]


def _earlier(begun: Sequence[PhaseRecord]) -> list[tuple[int, NDArray[np.bool_]]]:
    """Each phase but the first, and which tasks trained before it."""
    return [
        (number, np.any([each.due for each in begun[:number]], axis=0))
        for number in range(1, len(begun))
    ]
