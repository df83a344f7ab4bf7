"""Words and punctuation as tokens, numbered by a vocabulary of their own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from pathlib import Path

from mtlviz.engine.answer_places import longest_question, pieces
from mtlviz.engine.models.tokens import TokenRow, Window
from mtlviz.engine.text_words import located_words, split_words

SPECIAL = ("<pad>", "<unk>", "<sep>")
"""Padding, a word outside the vocabulary, and the border between the texts of a pair."""

PAD, UNKNOWN, SEPARATOR = range(3)


class WordTokenizer:
    """Number lower-cased words and punctuation marks; unknown words share one number.

    Args:
        words: The vocabulary, without special entries; word i gets number 3 + i.
    """

    pad_id = PAD

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._numbers = {word: len(SPECIAL) + i for i, word in enumerate(self.words)}

    @classmethod
    def from_texts(
        cls, texts: Iterable[str], min_count: int = 2, also: Iterable[str] = ()
    ) -> WordTokenizer:
        """A vocabulary of the words that occur often enough, the most frequent first.

        Words seen once are left out by default: as unknown words they teach the model what an
        unknown word is worth.

        Args:
            texts: Training texts.
            min_count: How often a word must occur in them.
            also: Words to include in any case.
        """
        counts = Counter(word for text in texts for word in split_words(text))
        kept = {word for word, count in counts.items() if count >= min_count} | set(also)
        return cls(sorted(kept, key=lambda word: (-counts[word], word)))

    @property
    def known(self) -> Container[str]:
        """The words that have a number of their own."""
        return self._numbers.keys()

    @property
    def vocabulary_size(self) -> int:
        """Words and special entries."""
        return len(SPECIAL) + len(self.words)

    def save(self, folder: Path) -> None:
        """Write it into a folder as `words.json`: all entries in the order of their numbers."""
        entries = json.dumps([*SPECIAL, *self.words], ensure_ascii=False)
        (folder / "words.json").write_text(entries + "\n", encoding="utf-8")

    def encode(
        self, first: Sequence[str], second: Sequence[str] | None, max_length: int
    ) -> list[TokenRow]:
        """Number each text's words; a pair is first text, separator, second text.

        An empty text counts as one unknown word. See `Tokenizer.encode`.
        """
        if second is None:
            return [TokenRow(self._number(text)[:max_length]) for text in first]
        pairs = zip(first, second, strict=True)
        return [_join(self._number(one), self._number(two), max_length) for one, two in pairs]

    def windows(
        self, questions: Sequence[str], paragraphs: Sequence[str], max_length: int, overlap: int
    ) -> list[Window]:
        """Question, separator, piece of the paragraph. See `Tokenizer.windows`."""
        found: list[Window] = []
        for owner, (question, paragraph) in enumerate(zip(questions, paragraphs, strict=True)):
            asked = [*self._number(question)[: longest_question(max_length, overlap)], SEPARATOR]
            words = located_words(paragraph) or [("", 0, 0)]
            room = max_length - len(asked)
            for cut in pieces(len(words), room, overlap):
                piece = words[cut]
                ids = [*asked, *(self._numbers.get(word, UNKNOWN) for word, _, _ in piece)]
                segments = [0] * len(asked) + [1] * len(piece)
                offsets = [(0, 0)] * len(asked) + [(first, last) for _, first, last in piece]
                found.append(Window(owner, ids, segments, offsets))
        return found

    def _number(self, text: str) -> list[int]:
        return [self._numbers.get(word, UNKNOWN) for word in split_words(text)] or [UNKNOWN]


def _join(first: list[int], second: list[int], max_length: int) -> TokenRow:
    room = max_length - 1
    # The shorter text keeps up to half the room; the longer one is cut to what is left.
    one = min(len(first), max(room - room // 2, room - len(second)))
    two = min(len(second), room - one)
    ids = [*first[:one], SEPARATOR, *second[:two]]
    return TokenRow(ids, [0] * (one + 1) + [1] * two)
