"""A text as the mean of its word vectors, in numpy alone."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BOUND = 0.25
"""Random word vectors are uniform within ±0.25, as Kim (2014) starts words without a vector."""


def random_vectors(words: Sequence[str], width: int, seed: int) -> NDArray[np.float32]:
    """A random vector for each word, (V, width).

    A word's vector depends on the word and the seed alone, so that tasks which share words share
    their vectors, whatever other words there are.
    """
    rows = [
        np.random.default_rng([seed, crc32(word.encode())]).uniform(-BOUND, BOUND, width)
        for word in words
    ]
    return np.array(rows, dtype=np.float32).reshape(len(words), width)


def vocabulary(texts: Sequence[Sequence[str]]) -> list[str]:
    """Every word of the texts once, sorted."""
    return sorted({word for text in texts for word in text})


def word_means(
    texts: Sequence[Sequence[str]], words: Sequence[str], vectors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Mean vector of the known words of each text.

    Args:
        texts: Each text as its words, N of them.
        words: The words that have a vector, V of them.
        vectors: Their vectors, (V, d).

    Returns:
        Shape (N, d). A text without a known word is zero: the sum of nothing.
    """
    number = {word: place for place, word in enumerate(words)}
    known = [[number[word] for word in text if word in number] for text in texts]
    means = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
    for row, places in enumerate(known):
        if places:
            means[row] = vectors[places].mean(axis=0)
    return means
