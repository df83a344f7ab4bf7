"""What the Covariance lab says, in sentences with numbers."""

import numpy as np

from mtlviz.engine.measures.task_spectra import Analysis, compared
from mtlviz.ui.core.words import escaped

_SURE = 1.96  # Standard errors of a 95 % interval.


def verdict(found: Analysis, names: list[str]) -> str:
    """Which two tasks are most and least alike, with errors, and what one task scores itself."""
    pairs = compared(found)
    if pairs is None:
        return "Choose at least two tasks to compare them."
    most, least = pairs
    ceiling = _ceiling(found)
    if most == least:
        return f"Normalised similarity of {_pair(found, names, most)} {ceiling}"
    alike, apart = (_pair(found, names, pair) for pair in pairs)
    return f"Most alike, by normalised similarity: {alike} Least alike: {apart} {ceiling}"


def _pair(found: Analysis, names: list[str], pair: tuple[int, int]) -> str:
    value, error = found.normalised[pair], found.errors[pair]
    one, two = (escaped(names[task]) for task in pair)
    known = f" (95 % interval {_interval(value, error)})" if np.isfinite(error) else ""
    same = ", which cannot be told apart from one task" if _alike(found, pair) else ""
    return f"**{one}** and **{two}**, **{value:.2f}**{known}{same}."


def _interval(value: float, error: float) -> str:
    low, high = max(0.0, value - _SURE * error), min(1.0, value + _SURE * error)
    return f"{low:.2f} to {high:.2f}"


def _alike(found: Analysis, pair: tuple[int, int]) -> bool:
    """Whether halves of the two tasks are as alike as halves of either, within the error."""
    reach = found.halves[pair] + _SURE * np.nan_to_num(found.errors[pair])
    return bool(reach >= np.diagonal(found.halves)[list(pair)].min())


def _ceiling(found: Analysis) -> str:
    own = np.diagonal(found.halves)
    low, high = f"{np.nanmin(own):.2f}", f"{np.nanmax(own):.2f}"
    told = low if low == high else f"{low} to {high}"
    return f"(Two halves of one task: {told}.)"
