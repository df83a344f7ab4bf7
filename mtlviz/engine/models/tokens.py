"""Text as numbers: one row of token numbers per text, padded into rectangular batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Tokens:
    """A padded batch of texts as token numbers.

    Attributes:
        ids: Token numbers (N, T) int64; the tokenizer's `pad_id` after a text's end.
        mask: True where a token is real (N, T) bool.
        segments: 0 for the first text of a pair and 1 for the second (N, T) int64; None for
            single texts.
        places: True where an answer may begin and end (N, T) bool; given where an encoder is to
            return a vector for each token and not one for each text.
        real: How many tokens are real, known without asking the device that holds `mask`; −1
            where nobody counted.
    """

    ids: Tensor
    mask: Tensor
    segments: Tensor | None = None
    real: int = -1
    places: Tensor | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def full(self) -> bool:
        """Whether all texts are known to be of one length, so that no token is padding."""
        return self.real == self.ids.numel()

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Tokens:
        """The same batch on another device."""
        return self._map(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Tokens:
        """The same batch in page-locked memory, from which a GPU copies without waiting."""
        return self._map(Tensor.pin_memory)

    def _map(self, change: Callable[[Tensor], Tensor]) -> Tokens:
        segments, places = (
            None if part is None else change(part) for part in (self.segments, self.places)
        )
        return Tokens(change(self.ids), change(self.mask), segments, self.real, places)


class TokenRow(NamedTuple):
    """One text, or one pair read jointly, as token numbers without padding."""

    ids: Sequence[int]
    segments: Sequence[int] | None = None


class Window(NamedTuple):
    """A question and one piece of its paragraph as token numbers without padding.

    Attributes:
        owner: Number of the question.
        ids: Token numbers.
        segments: 0 for the question and 1 for the paragraph.
        offsets: First and one-past-last character of each token in the paragraph; (0, 0) for the
            question's and for marks.
    """

    owner: int
    ids: Sequence[int]
    segments: Sequence[int]
    offsets: Sequence[tuple[int, int]]


class Tokenizer(Protocol):
    """Turns text into token numbers."""

    @property
    def pad_id(self) -> int:
        """Number that fills a row after a text's end."""
        ...

    @property
    def vocabulary_size(self) -> int:
        """One more than the largest token number."""
        ...

    def encode(
        self, first: Sequence[str], second: Sequence[str] | None, max_length: int
    ) -> list[TokenRow]:
        """Number the tokens of each text, or of each pair read as one input.

        Args:
            first: The texts, N of them.
            second: The second texts of the pairs, N of them; None for single texts.
            max_length: Longest row, in tokens; longer texts are cut at the end, pairs from
                whichever text is longer.

        Returns:
            N rows of at least one token each; pairs carry segments.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write it into a folder."""
        ...

    def windows(
        self, questions: Sequence[str], paragraphs: Sequence[str], max_length: int, overlap: int
    ) -> list[Window]:
        """Questions before their paragraphs, a long paragraph in pieces that overlap.

        Args:
            questions: N of them; one longer than `longest_question` is cut.
            paragraphs: N of them; none is cut.
            max_length: Longest window, in tokens.
            overlap: Tokens of the paragraph that two windows beside each other share.

        Returns:
            At least one window for each question, in order.
        """
        ...


@dataclass(frozen=True)
class TokenRows:
    """Rows of different lengths, stored end to end so that any subset is padded at once.

    Attributes:
        ids: All rows' token numbers, one after another.
        segments: Segment numbers in the same places, or None.
        starts: Where each row begins in `ids`, (N + 1,); the last entry is the total length.
        offsets: First and one-past-last character of each token, (total, 2); None but for windows.
        or_none: Whether the first token of each window may be answered: it stands for no answer.
    """

    ids: NDArray[np.int32]
    segments: NDArray[np.int8] | None
    starts: NDArray[np.int64]
    offsets: NDArray[np.int64] | None = None
    or_none: bool = False

    @staticmethod
    def of(rows: Sequence[TokenRow | Window], or_none: bool = False) -> TokenRows:
        """Store rows end to end."""
        starts = np.concatenate([[0], np.cumsum([len(row.ids) for row in rows])]).astype(np.int64)
        ids = np.fromiter((i for row in rows for i in row.ids), np.int32, starts[-1])
        if not rows or rows[0].segments is None:
            return TokenRows(ids, None, starts)
        segments = np.fromiter((s for row in rows for s in row.segments or ()), np.int8, starts[-1])
        offsets = None
        if isinstance(rows[0], Window):
            offsets = np.array([pair for row in rows for pair in row.offsets], dtype=np.int64)
        return TokenRows(ids, segments, starts, offsets, or_none)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens in each row, (N,)."""
        return np.diff(self.starts)

    def pad(self, indices: NDArray[np.int64], pad_id: int) -> Tokens:
        """The chosen rows as a rectangle as wide as the longest of them."""
        starts = self.starts[indices]
        lengths = self.starts[indices + 1] - starts
        columns = np.arange(lengths.max(initial=1))
        mask = columns < lengths[:, None]
        places = (starts[:, None] + columns)[mask]
        segments = None if self.segments is None else _fill(self.segments[places], mask, 0)
        ids = _fill(self.ids[places], mask, pad_id)
        answerable = None
        if self.offsets is not None:
            inside = self.offsets[places, 1] > self.offsets[places, 0]
            answerable = _fill(inside, mask, 0).bool()
            answerable[:, 0] |= self.or_none
        return Tokens(ids, torch.from_numpy(mask), segments, len(places), answerable)

    def offsets_of(self, row: int) -> NDArray[np.int64]:
        """Characters of each token of a window, (T, 2)."""
        return self.offsets[self.starts[row] : self.starts[row + 1]]


def _fill(values: NDArray[Any], mask: NDArray[np.bool_], padding: int) -> Tensor:
    filled = np.full(mask.shape, padding, np.int64)
    filled[mask] = values
    return torch.from_numpy(filled)
