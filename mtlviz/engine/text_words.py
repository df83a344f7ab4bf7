"""Words and punctuation marks of a text, in any script, and a text as the mean of their vectors."""

import re
from collections.abc import Sequence
from unicodedata import category, normalize
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BOUND = 0.25
"""Random word vectors are uniform within ±0.25, as Kim (2014) starts words without a vector."""
_LETTERS = "\u3041-\u3096\u309d-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Of Chinese and Japanese, which are written without blanks: one letter is one word."""
_MARKS = "".join(
    chr(code) for code in (*range(0x300, 0x20000),) if category(chr(code)).startswith("M")
)
_JOINED = _MARKS + "\u200c\u200d"
_SKIN, _TAGS, _FLAG = "\U0001f3fb-\U0001f3ff", "\U000e0020-\U000e007f", "\U0001f1e6-\U0001f1ff"
_CLITICS = r"n't\b|'(?:s|re|ve|ll|d|m)\b"

_ASCII = re.compile(rf"{_CLITICS}|\w+(?=n't\b)|\w+|[^\w\s]")
"""English clitics are words of their own ("do n't"), as in the texts GloVe was trained on."""
_ANY = re.compile(
    rf"{_CLITICS}|[^\W{_LETTERS}]+(?=n't\b)"
    rf"|[^\W{_LETTERS}]+(?:[{_JOINED}]+[^\W{_LETTERS}]*)*|[{_LETTERS}][{_MARKS}]*"
    rf"|[{_FLAG}]{{2}}|[^\w\s](?:[{_MARKS}{_SKIN}{_TAGS}]|\u200d[^\w\s])*"
)
# Other apostrophes, and what is not seen: soft hyphens, byte order marks, joiners of lines.
_ALIKE = str.maketrans(
    {"’": "'", "´": "'", "\u00ad": "", "\ufeff": "", "\u2060": "", "\u200b": " "}
)


def split_words(text: str) -> list[str]:
    """Lower-cased words and punctuation marks of a text, in order.

    A letter keeps its marks (vowels of Hindi, accents written apart), one letter of Chinese or
    Japanese is a word, and so is an emoji with all that belongs to it. Scripts without blanks
    beside these, such as Thai, need their words set apart beforehand.
    """
    if text.isascii():
        return _ASCII.findall(text.lower())
    return _ANY.findall(normalize("NFKC", text.translate(_ALIKE)).lower())


def located_words(text: str) -> list[tuple[str, int, int]]:
    """The same words, each with its first and one-past-last character in the text.

    Where writing a piece between blanks in its usual Unicode form changes its length, each of its
    words has the place of the whole piece.
    """
    found = []
    for piece in re.finditer(r"\S+", text):
        usual = piece.group()
        if not usual.isascii():
            usual = normalize("NFKC", usual.translate(_ALIKE))
        lower = usual.lower()
        kept = len(lower) == piece.end() - piece.start()
        for word in (_ASCII if lower.isascii() else _ANY).finditer(lower):
            start, end = word.span() if kept else (0, piece.end() - piece.start())
            found.append((word.group(), piece.start() + start, piece.start() + end))
    return found


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
