"""Searches that no score decides: every combination, or some at random."""

from __future__ import annotations

import random
import sys
from math import prod

from mtlviz.runs.sweep.searches.search import Codes, Search, Space


def _every(space: Space, count: int, seed: int) -> list[Codes]:
    return [combination(space, number) for number in range(combinations(space))]


def at_random(space: Space, count: int, seed: int) -> list[Codes]:
    """So many different combinations, drawn with this seed."""
    drawn, most = random.Random(seed), combinations(space)
    if most <= sys.maxsize:
        numbers = drawn.sample(range(most), count)
    else:  # More than a sample can be drawn from, so that hardly one comes twice.
        found: dict[int, None] = {}
        while len(found) < count:
            found[drawn.randrange(most)] = None
        numbers = list(found)
    return [combination(space, number) for number in numbers]


def combinations(space: Space) -> int:
    """How many combinations there are."""
    return prod(len(values) for values in space)


def combination(space: Space, number: int) -> Codes:
    """The combination of this number, the last place changing fastest."""
    found: list[int] = []
    for values in reversed(space):
        number, place = divmod(number, len(values))
        found.append(place)
    return tuple(reversed(found))


GRID = Search("Every combination", _every)
RANDOM = Search("Combinations at random", at_random)
