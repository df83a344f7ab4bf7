"""A sentence in, a score out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds.kind import Labels, TaskKind
from mtlviz.errors import DataError
from mtlviz.limits import brief

if TYPE_CHECKING:
    from torch import Tensor

    from mtlviz.engine.tasks.task import Examples, Task


def score_range(task: Task) -> tuple[float, float]:
    """Lowest and highest score of a task.

    Raises:
        DataError: The task gives none, or an empty one.
    """
    if task.score_range is None or not task.score_range[0] < task.score_range[1]:
        raise DataError(
            f"Task {task.name!r} predicts a score and needs a score range such as (0, 5), "
            f"got {task.score_range}."
        )
    return task.score_range


def _check_trainable(task: Task) -> None:
    score_range(task)


# A column of whole numbers with more values than any classes have is read as scores.
_MOST_NUMBERED_CLASSES = 200


def looks_like(cells: Sequence[str], most: int = _MOST_NUMBERED_CLASSES) -> bool:
    """Whether cells are numbers throughout, and fractions or more values than so many."""
    if not cells or any(_problem(cell, None) for cell in cells):
        return False
    numbers = [float(cell) for cell in cells]
    return len(set(numbers)) > most or any(n % 1 for n in numbers)


def _problem(cell: str, names: Sequence[str] | None) -> str | None:
    try:
        finite = "_" not in cell and bool(np.isfinite(float(cell)))
    except ValueError:
        finite = False
    return None if finite else f"{brief(cell, 40)} is not a finite number"


def _read(cells: Sequence[str], names: Sequence[str]) -> NDArray[np.float64]:
    return np.array([float(cell) for cell in cells], dtype=np.float64)


def _say(task: Task, examples: Examples, place: int) -> str:
    return f"{float(examples.labels[place]):.3g}"


def _noise(task: Task, labels: Labels, count: int, generator: np.random.Generator) -> Labels:
    lowest, highest = task.score_range or (labels.min(), labels.max())
    return generator.uniform(lowest, highest, size=count)


def _loss(task: Task, logits: Tensor, labels: Tensor) -> Tensor:
    """Squared error (ŷ − y)² after scaling the scores to 0..1, whatever their unit."""
    from torch.nn import functional

    low, high = score_range(task)
    return functional.mse_loss(logits.squeeze(1), (labels - low) / (high - low))


def _predict(task: Task, logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """In the task's own unit, not cut to its range."""
    low, high = score_range(task)
    return low + (high - low) * logits[:, 0].astype(np.float64)


REGRESSION = TaskKind(
    name="regression",
    title="one sentence, a score",
    help="Gives a sentence a score, such as a rating or how strong a feeling is.",
    asks="a sentence in, a score from {low:g} to {high:g} out",
    target="score",
    target_title="scores",
    target_help="Scores are numbers.",
    pair=False,
    label_type=np.float64,
    metrics=("pearson", "spearman"),
    outputs=lambda task: 1,
    check=lambda task, split, labels: None,
    check_training=lambda task: None,
    check_trainable=_check_trainable,
    looks_like=looks_like,
    parts=None,
    read=_read,
    problem=_problem,
    written=tuple,
    write=lambda label, names: str(float(label)),
    say=_say,
    noise=_noise,
    counts=lambda labels, classes: None,
    loss=_loss,
    predict=_predict,
    value=lambda task, answer: float(answer),
    probabilities=lambda logits: None,
    floor=lambda task: None,
    no_floor="Guessing scores about 0: an answer that never changes has no correlation.",
    ranged=True,
)
