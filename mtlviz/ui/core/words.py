"""Lists, times and numbers as a person says them."""

import math
import re
from collections.abc import Sequence

from mtlviz.counts import counted as counted
from mtlviz.counts import grouped as grouped
from mtlviz.counts import plural as plural

_CODE = re.compile(r"(`[\w.\[\]-](?:[\w.\[\] -]*[\w.\[\]-])?`)")
# Within a sentence; a full stop makes a link only of a web address.
_MARKS_WITHIN = re.compile(r"([\\`*_{}\[\]()<>#|~$:@]|(?<=www)\.)", re.IGNORECASE)
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")

_FEW = 4
MARKS = {"helps": ":blue[▲]", "hurts": ":red[▼]", "undecided": ":gray[●]"}
"""The mark in front of each verdict, everywhere the same."""


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def listed_first(names: Sequence[str]) -> str:
    """`a, b and c`; of more than four the first three, and how many are left."""
    if len(names) <= _FEW:
        return listed(names)
    return listed([*names[: _FEW - 1], f"{len(names) - _FEW + 1} more"])


def duration(seconds: float) -> str:
    """`9 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def score(value: float, error: float = math.nan) -> str:
    """A score with its standard error; a dash where it was not measured."""
    if math.isnan(value):
        return "–"
    text = f"{value:.3f}".replace("-", "−")
    return text if math.isnan(error) else f"{text} ± {error:.3f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def escaped(name: str) -> str:
    """A name as Markdown that shows exactly this text."""
    return _MARKS.sub(r"\\\1", " ".join(name.split()))


def sentence(text: str) -> str:
    """A sentence as Markdown: settings and commands as code, all else exactly as it is."""
    parts = _CODE.split(" ".join(text.split()))
    shown = (part if number % 2 else _MARKS_WITHIN.sub(r"\\\1", part)
             for number, part in enumerate(parts))  # fmt: skip
    return "".join(shown)
