"""Questions over long paragraphs: windows of tokens, and the one that a question is learned in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.models.tokens import Tokenizer, TokenRows, Window
from mtlviz.engine.tasks.squad import span_tokens
from mtlviz.engine.tasks.task import Examples
from mtlviz.errors import ConfigError

SHORTEST = 16
"""Tokens of a window that leave room for a question and a piece of its paragraph."""


@dataclass(frozen=True)
class Windows:
    """A split's questions, cut into windows.

    Attributes:
        rows: All windows, W of them.
        owner: The question of each, (W,).
        labels: First and last token of the answer, −1 where a window does not hold it, (W, 2).
        learned: The one window of each question that training reads, N of them.
        learned_labels: First and last token of the answer in it, (N, 2).
    """

    rows: TokenRows
    owner: NDArray[np.int64]
    labels: NDArray[np.int64]
    learned: TokenRows
    learned_labels: NDArray[np.int64]


def read_windows(
    examples: Examples,
    tokenizer: Tokenizer,
    max_length: int,
    overlap: int | None,
    or_none: bool = False,
) -> Windows:
    """Cut paragraphs into windows and find the answers in them.

    A question is learned in the window that shows its answer with the most text on both sides.
    Where no window holds a long answer whole, it is learned as far as the best one shows it. That
    there is no answer is learned in the first window, at its first token.

    Args:
        examples: Questions, paragraphs, and the answers' characters.
        tokenizer: Turns text into token numbers.
        max_length: Longest window, in tokens.
        overlap: Tokens that neighbouring windows share; half of the longest if None.
        or_none: Whether the first token of a window stands for no answer.

    Raises:
        ConfigError: The windows are too short.
    """
    if max_length < SHORTEST:
        raise ConfigError(
            f"Answer spans need inputs of at least {SHORTEST} tokens, but `max_length` is "
            f"{max_length}."
        )
    shared = max_length // 2 if overlap is None else overlap
    windows = tokenizer.windows(examples.first, examples.second or (), max_length, shared)
    owner = np.array([window.owner for window in windows], dtype=np.int64)
    found = [_located(window, examples.labels[window.owner]) for window in windows]
    best = [max(own, key=lambda place: found[place][0]) for own in of_each(owner)]
    return Windows(
        rows=TokenRows.of(windows, or_none),
        owner=owner,
        labels=np.array([span if room >= 0 else (-1, -1) for room, span in found]),
        learned=TokenRows.of([windows[place] for place in best], or_none),
        learned_labels=np.array([found[place][1] for place in best]),
    )


def of_each(owner: NDArray[np.int64]) -> list[range]:
    """The windows of each question, which stand beside each other."""
    ends = np.cumsum(np.bincount(owner)).tolist()
    return [range(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def _located(window: Window, answer: NDArray[np.int64]) -> tuple[float, tuple[int, int]]:
    """Tokens on the scarcer side of the answer, and its first and last token.

    Below zero where the window does not show it whole: minus the characters that are missing.
    """
    start, end = map(int, answer)
    if not end:  # No answer: every window says so.
        return 0.0, (0, 0)
    shown = [place for place, (first, last) in enumerate(window.offsets) if last > first]
    if not shown:
        return -float(end - start) - 1, (0, 0)
    low, high = window.offsets[shown[0]][0], window.offsets[shown[-1]][1]
    span = span_tokens(window.offsets, (max(start, low), min(end, high)))
    if span is None:
        return -float(end - start) - 1, (shown[0], shown[0])
    missing = max(0, low - start) + max(0, end - high)
    return -float(missing) if missing else min(span[0] - shown[0], shown[-1] - span[1]), span
