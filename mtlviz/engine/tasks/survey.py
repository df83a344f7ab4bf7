"""What a task holds, counted: labels, lengths, and what guessing would score."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds import KINDS, Ceiling, Floor
from mtlviz.engine.tasks.task import Examples, SplitName, Task
from mtlviz.engine.text_words import split_words


@dataclass(frozen=True)
class Survey:
    """Counts of a task's splits.

    Attributes:
        labels: Examples of each class in each split, (C,); empty for scores and spans.
        scores: The scores of each split, (N,); empty for classes and spans.
        words: Words between blanks of each example, both texts of a pair together, (N,).
        floor: What the best answer that never changes scores on dev; None where it has no score.
        ceiling: What people score on dev; None where the data do not tell.
    """

    labels: Mapping[SplitName, NDArray[np.int64]]
    scores: Mapping[SplitName, NDArray[np.float64]]
    words: Mapping[SplitName, NDArray[np.int64]]
    floor: Floor | None
    ceiling: Ceiling | None = None

    @property
    def sizes(self) -> dict[SplitName, int]:
        """Examples of each split."""
        return {split: len(each) for split, each in self.words.items()}


def survey(task: Task) -> Survey:
    """Count what a task holds."""
    kind, labels = KINDS[task.kind], dict[SplitName, NDArray[np.int64]]()
    scores: dict[SplitName, NDArray[np.float64]] = {}
    for split, examples in task.splits.items():
        counts = kind.counts(examples.labels, len(task.label_names))
        if counts is not None:
            labels[split] = counts
        elif examples.labels.ndim == 1:
            scores[split] = examples.labels.astype(np.float64)
    return Survey(
        labels,
        scores,
        {split: lengths(examples) for split, examples in task.splits.items()},
        kind.floor(task),
        kind.ceiling(task),
    )


def lengths(examples: Examples) -> NDArray[np.int64]:
    """Words between blanks of each example, both texts of a pair together, (N,)."""
    counts = np.array([len(text.split()) for text in examples.first], dtype=np.int64)
    if examples.second is not None:
        counts += np.array([len(text.split()) for text in examples.second], dtype=np.int64)
    return counts


def unknown_words(task: Task) -> float:
    """Share of the development texts' words that stand less than twice in the training texts.

    The own tokenizer knows no others, so a model with word vectors of its own cannot tell them
    apart. Texts without blanks between their words, as in Thai, have a large share.
    """
    known = Counter(word for text in _texts(task, "train") for word in split_words(text))
    counts = Counter(word for text in _texts(task, "dev") for word in split_words(text))
    unknown = sum(count for word, count in counts.items() if known[word] < 2)
    return unknown / max(1, counts.total())


def _texts(task: Task, split: SplitName) -> tuple[str, ...]:
    examples = task.splits[split]
    return (*examples.first, *(examples.second or ()))


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
        several = examples.labels.ndim > 1
        chosen &= examples.labels[:, label] > 0 if several else examples.labels == label
    if wanted := words.strip().lower():
        found = np.array([wanted in text.lower() for text in examples.first], dtype=bool)
        if examples.second is not None:
            found |= np.array([wanted in text.lower() for text in examples.second], dtype=bool)
        chosen &= found
    return np.flatnonzero(chosen)
