"""Where answers stand in a paragraph and in the windows that it is cut into. Needs no PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mtlviz.engine.text_words import located_words, split_words

SHORTEST = 16
"""Tokens of a window that leave room for a question and a piece of its paragraph."""
Place = tuple[int, int]


def span_tokens(
    offsets: Sequence[tuple[int, int]], span: tuple[int, int]
) -> tuple[int, int] | None:
    """First and last token of an answer, or nothing if truncation cut part of it off.

    A token belongs to the answer if they share a character, so an answer inside a word gets the
    whole word.

    Args:
        offsets: First and one-past-last character of each token in the paragraph; an empty range
            such as (0, 0) for special tokens and those of the question.
        span: First and one-past-last character of the answer in the paragraph.

    Returns:
        Positions of the first and the last token, both inclusive.
    """
    start, end = span
    shown = [(first, last) for first, last in offsets if last > first]
    if not shown or shown[0][0] > start or shown[-1][1] < end:
        return None
    inside = [
        position
        for position, (first, last) in enumerate(offsets)
        if last > first and first < end and last > start
    ]
    return (inside[0], inside[-1]) if inside else None


def located(offsets: Sequence[Place], answer: Sequence[int]) -> tuple[float, Place]:
    """Tokens on the scarcer side of an answer in a window, and its first and last token.

    Below zero where the window does not show it whole: minus the characters that are missing.

    Args:
        offsets: First and one-past-last character of each token, as `span_tokens` takes them.
        answer: First and one-past-last character of the answer, both 0 where there is none: every
            window says that, at its first token.
    """
    start, end = map(int, answer)
    if not end:
        return 0.0, (0, 0)
    shown = [place for place, (first, last) in enumerate(offsets) if last > first]
    if not shown:
        return -float(end - start) - 1, (0, 0)
    low, high = int(offsets[shown[0]][0]), int(offsets[shown[-1]][1])
    span = span_tokens(offsets, (max(start, low), min(end, high)))
    if span is None:
        return -float(end - start) - 1, (shown[0], shown[0])
    missing = max(0, low - start) + max(0, end - high)
    return -float(missing) if missing else min(span[0] - shown[0], shown[-1] - span[1]), span


def longest_question(max_length: int, overlap: int) -> int:
    """Tokens that a question may have: 64, as in BERT's program, where each window moves on.

    A window's text beyond the overlap is new; of its room the question leaves a quarter, and marks.
    """
    return min(64, max(max_length // 4, (max_length - overlap) * 3 // 4 - 6))


def pieces(count: int, room: int, overlap: int) -> list[slice]:
    """Pieces of so many tokens at most, each beginning before the end of the one before.

    Args:
        count: Tokens in all.
        room: Tokens of a piece at most, more than the overlap.
        overlap: Tokens that neighbours share.
    """
    return [
        slice(start, start + room) for start in range(0, max(1, count - overlap), room - overlap)
    ]


@dataclass(frozen=True)
class SeenWindow:
    """One window of a paragraph, in words.

    Attributes:
        words: Its first and one-past-last word.
        place: Its first and one-past-last character.
        room: Words on the scarcer side of the answer; below zero where it is not whole in here.
        answer: Characters of the words that the window can answer at best.
    """

    words: Place
    place: Place
    room: float
    answer: Place


def seen_windows(
    question: str, paragraph: str, answer: Sequence[int], max_length: int, overlap: int
) -> list[SeenWindow]:
    """The windows of a question whose tokens are words, as without a pretrained encoder.

    Args:
        question: The question, which stands in every window.
        paragraph: The text that is cut.
        answer: First and one-past-last character of the answer.
        max_length: Longest window, in words and marks.
        overlap: Words that two windows beside each other share.
    """
    asked = len(split_words(question)[: longest_question(max_length, overlap)]) or 1
    offsets = [(start, end) for _, start, end in located_words(paragraph)] or [(0, 0)]
    found = []
    for piece in pieces(len(offsets), max_length - asked - 1, overlap):
        inside = offsets[piece]
        room, (first, last) = located(inside, answer)
        seen = (inside[first][0], inside[last][1])
        words = (piece.start, piece.start + len(inside))
        found.append(SeenWindow(words, (inside[0][0], inside[-1][1]), room, seen))
    return found
