"""A question's answers over all of its windows: the best few, and the one that is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds.span_extraction import BEST, best_spans
from mtlviz.engine.kinds.span_or_none import without_none
from mtlviz.engine.span_windows import Windows, of_each
from mtlviz.engine.tasks.task import Examples


@dataclass(frozen=True)
class SpanAnswer:
    """One answer to a question.

    Attributes:
        text: As it stands in the paragraph; empty where it is that there is none.
        score: Sum of the logits of its first and its last token, in the window where it is best.
        place: First and one-past-last character in the paragraph; (0, 0) where there is none.
    """

    text: str
    score: float
    place: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class QuestionAnswers:
    """What a model answers to a question.

    Attributes:
        best: Its best answers, the best first, no two with the same text. Empty where no window
            has room for any.
        given: The text of the one that is given, which is scored; empty for none.
    """

    best: tuple[SpanAnswer, ...]
    given: str


@dataclass(frozen=True)
class Spans:
    """What each of W windows proposes.

    Attributes:
        scores: Of its best spans, the best first, (W, B); minus infinity where there are no more.
        places: First and last token of each, (W, B, 2).
        none: Score of no answer, (W,); None where every question has one.
    """

    scores: NDArray[np.float64]
    places: NDArray[np.int64]
    none: NDArray[np.float64] | None

    @staticmethod
    def of(logits: NDArray[np.float32], or_none: bool) -> Spans:
        """The best spans of some windows.

        Args:
            logits: Of start and end, minus infinity where no answer may be, (W, T, 2).
            or_none: Whether the first token stands for no answer.
        """
        none, others = without_none(logits) if or_none else (None, logits)
        return Spans(*best_spans(others), none)

    @staticmethod
    def joined(parts: Sequence[Spans], order: Sequence[NDArray[np.int64]]) -> Spans:
        """Windows of several batches, whose numbers are given, in the order of the numbers."""
        back = np.argsort(np.concatenate(order))
        most = max(part.scores.shape[1] for part in parts)
        scores = np.full((len(back), most), -np.inf)
        places = np.zeros((len(back), most, 2), dtype=np.int64)
        start = 0
        for part in parts:
            rows, columns = part.scores.shape
            scores[start : start + rows, :columns] = part.scores
            places[start : start + rows, :columns] = part.places
            start += rows
        nones = [part.none for part in parts if part.none is not None]
        return Spans(scores[back], places[back], np.concatenate(nones)[back] if nones else None)


def question_answers(
    windows: Windows, examples: Examples, spans: Spans, threshold: float = 0.0
) -> list[QuestionAnswers]:
    """Each question's answers over all of its windows.

    Logits of all windows are compared as they are. Of spans with the same text, as neighbouring
    windows give, the best stays. No answer scores what it scores in the window that believes in it
    least, and is given where that is higher than the best answer's score by more than a threshold.

    Args:
        windows: The questions, cut into windows.
        examples: The questions, N of them.
        spans: What each window proposes.
        threshold: By how much no answer must be ahead to be given.

    Reference:
        run_squad.py of google-research/bert, `write_predictions` with
        `null_score_diff_threshold`.
    """
    owned = zip(of_each(windows.owner), examples.second or (), strict=True)
    return [_of_question(windows, own, paragraph, spans, threshold) for own, paragraph in owned]


def _of_question(
    windows: Windows, own: range, paragraph: str, spans: Spans, threshold: float
) -> QuestionAnswers:
    best = _merged(each for row in own for each in _proposed(windows, row, paragraph, spans))
    given = best[0].text if best else ""
    if spans.none is None:
        return QuestionAnswers(best, given)
    none = SpanAnswer("", float(spans.none[own].min()))
    ahead = not best or none.score - best[0].score > threshold
    return QuestionAnswers(_merged([*best, none]), "" if ahead else given)


def _proposed(windows: Windows, row: int, paragraph: str, spans: Spans) -> Iterable[SpanAnswer]:
    offsets = windows.rows.offsets_of(row)
    for score, (first, last) in zip(spans.scores[row], spans.places[row], strict=True):
        if score == -np.inf:
            return
        start, end = int(offsets[first, 0]), int(offsets[last, 1])
        yield SpanAnswer(paragraph[start:end], float(score), (start, end))


def _merged(proposed: Iterable[SpanAnswer]) -> tuple[SpanAnswer, ...]:
    """The best answers, the best first, each text once; of equal ones the first comes first."""
    by_text: dict[str, SpanAnswer] = {}
    for each in proposed:
        if each.text not in by_text or each.score > by_text[each.text].score:
            by_text[each.text] = each
    return tuple(nlargest(BEST, by_text.values(), key=lambda each: each.score))
