"""A question and a paragraph in, the words of the paragraph that answer it out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds.kind import Ceiling, Floor, Labels, TaskKind
from mtlviz.engine.kinds.span_rule import rule_answer
from mtlviz.engine.metrics import METRICS
from mtlviz.errors import ConfigError, DataError

if TYPE_CHECKING:
    from torch import Tensor

    from mtlviz.engine.tasks.task import Examples, Task

LONGEST_ANSWER = 30
"""Tokens, as in BERT's program for SQuAD: longer answers are rare and never predicted."""


BEST = 20
"""Starts, ends, and spans of them that a window proposes, as in BERT's program for SQuAD."""


def best_spans(
    logits: NDArray[np.float32], longest: int = LONGEST_ANSWER, count: int = BEST
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The best spans of each window, by the sum of a start's and an end's logit, best first.

    Of the best starts and the best ends every pair is tried that is in order and not too long.

    Args:
        logits: Of start and end, minus infinity where no answer may be, (N, T, 2).
        longest: Tokens an answer may have.
        count: Starts, ends, and spans B that are kept, fewer where a window is shorter.

    Returns:
        Sums (N, B), minus infinity where there are no more spans, and first and last tokens
        (N, B, 2).

    Reference:
        run_squad.py of google-research/bert, `write_predictions`.
    """
    count = min(count, logits.shape[1])
    ends = np.argsort(-logits, axis=1, kind="stable")[:, :count]
    spans = np.stack(np.broadcast_arrays(ends[:, :, None, 0], ends[:, None, :, 1]), axis=-1)
    found = np.take_along_axis(logits, ends, axis=1).astype(np.float64)
    sums = found[:, :, None, 0] + found[:, None, :, 1]
    further = spans[..., 1] - spans[..., 0]
    sums[(further < 0) | (further >= longest)] = -np.inf
    sums, spans = sums.reshape(len(sums), -1), spans.reshape(len(spans), -1, 2)
    order = np.argsort(-sums, axis=1, kind="stable")[:, :count]
    best = np.take_along_axis(spans, order[:, :, None], axis=1)
    sums = np.take_along_axis(sums, order, axis=1)
    return sums, np.where(np.isneginf(sums)[..., None], 0, best)


def check_places(task: Task, split: str, labels: Labels) -> None:
    """Check that every answer is words of its paragraph."""
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
    """Cross-entropy of first and last token, −½ (log p_first + log p_last).

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
    return best_spans(logits)[1][:, 0]


def _floor(task: Task) -> Floor | None:
    dev = task.splits["dev"]
    pairs = zip(dev.first, dev.second or (), strict=True)
    answers = [rule_answer(question, paragraph) for question, paragraph in pairs]
    score = METRICS[task.metric](answers, dev.references or ())
    answer = "the longest new name or number of the sentence most like the question"
    return Floor(score, answer, "a rule that learns nothing")


def second_against_others(metrics: Sequence[str], task: Task) -> Ceiling | None:
    """What the second person's answer to each question scores by the other people's."""
    several = [texts for texts in task.splits["dev"].references or () if len(texts) > 1]
    if not several:
        return None
    people = [texts[1] for texts in several]
    others = [(texts[0], *texts[2:]) for texts in several]
    return Ceiling(
        scores={name: METRICS[name](people, others) for name in metrics},
        errors={name: METRICS[name].error(people, others) for name in metrics},
        count=len(several),
        how="the second person's answer by the others'",
    )


def _groups(examples: Examples) -> dict[str, NDArray[np.bool_]]:
    """Questions that several people answered, and those that one did: the first score higher."""
    several = np.array([len(texts) > 1 for texts in examples.references or ()], dtype=bool)
    if several.all() or not several.any():
        return {}
    return {"several references": several, "one reference": ~several}


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


_METRICS = ("span_f1", "span_em")
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
    metrics=_METRICS,
    outputs=lambda task: 2,
    check=check_places,
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
    ceiling=partial(second_against_others, _METRICS),
    groups=_groups,
)
