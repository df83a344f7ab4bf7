"""What students of a class are offered: the labs and lessons; no runs, no uploads, no files."""

import os
from collections.abc import Sequence

from mtlviz.ui.pages import PageEntry

CLASS = "MTLVIZ_CLASS"
"""The address under which students reach this app; set by `mtlviz class`, and only by it."""
_OFFERED = frozenset(
    {"start", "lessons", "toy", "conflict", "covariance", "capacity", "continual", "words"}
)
_AWAY = frozenset(
    {
        *("own-data", "lessons.own", "lessons.teacher", "conflict.run"),
        *("alignment.runs", "reweighting.runs", "continual.runs"),
    }
)
"""Panels that start or stop runs, take files, show others' runs, or tell the answers."""


def is_on() -> bool:
    """Whether this server was started for a class."""
    return bool(os.environ.get(CLASS))


def offered(pages: Sequence[PageEntry]) -> list[PageEntry]:
    """The pages that a visitor may open."""
    return [page for page in pages if not is_on() or page.name in _OFFERED]


def away() -> frozenset[str]:
    """Panels that nobody sees here."""
    return _AWAY if is_on() else frozenset()
