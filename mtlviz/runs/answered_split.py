"""A model's answers to a labelled split, one by one beside the right ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.metrics import METRICS
from mtlviz.engine.predictions import in_words
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.errors import DataError


@dataclass(frozen=True)
class AnsweredExample:
    """One example of a split.

    Attributes:
        place: Its place in the split.
        said: The answer, as a person reads it.
        right: The label, or every accepted answer once.
        scores: The answer's own score by each metric; empty where a metric needs many answers.
        wrong: Whether the answer is none of the right ones; None for scores, which come close.
        best: The best few answers with `text`, `score` and `place`; empty where answers are no
            text.
    """

    place: int
    said: str
    right: tuple[str, ...]
    scores: Mapping[str, float]
    wrong: bool | None
    best: tuple[Mapping[str, Any], ...]


def answered_split(task: Task, examples: Examples, content: str) -> list[AnsweredExample]:
    """Answers beside the right ones, in the order of the split.

    Args:
        task: The task.
        examples: The split, with labels.
        content: Its answers in the format of JSON Lines.

    Raises:
        DataError: The answers belong to other examples: the data have changed since.
    """
    # Not splitlines: a text may hold other signs that end a line.
    rows = [json.loads(line) for line in content.split("\n") if line]
    if [row["id"] for row in rows] != list(examples.ids):
        raise DataError(f"The examples of task {task.name!r} are others than were answered.")
    one = _of_text if KINDS[task.kind].reads_tokens else _of_label
    return [one(task, examples, place, row) for place, row in enumerate(rows)]


def _of_label(
    task: Task, examples: Examples, place: int, row: Mapping[str, Any]
) -> AnsweredExample:
    kind = KINDS[task.kind]
    right = kind.value(task, examples.labels[place])
    wrong = None if kind.ranged else row["prediction"] != right
    return AnsweredExample(place, in_words(row["prediction"]), (in_words(right),), {}, wrong, ())


def _of_text(task: Task, examples: Examples, place: int, row: Mapping[str, Any]) -> AnsweredExample:
    """Words of a passage, scored by the official rules against every accepted answer."""
    kind, said = KINDS[task.kind], row["prediction"]
    truth = kind.truth(examples)[place]
    scores = {name: METRICS[name]([said], [truth]) for name in kind.metrics}
    right = tuple(dict.fromkeys((examples.references or ())[place]))
    wrong = scores[kind.metrics[1]] < 1
    return AnsweredExample(place, said, right, scores, wrong, tuple(row.get("best", ())))
