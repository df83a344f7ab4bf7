"""A question and a paragraph in, the words of the paragraph that answer it out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds.kind import Floor, Labels, TaskKind
from mtlviz.engine.kinds.span_rule import rule_answer
from mtlviz.engine.metrics import METRICS
from mtlviz.errors import ConfigError, DataError

if TYPE_CHECKING:
    from torch import Tensor

    from mtlviz.engine.tasks.task import Examples, Task

LONGEST_ANSWER = 30
"""Tokens, as in BERT's program for SQuAD: longer answers are rare and never predicted."""


def best_spans(logits: NDArray[np.float32], longest: int) -> tuple[NDArray, NDArray]:
    """The best span of each window: the largest sum of a start's and an end's logit.

    Args:
        logits: Of start and end, minus infinity where no answer may be, (N, T, 2).
        longest: Tokens an answer may have.

    Returns:
        Sums (N,), and first and last tokens (N, 2).
    """
    starts, ends = logits[:, :, 0], logits[:, :, 1]
    score = np.full(len(logits), -np.inf, dtype=np.float64)
    spans = np.zeros((len(logits), 2), dtype=np.int64)
    for further in range(min(longest, starts.shape[1])):
        sums = starts[:, : starts.shape[1] - further] + ends[:, further:]
        first = sums.argmax(1)
        found = sums[np.arange(len(sums)), first]
        better = found > score
        score[better] = found[better]
        spans[better] = np.stack([first, first + further], axis=1)[better]
    return score, spans


def _check(task: Task, split: str, labels: Labels) -> None:
    paragraphs = task.splits[split].second or ()
    inside = labels.ndim == 2 and len(paragraphs) == len(labels)
    sizes = np.array([len(each) for each in paragraphs]) if inside else None
    if (
        sizes is None
        or not ((labels[:, 0] >= 0) & (labels[:, 0] < labels[:, 1])).all()
        or (labels[:, 1] > sizes).any()
    ):
        raise DataError(
            f"Task {task.name!r}, {split}: an answer is the first and one-past-last character of "
            "words in its paragraph, and one is not."
        )


def _refuse(*given: Any) -> NoReturn:
    raise DataError("An answer's place is read from SQuAD files, not from a cell of a table.")


def _loss(task: Task, logits: Tensor, labels: Tensor) -> Tensor:
    """Half the cross-entropy of the first token and half that of the last.

    Windows without the answer, labelled -1, are left out.
    """
    from torch.nn import functional

    first, last = (
        functional.cross_entropy(logits[:, :, end], labels[:, end], ignore_index=-1)
        for end in range(2)
    )
    return (first + last) / 2


def _predict(task: Task, logits: NDArray[np.float32]) -> NDArray[np.int64]:
    """First and last token of each window."""
    return best_spans(logits, LONGEST_ANSWER)[1]


def _floor(task: Task) -> Floor | None:
    dev = task.splits["dev"]
    pairs = zip(dev.first, dev.second or (), strict=True)
    answers = [rule_answer(question, paragraph) for question, paragraph in pairs]
    score = METRICS[task.metric](answers, dev.references or ())
    answer = "the longest new name or number of the sentence most like the question"
    return Floor(score, answer, "a rule that learns nothing")


def _no_noise(task: Task, *others: Any) -> NoReturn:
    raise ConfigError(f"Label noise is for classes and scores, but {task.name!r} marks spans.")


def _say(task: Task, examples: Examples, place: int) -> str:
    first, last = examples.labels[place]
    return (examples.second or ())[place][int(first) : int(last)]


def _read_file(file: Path) -> Examples:
    from mtlviz.engine.tasks.squad import read_squad

    return read_squad(file)


def _problem(cell: str, names: Sequence[str] | None) -> str:
    return "an answer's place is read from SQuAD files, not from a cell"


SPAN_EXTRACTION = TaskKind(
    name="span_extraction",
    title="a question, a place in a text",
    help="Marks the words of a paragraph that answer a question.",
    asks="a question and a paragraph in, the words that answer it out",
    target="span",
    target_title="places in the second text",
    target_help="Places come from SQuAD files.",
    pair=True,
    label_type=np.int64,
    metrics=("span_f1", "span_em"),
    outputs=lambda task: 2,
    check=_check,
    check_training=lambda task: None,
    check_trainable=lambda task: None,
    looks_like=lambda cells: False,
    parts=None,
    read=_refuse,
    problem=_problem,
    written=tuple,
    write=_refuse,
    say=_say,
    noise=_no_noise,
    counts=lambda labels, classes: None,
    loss=_loss,
    predict=_predict,
    value=lambda task, answer: str(answer),
    probabilities=lambda logits: None,
    floor=_floor,
    no_floor="Guessing has no score here: an answer is a piece of the paragraph.",
    reads_tokens=True,
    truth=lambda examples: examples.references,
    read_file=_read_file,
)
