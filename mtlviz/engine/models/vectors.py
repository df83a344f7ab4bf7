"""Word vectors to start from: random, from a GloVe-format file, or a checkpoint's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.access import current, shown
from mtlviz.engine.config import CapacityConfig
from mtlviz.engine.estimate.checkpoints import is_vector_file
from mtlviz.engine.models.checkpoints import embedding_table
from mtlviz.engine.models.initial import normal, uniform
from mtlviz.engine.models.tokens import Tokenizer
from mtlviz.engine.models.words import SPECIAL, WordTokenizer
from mtlviz.errors import ConfigError, DataError

LARGEST = 2**34
"""Bytes of a file of word vectors; GloVe has 5.6 billion. It is never held whole."""
_LONGEST_LINE = 2**20
BOUND = 0.25
"""Random word vectors are uniform within ±0.25, as Kim (2014) starts words without a vector."""


@dataclass(frozen=True)
class Coverage:
    """How many words of the vocabulary a vector file knows.

    Attributes:
        found: Words with a vector from the file.
        total: Words in the vocabulary.
    """

    found: int
    total: int

    @property
    def share(self) -> float:
        """Found words as a share of all, 0 to 1; 0 for an empty vocabulary."""
        return self.found / self.total if self.total else 0.0


@dataclass(frozen=True)
class WordVectors:
    """Starting vectors, complete but for the rows to be drawn at random.

    Attributes:
        known: Vectors (V, d), with zeros where none is known.
        is_known: Which rows are known, (V,).
        deviation: Spread of the rows to be drawn; None for uniform within ±0.25.
        pad_id: Row of the padding, which stays zero.
        coverage: For vectors from a file.
    """

    known: Tensor
    is_known: Tensor
    deviation: float | None
    pad_id: int
    coverage: Coverage | None = None

    def table(self, generator: torch.Generator) -> Tensor:
        """The whole table (V, d), unknown rows drawn from the generator."""
        if self.is_known.all():
            return self.known.clone()
        shape = tuple(self.known.shape)
        if self.deviation is None:
            drawn = uniform(shape, BOUND, generator)
        else:
            drawn = normal(shape, self.deviation, generator)
        table = torch.where(self.is_known[:, None], self.known, drawn)
        table[self.pad_id] = 0
        return table


def word_vectors(capacity: CapacityConfig, tokenizer: Tokenizer) -> WordVectors:
    """The word vectors that a run's settings call for.

    Args:
        capacity: `vectors` is 'random', a GloVe-format file, or a checkpoint.
        tokenizer: Its vocabulary gets the vectors.

    Raises:
        DataError: The file cannot be read, or knows no word of the vocabulary.
        MtlvizError: The checkpoint cannot be read or does not fit the tokenizer.
    """
    if capacity.vectors == "random":
        known = torch.zeros(tokenizer.vocabulary_size, capacity.vector_width)
        nothing = torch.zeros(len(known), dtype=torch.bool)
        return WordVectors(known, nothing, None, tokenizer.pad_id)
    if is_vector_file(capacity.vectors):
        return _from_file(capacity.vectors, tokenizer)
    table = embedding_table(capacity.vectors)
    if len(table) < tokenizer.vocabulary_size:
        raise ConfigError(
            f"The word vectors of {capacity.vectors!r} have {len(table)} rows, but the tokenizer "
            f"numbers {tokenizer.vocabulary_size} tokens."
        )
    return WordVectors(table, torch.ones(len(table), dtype=torch.bool), None, tokenizer.pad_id)


def file_words(path: str) -> set[str]:
    """All words of a GloVe-format file.

    Raises:
        DataError: The file cannot be read or a line is malformed.
    """
    return {word for word, _ in _lines(path)}


def _from_file(path: str, tokenizer: Tokenizer) -> WordVectors:
    if not isinstance(tokenizer, WordTokenizer):
        raise ConfigError("Word vectors from a file need a vocabulary of words.")
    rows = {word: len(SPECIAL) + i for i, word in enumerate(tokenizer.words)}
    found = {rows[word]: _numbers(path, text) for word, text in _lines(path) if word in rows}
    if not found:
        raise DataError(f"The word vectors in {shown(path)} know no word of the training texts.")
    stacked = np.stack(list(found.values()))
    known = torch.zeros(tokenizer.vocabulary_size, stacked.shape[1])
    places = torch.tensor(list(found))
    known[places] = torch.from_numpy(stacked)
    is_known = torch.zeros(len(known), dtype=torch.bool)
    is_known[places] = True
    # Words without a vector start as long as words with one, so that neither drowns the other.
    coverage = Coverage(len(found), len(tokenizer.words))
    return WordVectors(known, is_known, float(stacked.std()), tokenizer.pad_id, coverage)


def _lines(path: str) -> Iterator[tuple[str, str]]:
    """Word and the rest of the line, for every line; a word2vec header line is passed over."""
    width = 0
    try:
        file = current().find(path)
        with TextIOWrapper(current().open(file, LARGEST), encoding="utf-8") as text:
            lines = iter(lambda: text.readline(_LONGEST_LINE), "")
            for number, line in enumerate(lines, start=1):
                spaces = line.count(" ")
                if number == 1 and spaces == 1:
                    continue
                width = width or spaces
                if spaces < width or not width:
                    raise DataError(
                        f"{file.name}, line {number}: a word and {width or 1} numbers expected."
                    )
                # A word may itself hold spaces, as some do in GloVe 840B.
                word, numbers = line.split(" ", 1) if spaces == width else _split_long(line, width)
                yield word, numbers
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The word vectors in {shown(path)} cannot be read as text.") from error


def _split_long(line: str, width: int) -> tuple[str, str]:
    word, *numbers = line.rsplit(" ", width)
    return word, " ".join(numbers)


def _numbers(path: str, text: str) -> NDArray[np.float32]:
    try:
        vector = np.array(text.split(), np.float32)
    except ValueError as error:
        raise DataError(f"{shown(path)} holds vectors that are not numbers.") from error
    if not np.isfinite(vector).all():
        raise DataError(f"{shown(path)} holds a number that is not finite.")
    return vector
