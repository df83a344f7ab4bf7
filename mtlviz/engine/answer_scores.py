"""Scores of answers in a text, by the rules of SQuAD v1.1 and of v2.0."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import DataError

Accepted = Sequence[str]
Score = Callable[[str, Accepted], float]
"""Of an answer and the accepted ones, from 0 to 1."""


def normalised_answer(text: str) -> str:
    """Lower-case text without punctuation, English articles and extra blanks, as in SQuAD."""
    bare = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", bare).split())


def same(prediction: str, accepted: Accepted) -> float:
    """Whether an answer equals an accepted one, by the rule of v1.1."""
    return float(normalised_answer(prediction) in map(normalised_answer, accepted))


def overlap(prediction: str, accepted: Accepted) -> float:
    """Word overlap (F1) with the nearest accepted answer; two empty ones share no word (v1.1)."""
    return max(_overlap(prediction, reference) for reference in accepted)


def same_or_none(prediction: str, accepted: Accepted) -> float:
    """Whether an answer equals an accepted one, by the rule of v2.0: the empty answer is none."""
    return same(prediction, answers_of(accepted))


def overlap_or_none(prediction: str, accepted: Accepted) -> float:
    """Word overlap (F1) by the rule of v2.0: where one of two is empty, 1 if both are."""
    return max(
        _overlap(prediction, reference)
        if normalised_answer(prediction) and normalised_answer(reference)
        else same(prediction, [reference])
        for reference in answers_of(accepted)
    )


def answers_of(accepted: Accepted) -> Accepted:
    """Accepted answers that are not empty, or the empty one, which stands for none (v2.0)."""
    return [text for text in accepted if normalised_answer(text)] or [""]


def mean_score(score: Score, predictions: Sequence[str], references: Sequence[Accepted]) -> float:
    """Mean over questions."""
    return float(np.mean(_scores(score, predictions, references)))


def spread_error(score: Score, predictions: Sequence[str], references: Sequence[Accepted]) -> float:
    """Standard error of that mean, from the spread of the questions' scores.

    Where there is no spread, half of what one more question could change; missing of one question.
    """
    scores = _scores(score, predictions, references)
    if len(scores) < 2:
        return float("nan")
    error = float(np.std(scores, ddof=1) / np.sqrt(len(scores)))
    mean = float(scores.mean())
    return error if error > 0 else max(mean, 1 - mean) / (2 * (len(scores) + 1))


def check_counts(predictions: int, labels: int) -> None:
    """Check that there are as many predictions as labels.

    Raises:
        DataError: There are not, or there are none.
    """
    if predictions != labels or not labels:
        raise DataError(
            "A score needs one prediction for each label and at least one of them, "
            f"got {predictions} predictions for {labels} labels."
        )


def _overlap(prediction: str, reference: str) -> float:
    given, wanted = (normalised_answer(text).split() for text in (prediction, reference))
    shared = sum((Counter(given) & Counter(wanted)).values())
    return 2 * shared / (len(given) + len(wanted)) if shared else 0.0


def _scores(
    score: Score, predictions: Sequence[str], references: Sequence[Accepted]
) -> NDArray[np.float64]:
    """Each answer's score, (N,)."""
    check_counts(len(predictions), len(references))
    pairs = zip(predictions, references, strict=True)
    return np.array([score(prediction, accepted) for prediction, accepted in pairs])
