"""The values of a sweep as its pictures have them: those of a range in a few stretches of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.runs.sweep.plan import value_name
from mtlviz.runs.sweep.ranges import Range, spread

STRETCHES = 4
"""Stretches of a range, each with as many of its values."""


@dataclass(frozen=True, eq=False)
class Levels:
    """One setting's values, in words, and which of them each setting of the sweep has.

    Attributes:
        words: The values, or the stretches of a range, (V,).
        codes: Number of each setting's value or stretch, (S,).
        places: Where each lies, so that the first value is at 0 and the last at V - 1, (S,).
        ends: Of a range, where its stretches begin and the last one ends, (V + 1,); empty for
            values.
    """

    words: tuple[str, ...]
    codes: NDArray[np.int64]
    places: NDArray[np.float64]
    ends: tuple[str, ...] = ()


def levels(over: Mapping[str, Sequence[Any]], codes: NDArray[np.int64]) -> list[Levels]:
    """The values of every place that is tried.

    Args:
        over: What is tried, as the plan has it.
        codes: Number of the value of each of P places, (S, P).
    """
    return [_levels(spread(values), codes[:, place]) for place, values in enumerate(over.values())]


def _levels(values: Sequence[Any], codes: NDArray[np.int64]) -> Levels:
    if not isinstance(values, Range) or len(values) <= STRETCHES:
        return Levels(tuple(map(value_name, values)), codes, codes.astype(float))
    count = len(values)
    firsts = [-(-stretch * count // STRETCHES) for stretch in range(STRETCHES)] + [count]
    words = tuple(
        f"{_short(values[first])} to {_short(values[last - 1])}" for first, last in pairwise(firsts)
    )
    places = (codes + 0.5) * STRETCHES / count - 0.5
    ends = tuple(_short(values[min(first, count - 1)]) for first in firsts)
    return Levels(words, codes * STRETCHES // count, places, ends)


def _short(value: float) -> str:
    return value_name(float(f"{value:.3g}") if isinstance(value, float) else value)
