"""Names that people gave, made safe for Markdown."""

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")


def escaped(name: str) -> str:
    """A name as Markdown that shows exactly this text."""
    return _MARKS.sub(r"\\\1", " ".join(name.split()))
