"""What a trained model's head says of some texts, as plain values. Needs no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.task import Examples, SplitName, Task, Texts
from mtlviz.errors import DataError, unknown_choice

if TYPE_CHECKING:
    from mtlviz.engine.span_answers import SpanAnswer


@dataclass(frozen=True)
class Predictions:
    """One task's answers to some texts.

    Attributes:
        task: The task.
        texts: What was asked, N texts.
        answers: The answers in the form of the task's labels, or words for spans, N of them.
        probabilities: Of each class or label of the task, (N, C); None where its kind has none.
        best: The best answers to each question with their scores, the best first; None where
            answers are no text.
    """

    task: Task
    texts: Texts
    answers: NDArray | list[str]
    probabilities: NDArray[np.float64] | None
    best: list[tuple[SpanAnswer, ...]] | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def values(self) -> list[Any]:
        """Each answer as a program reads it: a name, a list of names, a score, or words."""
        kind = KINDS[self.task.kind]
        return [kind.value(self.task, answer) for answer in self.answers]

    @property
    def words(self) -> list[str]:
        """Each answer as a person reads it."""
        return [in_words(value) for value in self.values]

    def odds(self, place: int) -> dict[str, float]:
        """The probability of each class or label of one text; empty where there are none."""
        if self.probabilities is None:
            return {}
        return dict(zip(self.task.label_names, self.probabilities[place].tolist(), strict=True))


def in_words(value: Any) -> str:
    """An answer of a program as a person reads it."""
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def texts_of(task: Task, split: SplitName) -> Texts:
    """The texts of a task's split, whether anybody knows their labels or not.

    Raises:
        DataError: The task has no such split, or its file cannot be read.
    """
    if split in task.splits:
        return task.splits[split].texts
    if split in task.unlabelled:
        return task.unlabelled[split]()
    raise _no_split(task, split)


def labelled_split(task: Task, split: SplitName) -> Examples:
    """The examples of a task's split that can be scored.

    Raises:
        DataError: The task has no such split, or nobody has its labels.
    """
    if split in task.splits:
        return task.splits[split]
    if split in task.unlabelled:
        raise DataError(
            f"The {split} split of task {task.name!r} has no labels: it is answered, never scored."
        )
    raise _no_split(task, split)


def check_texts(task: Task, texts: Texts) -> None:
    """Check that a task can be asked about some texts.

    Raises:
        DataError: It cannot.
    """
    if not len(texts):
        raise DataError(f"There is no text for task {task.name!r} to answer.")
    pair = KINDS[task.kind].pair
    if pair != (texts.second is not None):
        wanted = "two texts: give the second one too" if pair else "one text: leave the second out"
        raise DataError(f"Task {task.name!r} reads {wanted}.")


def _no_split(task: Task, split: str) -> Exception:
    known = [*task.splits, *task.unlabelled]
    if split not in ("train", "dev", "test"):
        return unknown_choice("split", split, ("train", "dev", "test"))
    return DataError(f"Task {task.name!r} has no {split} split; it has {' and '.join(known)}.")
