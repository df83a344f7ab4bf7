"""What a task holds, counted: labels, lengths, and what guessing would score."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.metrics import baseline
from mtlviz.engine.tasks.task import Examples, SplitName, Task


@dataclass(frozen=True)
class Survey:
    """Counts of a task's splits.

    Attributes:
        labels: Examples of each class in each split, (C,); empty for scores and spans.
        scores: The scores of each split, (N,); empty for classes and spans.
        words: Words between blanks of each example, both texts of a pair together, (N,).
        baseline: Development score of always answering the most common training class; None for
            scores and spans.
        most_common: Name of that class; None where there is no baseline.
    """

    labels: Mapping[SplitName, NDArray[np.int64]]
    scores: Mapping[SplitName, NDArray[np.float64]]
    words: Mapping[SplitName, NDArray[np.int64]]
    baseline: float | None
    most_common: str | None


def survey(task: Task) -> Survey:
    """Count what a task holds."""
    labels: dict[SplitName, NDArray[np.int64]] = {}
    scores: dict[SplitName, NDArray[np.float64]] = {}
    for split, examples in task.splits.items():
        if task.label_names:
            counts = np.bincount(examples.labels.astype(np.int64), minlength=len(task.label_names))
            labels[split] = counts
        elif examples.labels.ndim == 1:
            scores[split] = examples.labels.astype(np.float64)
    return Survey(
        labels,
        scores,
        {split: lengths(examples) for split, examples in task.splits.items()},
        baseline(task),
        task.label_names[int(labels["train"].argmax())] if labels else None,
    )


def lengths(examples: Examples) -> NDArray[np.int64]:
    """Words between blanks of each example, both texts of a pair together, (N,)."""
    counts = np.array([len(text.split()) for text in examples.first], dtype=np.int64)
    if examples.second is not None:
        counts += np.array([len(text.split()) for text in examples.second], dtype=np.int64)
    return counts


def matching_positions(
    examples: Examples, *, label: int | None = None, words: str = ""
) -> NDArray[np.int64]:
    """Positions of the examples of one class whose text holds these words, in order.

    Args:
        examples: A split.
        label: Number of the class; None for all.
        words: Text to look for, whatever its case, in either text of a pair; empty for all.
    """
    chosen = np.ones(len(examples), dtype=bool)
    if label is not None:
        chosen &= examples.labels == label
    if wanted := words.strip().lower():
        found = np.array([wanted in text.lower() for text in examples.first], dtype=bool)
        if examples.second is not None:
            found |= np.array([wanted in text.lower() for text in examples.second], dtype=bool)
        chosen &= found
    return np.flatnonzero(chosen)
