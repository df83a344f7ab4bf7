"""When two examples have the same text: case, blanks, punctuation and the order of a pair aside."""

import re
from unicodedata import category, normalize

from mtlviz.engine.tasks.task import Examples

Key = tuple[str, ...]

# Punctuation by Unicode's name that tells texts apart: C and C#, 5 and 5%, R&D.
_TELLING = frozenset("#%&@")
# Symbols by Unicode's name that serve as quotation marks.
_QUOTING = frozenset("`´")
_BRACKETS = re.compile(r"<(\S[^<>]*)>")  # Around a word; "2 < 3" and "I <3 you" hold none.
_SELECTORS = range(0xFE00, 0xFE10)  # Whether a sign is drawn in colour.
_TAGS = range(0xE0020, 0xE0080)  # Which part of a country a flag is of.


class _Kept(dict[int, int | None]):
    """Each character as itself or left out, found when it is first met."""

    def __missing__(self, code: int) -> int | None:
        self[code] = code if _is_kept(code) else None
        return self[code]


_KEPT = _Kept()


def normalised(text: str) -> str:
    """Letters with their marks, numbers and symbols of a text, in one case and one Unicode form.

    Two ways of writing the same characters (é as one or as e with a mark, full-width letters) are
    one. A text without any of these is kept as it is.
    """
    plain = _BRACKETS.sub(r"\1", text) if ">" in text else text
    folded = plain.lower() if plain.isascii() else _folded(plain)
    return folded.translate(_KEPT) or folded.strip()


def keys(examples: Examples) -> list[Key]:
    """One key per example, equal where texts match: one text, or the two of a pair in fixed order.

    A single sentence never matches a pair.
    """
    first = [normalised(text) for text in examples.first]
    if examples.second is None:
        return [(text,) for text in first]
    # Many questions share one paragraph: each distinct text is normalised once.
    known = {text: normalised(text) for text in set(examples.second)}
    return [
        (min(text, other), max(text, other))
        for text, other in zip(first, (known[text] for text in examples.second), strict=True)
    ]


def _folded(text: str) -> str:
    """Unicode's form NFKC without case; folding the case can undo the form, so twice."""
    plain = text.replace("´", "'")  # NFKC makes a blank and a mark of it.
    return normalize("NFKC", normalize("NFKC", plain).casefold())


def _is_kept(code: int) -> bool:
    letter = chr(code)
    if code in _SELECTORS or letter in _QUOTING:
        return False
    if letter in _TELLING or code in _TAGS:
        return True
    # Characters that Unicode has not named yet (Cn) may be newer emoji.
    return category(letter)[0] not in "PZ" and category(letter) not in ("Cc", "Cf", "Cs")
