"""A sentence in, one of several classes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds.kind import Floor, Labels, TaskKind
from mtlviz.engine.metrics import METRICS
from mtlviz.errors import DataError
from mtlviz.limits import brief

if TYPE_CHECKING:
    from torch import Tensor

    from mtlviz.engine.tasks.task import Examples, Task

_LISTED = 20


def _check(task: Task, split: str, labels: Labels) -> None:
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(task.label_names):
        raise DataError(
            f"Task {task.name!r}, {split}: labels run from {labels.min()} to {labels.max()}, "
            f"its {len(task.label_names)} classes from 0 to {len(task.label_names) - 1}."
        )


def _check_training(task: Task) -> None:
    classes = np.unique(task.splits["train"].labels)
    if len(classes) < 2:
        raise DataError(
            f"The training examples of task {task.name!r} are all of the class "
            f"{task.label_names[int(classes[0])]!r}; at least two classes are needed."
        )


def _problem(cell: str, names: Sequence[str] | None) -> str | None:
    if names is None:
        return None if cell.strip() else "no label"
    if cell.strip() in names:
        return None
    return f"label {brief(cell.strip(), 40)} is not one of {first_names(names)}"


def first_names(names: Sequence[str]) -> str:
    """Label names in quotes, the first of them where there are many."""
    shown = ", ".join(brief(name, 40) for name in names[:_LISTED])
    return f"{shown} and {len(names) - _LISTED:,} more" if len(names) > _LISTED else shown


def _read(cells: Sequence[str], names: Sequence[str]) -> NDArray[np.int64]:
    numbers = {name: number for number, name in enumerate(names)}
    return np.array([numbers[cell.strip()] for cell in cells], dtype=np.int64)


def _written(names: Sequence[str]) -> Sequence[str]:
    """A folder's files hold the number of a class."""
    return tuple(map(str, range(len(names))))


def _write(label: NDArray, names: Sequence[str]) -> str:
    return str(int(label))


def _say(task: Task, examples: Examples, place: int) -> str:
    return task.label_names[int(examples.labels[place])]


def _noise(task: Task, labels: Labels, count: int, generator: np.random.Generator) -> Labels:
    return generator.integers(len(task.label_names), size=count)


def _counts(labels: Labels, classes: int) -> NDArray[np.int64]:
    return np.bincount(labels.astype(np.int64), minlength=classes)


def _loss(task: Task, logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy, −log p of the right class, with p = softmax(logits)."""
    from torch.nn import functional

    return functional.cross_entropy(logits, labels)


def _predict(task: Task, logits: NDArray[np.float32]) -> NDArray[np.int64]:
    return logits.argmax(1)


def _probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Softmax: how the classes share one."""
    raised = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def _floor(task: Task) -> Floor | None:
    """Always the training split's most common class."""
    counts = _counts(task.splits["train"].labels, len(task.label_names))
    majority, labels = int(counts.argmax()), task.splits["dev"].labels
    score = METRICS[task.metric](np.full(len(labels), majority), labels)
    share = counts[majority] / max(1, counts.sum())
    why = f"the most frequent training class ({share:.1%})"
    return None if np.isnan(score) else Floor(score, task.label_names[majority], why)


CLASSIFICATION = TaskKind(
    name="classification",
    title="one sentence, a class",
    help="Says which of several classes a sentence belongs to, such as its sentiment.",
    asks="a sentence in, one of {classes} classes out",
    target="class",
    target_title="classes",
    target_help="Classes are names, one of which is right.",
    pair=False,
    label_type=np.int64,
    metrics=("accuracy", "f1", "f1_macro", "matthews"),
    outputs=lambda task: len(task.label_names),
    check=_check,
    check_training=_check_training,
    check_trainable=lambda task: None,
    looks_like=lambda cells: True,
    parts=lambda cell: (cell.strip(),),
    read=_read,
    problem=_problem,
    written=_written,
    write=_write,
    say=_say,
    noise=_noise,
    counts=_counts,
    loss=_loss,
    predict=_predict,
    value=lambda task, answer: task.label_names[int(answer)],
    probabilities=_probabilities,
    floor=_floor,
    no_floor="An answer that never changes has no score here: it is undefined.",
)
