"""Leaks between tasks as a matrix, and the largest of them in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.catalogue import TaskChoice
from mtlviz.engine.tasks.leakage import Leak
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.pages.data.tasks import short_names


@dataclass(frozen=True)
class Matrix:
    """Leaks as a matrix: row i is scored, column j is trained on.

    Attributes:
        names: Names of the tasks.
        counts: Examples of row i that stand in the training split of column j, (K, K).
        examples: Evaluation examples of each row, (K,).
        shares: Their ratio, (K, K); NaN where the two cannot be compared or there are none.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64]
    examples: NDArray[np.int64]
    shares: NDArray[np.float64]


def matrix(leaks: Sequence[Leak], choices: Sequence[TaskChoice], split: str) -> Matrix:
    """Leaks of the dev split, of the test split, or of both together, as a matrix.

    Args:
        leaks: What was found between these tasks.
        choices: The tasks.
        split: One of "dev and test", "dev" and "test".
    """
    names = tuple(short_names(choices))
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    examples = np.zeros_like(counts)
    for leak in leaks:
        if leak.split in split:
            place = names.index(leak.evaluation_task), names.index(leak.train_task)
            counts[place] += leak.count
            examples[place] += leak.examples
    pair = np.array([KINDS[choice.kind].pair for choice in choices])
    known = (examples > 0) & (pair[:, None] == pair[None, :])
    shares = np.divide(counts, examples, out=np.full(counts.shape, np.nan), where=known)
    return Matrix(names, counts, examples.max(axis=1), shares)


def between(found: Matrix) -> NDArray[np.float64]:
    """The shares between two different tasks, (K, K); NaN on the diagonal."""
    return np.where(np.eye(len(found.names), dtype=bool), np.nan, found.shares)


def largest(shares: NDArray[np.float64]) -> tuple[int, int] | None:
    """Place of the largest share; None if there is none above zero."""
    if not np.nanmax(shares, initial=0.0) > 0:
        return None
    row, column = np.unravel_index(int(np.nanargmax(shares)), shares.shape)
    return int(row), int(column)


def verdict(found: Matrix, split: str) -> str:
    """The largest leak between two tasks, and the largest of a task into itself."""
    within = np.where(np.eye(len(found.names), dtype=bool), found.shares, np.nan)
    worst = [place for each in (between(found), within) if (place := largest(each))]
    if not worst:
        return (
            f"**No {split} example stands in a training split.** Scores of these tasks are clean."
        )
    told = " ".join(_told(found, place, split) for place in worst)
    return f"{told} *Drop leaked examples* in the Studio takes them out of training."


def _told(found: Matrix, place: tuple[int, int], split: str) -> str:
    count, examples = grouped(int(found.counts[place])), grouped(int(found.examples[place[0]]))
    scored = escaped(found.names[place[0]])
    whose = "its own" if place[0] == place[1] else f"**{escaped(found.names[place[1]])}**'s"
    return (
        f"**{found.shares[place]:.1%}** of **{scored}**'s {split} examples ({count} of {examples}) "
        f"stand in {whose} train split."
    )
