"""A sentence in, any number of labels out: several of them, one, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds.classification import CLASSIFICATION, first_names
from mtlviz.engine.kinds.kind import Floor, Labels
from mtlviz.engine.metrics import METRICS
from mtlviz.errors import DataError
from mtlviz.limits import brief

if TYPE_CHECKING:
    from torch import Tensor

    from mtlviz.engine.tasks.task import Examples, Task


def _parts(cell: str) -> Sequence[str]:
    return [part.strip() for part in cell.split(",")] if cell.strip() else []


def _looks_like(cells: Sequence[str]) -> bool:
    """Whether cells name the same few labels in many ways, several in some cells.

    A class with a comma in it, such as New York, NY, brings more parts than there are classes.
    """
    parts = [part for cell in cells for part in _parts(cell)]
    several, again = len(parts) > sum(map(bool, cells)), 2 * len(set(parts)) <= len(parts)
    written = {tuple(_parts(cell)) for cell in cells}
    sets = {frozenset(each) for each in written}
    return several and again and (len(sets) < len(written) or len(sets) >= len(set(parts)))


def _problem(cell: str, names: Sequence[str] | None) -> str | None:
    parts = _parts(cell)
    if "" in parts:
        return f"labels {brief(cell, 40)} have an empty one: write them as joy,anger"
    if len(set(parts)) < len(parts):
        return f"labels {brief(cell, 40)} name one twice"
    unknown = next((part for part in parts if names is not None and part not in names), None)
    if unknown is None:
        return None
    return f"label {brief(unknown, 40)} is not one of {first_names(names or ())}"


def _read(cells: Sequence[str], names: Sequence[str]) -> NDArray[np.int64]:
    """1 where an example bears a label, (N, C); the order in the cell does not matter."""
    sets = [set(_parts(cell)) for cell in cells]
    rows = [[int(name in found) for name in names] for found in sets]
    return np.array(rows, dtype=np.int64).reshape(len(cells), len(names))


def _write(label: NDArray, names: Sequence[str]) -> str:
    return ",".join(name for name, borne in zip(names, label, strict=True) if borne)


def _say(task: Task, examples: Examples, place: int) -> str:
    return _in_words(task, examples.labels[place])


def _in_words(task: Task, label: NDArray) -> str:
    return ", ".join(_parts(_write(label, task.label_names))) or "none"


def _check(task: Task, split: str, labels: Labels) -> None:
    wrong = [name for name in task.label_names if "," in name or not name.strip()]
    if len(task.label_names) < 2 or wrong:
        given = ", ".join(map(repr, task.label_names)) or "none"
        raise DataError(
            f"Task {task.name!r} needs two or more label names without commas, got {given}."
        )
    if (
        labels.ndim != 2
        or labels.shape[1] != len(task.label_names)
        or not np.isin(labels, (0, 1)).all()
    ):
        raise DataError(
            f"Task {task.name!r}, {split}: an example says 0 or 1 for each of its "
            f"{len(task.label_names)} labels, got numbers of shape {labels.shape}."
        )


def _check_training(task: Task) -> None:
    labels = task.splits["train"].labels
    if not np.ptp(labels, axis=0).any():
        raise DataError(
            f"The training examples of task {task.name!r} all have the same labels "
            f"({_in_words(task, labels[0])}); at least one must differ."
        )


def _noise(task: Task, labels: Labels, count: int, generator: np.random.Generator) -> Labels:
    """The labels of random examples, so that none becomes more frequent."""
    return labels[generator.integers(len(labels), size=count)]


def _loss(task: Task, logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of a yes or no for each label, the mean over labels, with p = σ(logit)."""
    from torch.nn import functional

    return functional.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype))


def _predict(task: Task, logits: NDArray[np.float32]) -> NDArray[np.int64]:
    """Each label whose probability is above one half."""
    return (logits > 0).astype(np.int64)


def _probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """The logistic function of each label's logit: labels do not exclude each other."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64)))


def _value(task: Task, answer: NDArray) -> list[str]:
    return [name for name, borne in zip(task.label_names, answer, strict=True) if borne]


def _floor(task: Task) -> Floor | None:
    """The set of labels that scores best on the training split, for every development example."""
    train, dev = task.splits["train"].labels, task.splits["dev"].labels

    def scored(answer: Labels, labels: Labels) -> float:
        return METRICS[task.metric](np.tile(answer, (len(labels), 1)), labels)

    best = max(_constants(train), key=lambda answer: np.nan_to_num(scored(answer, train)))
    score = scored(best, dev)
    why = "the constant answer that scores best in training"
    return None if np.isnan(score) else Floor(score, _in_words(task, best), why)


def _constants(labels: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Answers among which the best constant one is, whatever the metric.

    The most frequent set has the best subset accuracy. For a given number of labels the most
    frequent ones have the best micro F1, and all of them the best macro F1.
    """
    sets, counts = np.unique(labels, axis=0, return_counts=True)
    rank = np.argsort(np.argsort(-labels.sum(0), kind="stable"))
    firsts = [(rank < count).astype(np.int64) for count in range(1, labels.shape[1] + 1)]
    return [sets[counts.argmax()], *firsts]


MULTILABEL = replace(
    CLASSIFICATION,
    name="multilabel",
    title="one sentence, any number of labels",
    help="Says which of several labels a sentence bears: several, one or none, such as emotions.",
    asks="a sentence in, any of {classes} labels out",
    target="labels",
    target_title="several labels",
    target_help="Several labels stand in a cell as joy,anger in any order; an empty cell has none.",
    metrics=("f1_micro", "f1_macro", "subset_accuracy"),
    check=_check,
    check_training=_check_training,
    looks_like=_looks_like,
    parts=_parts,
    read=_read,
    problem=_problem,
    written=tuple,
    write=_write,
    say=_say,
    noise=_noise,
    counts=lambda labels, classes: labels.sum(0),
    loss=_loss,
    predict=_predict,
    value=_value,
    probabilities=_probabilities,
    floor=_floor,
)
