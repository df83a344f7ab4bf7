"""Many settings at once: a line each across their values to the score, and pairs of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.text import in_template, plain
from mtlviz.figures.theme import DIVERGING, HELPS, HURTS, UNDECIDED, faded, layout

Array = NDArray[np.float64]
_SHADES = (HURTS, "#E2905A", "#B9A99A", "#7FA5BE", HELPS)
"""From the worst fifth of the settings to the best."""
_CHOSEN = "#B5407F"
_SPREAD = 0.7
_ROOM = 0.06
_LETTER, _BESIDE = 8, 20
"""Width of a letter, and of what the first axis has beside it, in pixels."""


@dataclass(frozen=True)
class Axis:
    """A setting: its name, its values in words, and where each line crosses it.

    Attributes:
        name: Its name.
        values: Its values in words, beside which lines of one value lie apart, by their score; of a
            range numbers at equal distances, from its one end to the other.
        places: Number of the value of every line, (S,); of a range less a half, so that it begins
            at -0.5.
        is_range: Whether it is a range.
    """

    name: str
    values: Sequence[str]
    places: Array
    is_range: bool = False

    @property
    def room(self) -> float:
        """Share of the height that a value has, or what lies between two numbers of a range."""
        return 1 / max(1, len(self.values) - self.is_range)


def parallel_lines(  # noqa: PLR0913 (arrays of one picture and its titles)
    axes: Sequence[Axis],
    scores: Array,
    names: Sequence[str],
    numbers: Sequence[int],
    *,
    chosen: int | None,
    revision: str,
) -> dict:
    """A line for every setting, across the values it has, to its mean score at the right.

    Read it from the right: blue lines are the best fifth, orange ones the worst. Where blue lines
    come through one value of a setting, that value matters; where all colours do, it does not.

    Args:
        axes: The settings that are tried.
        scores: Mean score of each line, (S,), best first.
        names: What each line is, for the hover text.
        numbers: Number of each line, which a click reports.
        chosen: Number of the line drawn thick.
        revision: Zoom is kept while this stays the same.
    """
    figure = layout("", "", revision=revision, show_legend=False)
    longest = max((len(value) for axis in axes[:1] for value in axis.values), default=0)
    left = max(30, _LETTER * longest - _BESIDE)
    figure["margin"] = {"l": left, "r": 52, "t": 12, "b": 44}
    figure["hovermode"] = "closest"
    places = list(range(len(axes) + 1))
    figure["xaxis"] |= {
        "tickvals": places, "ticktext": [plain(axis.name) for axis in axes] + ["mean score"],
        "range": [-0.25, len(axes) + 0.2], "fixedrange": True, "title": {"text": ""},
    }  # fmt: skip
    figure["yaxis"] |= {"visible": False, "range": [-_ROOM, 1 + _ROOM], "fixedrange": True}
    figure["shapes"] = [_upright(place) for place in places]
    figure["annotations"] = [
        each for place, axis in enumerate(axes) for each in _labels(place, axis)
    ] + _ends(len(axes), scores)
    heights = _heights(axes, scores)
    lines = _Lines(heights, scores, names, numbers)
    # The best come first, and are drawn last, over the others.
    shade = len(_SHADES) - 1 - np.arange(len(scores)) * len(_SHADES) // max(1, len(scores))
    traces = [lines.trace(rows, _SHADES[group]) for group in range(len(_SHADES))
              if len(rows := np.flatnonzero(shade == group))]  # fmt: skip
    if chosen in numbers:
        traces.append(lines.trace(np.array([list(numbers).index(chosen)]), _CHOSEN, 4.0))
    return {"data": traces, "layout": figure}


def _heights(axes: Sequence[Axis], scores: Array) -> Array:
    """Where each line crosses each axis, (S, P + 1): lines of one value lie by their score."""
    low, high = (scores.min(), scores.max()) if len(scores) else (0.0, 1.0)
    share = (scores - low) / (high - low) if high > low else np.full(len(scores), 0.5)
    columns = []
    for axis in axes:
        apart = 0.0 if axis.is_range else _SPREAD * (share - 0.5)
        columns.append((axis.places + 0.5 + apart) * axis.room)
    return np.column_stack([*columns, share])


@dataclass(frozen=True, eq=False)
class _Lines:
    """Every line: where it crosses the axes, its score, what it is, and its number."""

    heights: Array
    scores: Array
    names: Sequence[str]
    numbers: Sequence[int]

    def trace(self, rows: NDArray[np.int64], color: str, width: float = 1.3) -> dict:
        """Some lines of one colour as one trace, a gap after each."""
        count = self.heights.shape[1]
        gaps = np.full((len(rows), 1), np.nan)
        told = [f"{in_template(self.names[row])}: {self.scores[row]:.3f}" for row in rows]
        return {
            "type": "scatter", "mode": "lines+markers",
            "x": _gaps(np.tile([*range(count), np.nan], len(rows))),
            "y": _gaps(np.hstack([self.heights[rows], gaps]).ravel()),
            "line": {"color": color, "width": width},
            "marker": {"size": 3 + width, "color": color}, "opacity": 0.85,
            "customdata": [self.numbers[row] for row in rows for _ in range(count + 1)],
            "text": [text for text in told for _ in range(count + 1)],
            "hovertemplate": "%{text}<extra></extra>",
        }  # fmt: skip


def _gaps(values: Array) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _upright(place: int) -> dict:
    return {
        "type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "layer": "below",
        "line": {"color": UNDECIDED, "width": 1},
    }  # fmt: skip


def _labels(place: int, axis: Axis) -> list[dict]:
    middle = 0.0 if axis.is_range else 0.5
    return [
        {"x": place, "y": (number + middle) * axis.room, "text": f"<b>{plain(value)}</b>",
         "showarrow": False, "xanchor": "right", "xshift": -5, "font": {"size": 13},
         "bgcolor": faded(UNDECIDED, 0.3)}
        for number, value in enumerate(axis.values)
    ]  # fmt: skip


def _ends(place: int, scores: Array) -> list[dict]:
    if not len(scores):
        return []
    return [
        {"x": place, "y": height, "text": f"{score:.3f}", "showarrow": False, "xanchor": "left",
         "xshift": 6, "font": {"size": 13}}
        for height, score in ((0, scores.min()), (1, scores.max()))
    ]  # fmt: skip


def value_pairs(
    rows: tuple[str, Sequence[str]], columns: tuple[str, Sequence[str]], points: Array
) -> dict:
    """Mean score of each pair of values of two settings, less the mean of all settings.

    Read it by colour: blue pairs score above the mean of all, orange ones below; blank ones were
    not tried.

    Args:
        rows: Name and values of the setting that goes down.
        columns: Name and values of the setting across.
        points: Difference in points, (V, W).
    """
    figure = layout(plain(columns[0]), plain(rows[0]), revision=f"{rows[0]} {columns[0]}",
                    show_legend=False)  # fmt: skip
    figure["hovermode"] = "closest"
    figure["margin"] = {"l": 10, "r": 10, "t": 10, "b": 46}
    figure["xaxis"] |= {"type": "category", "automargin": True}
    figure["yaxis"] |= {"type": "category", "automargin": True, "nticks": len(rows[1])}
    known = points[np.isfinite(points)]
    reach = float(np.abs(known).max()) if len(known) else 1.0
    heat: dict[str, Any] = {
        "type": "heatmap", "x": [plain(each) for each in columns[1]],
        "y": [plain(each) for each in rows[1]], "xgap": 2, "ygap": 2,
        "z": [[None if np.isnan(cell) else float(cell) for cell in row] for row in points],
        "text": [["" if np.isnan(cell) else f"{cell:+.1f}".replace("-", "−") for cell in row]
                 for row in points],
        "texttemplate": "%{text}", "colorscale": DIVERGING, "zmin": -(reach or 1.0),
        "zmax": reach or 1.0, "hoverongaps": False,
        "colorbar": {"title": {"text": "points"}, "thickness": 12},
        "hovertemplate": f"{in_template(rows[0])} %{{y}}, {in_template(columns[0])} %{{x}}: "
        "%{text} points<extra></extra>",
    }  # fmt: skip
    return {"data": [heat], "layout": figure}
