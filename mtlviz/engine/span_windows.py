"""Questions over long paragraphs: windows of tokens, and the one that a question is learned in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.answer_places import SHORTEST, located
from mtlviz.engine.models.tokens import Tokenizer, TokenRows
from mtlviz.engine.tasks.task import Examples
from mtlviz.errors import ConfigError


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
    found = [located(window.offsets, examples.labels[window.owner]) for window in windows]
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
