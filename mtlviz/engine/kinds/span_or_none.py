"""A question and a paragraph in, the words that answer it out, or none: SQuAD v2.0."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds.kind import Floor, Labels
from mtlviz.engine.kinds.span_extraction import (
    SPAN_EXTRACTION,
    best_spans,
    check_places,
    second_against_others,
)
from mtlviz.engine.metrics import METRICS
from mtlviz.errors import DataError

if TYPE_CHECKING:
    from mtlviz.engine.tasks.task import Examples, Task

_METRICS = ("span_f1_v2", "span_em_v2")
NONE = "no answer"


def is_none(labels: NDArray) -> NDArray[np.bool_]:
    """Which questions have no answer: their place is (0, 0), (N,)."""
    return ~labels.any(1)


def without_none(logits: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """The score of no answer in each window, and the logits of all others.

    Args:
        logits: Of start and end, (N, T, 2); the first token stands for no answer.

    Returns:
        Sums of the first token's two logits (N,), and the logits without it (N, T, 2).
    """
    others = logits.copy()
    others[:, 0] = -np.inf
    return logits[:, 0].sum(1, dtype=np.float64), others


def _check(task: Task, split: str, labels: Labels) -> None:
    examples = task.splits[split]
    if labels.ndim != 2 or len(examples.second or ()) != len(labels):
        raise DataError(f"Task {task.name!r}, {split}: an answer is two places in its paragraph.")
    asked = ~is_none(labels)
    texts = tuple(text for text, kept in zip(examples.second or (), asked, strict=True) if kept)
    answered = replace(examples, second=texts)
    check_places(replace(task, splits={split: answered}), split, labels[asked])


def _predict(task: Task, logits: NDArray[np.float32]) -> NDArray[np.int64]:
    """First and last token of each window, (0, 0) where no answer scores higher."""
    none, others = without_none(logits)
    sums, spans = best_spans(others)
    return np.where((none > sums[:, 0])[:, None], 0, spans[:, 0])


def _floor(task: Task) -> Floor | None:
    """The rule of questions that have an answer, or that none has one."""
    dev = task.splits["dev"]
    none = METRICS[task.metric]([""] * len(dev), dev.references or ())
    rule = SPAN_EXTRACTION.floor(task)
    if rule is not None and rule.score > none:
        return rule
    return Floor(none, NONE, "the better of that and a rule, both of which learn nothing")


def _say(task: Task, examples: Examples, place: int) -> str:
    return SPAN_EXTRACTION.say(task, examples, place) or NONE


def _groups(examples: Examples) -> dict[str, NDArray[np.bool_]]:
    none = is_none(examples.labels)
    if none.all() or not none.any():
        return {}
    return {"with an answer": ~none, "without an answer": none}


def _read_file(file: Path) -> Examples:
    from mtlviz.engine.tasks.squad import read_squad

    return read_squad(file, or_none=True)


SPAN_OR_NONE = replace(
    SPAN_EXTRACTION,
    name="span_or_none",
    title="a question, a place in a text or none",
    help="Marks the words of a paragraph that answer a question, or says that none do.",
    asks="a question and a paragraph in, the words that answer it out, or none",
    metrics=_METRICS,
    check=_check,
    say=_say,
    predict=_predict,
    floor=_floor,
    read_file=_read_file,
    or_none=True,
    ceiling=partial(second_against_others, _METRICS),
    groups=_groups,
)
