"""What a way of searching is: which settings are tried, and whether scores decide on the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Codes = tuple[int, ...]
"""Number of the value at each place."""
Space = Sequence[Sequence[Any]]
"""The values to try at each place."""


@dataclass(frozen=True)
class Told:
    """A setting as a search is told of it.

    Attributes:
        codes: Which values it has.
        scores: Its score on each task, mean over seeds; None while it is not known, and where a run
            of it failed.
    """

    codes: Codes
    scores: tuple[float, ...] | None


@dataclass(frozen=True)
class Search:
    """A way of searching.

    Attributes:
        title: What it does, for a person who chooses.
        known: The settings that are tried whatever they score, in order, given the values, how many
            settings there shall be, and the seed of the search.
        following: The next setting, given the values, those before it, and a seed; None where no
            score decides.
        check: Raises a ConfigError where something it needs is not installed.
    """

    title: str
    known: Callable[[Space, int, int], list[Codes]]
    following: Callable[[Space, Sequence[Told], int], Codes] | None = None
    check: Callable[[], None] = lambda: None
