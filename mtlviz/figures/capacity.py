"""Scores over the shared width: together and alone, and what the difference amounts to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import Transfer, signed
from mtlviz.engine.measures.widths import Band, Best
from mtlviz.figures.arrays import packed
from mtlviz.figures.marks import band
from mtlviz.figures.theme import UNDECIDED, VERDICT_COLORS, faded, layout

TOGETHER, ALONE = "#0072B2", "#8A63D2"
_SYMBOLS = {"helps": "triangle-up", "hurts": "triangle-down", "undecided": "circle"}
_WORDS = {"helps": "helps", "hurts": "hurts", "undecided": "cannot be told apart"}
_LOG_FROM = 10  # Largest over smallest width from which the axis is logarithmic.


@dataclass(frozen=True)
class Region:
    """Widths of which something is known beforehand.

    Attributes:
        start: Where they begin.
        text: What is known of them.
        before: What holds below them; empty if nothing is to be said.
    """

    start: float
    text: str
    before: str = ""


def capacity_curves(  # noqa: PLR0913 (arrays of one picture and its titles)
    widths: NDArray[np.int64],
    together: Band,
    alone: Band,
    found: Sequence[Transfer | None],
    *,
    y_title: str,
    revision: str,
    best: Best | None = None,
    region: Region | None = None,
) -> dict:
    """Mean score over the width, shared by all tasks and alone; below, what sharing changes.

    Read the upper part by which line is higher, the lower by the side of zero: blue ▲ sharing
    helps, vermillion ▼ it hurts, grey cannot be told apart. Rings mark the best widths.
    Bands and bars are 95 % intervals over paired seeds.

    Args:
        widths: Widths that are done, rising, (W,).
        together: Scores of the shared model.
        alone: Scores of models of the tasks' own, each of that width.
        found: Together less alone at each width; without any there is no lower part.
        y_title: What is scored.
        revision: Zoom is kept while this stays the same.
        best: The best width of each; none is marked if None.
        region: Widths to shade.
    """
    figure = layout("width of the encoder (capacity)", y_title, revision=revision, percent=True)
    figure["hovermode"] = "closest"
    figure["xaxis"] |= _across(widths)
    if any(found):
        figure["xaxis"] |= {"anchor": "y2"}
        figure["yaxis"] |= {"domain": [0.44, 1.0]}
        figure["yaxis2"] = {
            "title": {"text": "gain"}, "domain": [0.0, 0.31], "nticks": 4,
            "zeroline": True, "zerolinecolor": UNDECIDED, "zerolinewidth": 1.5,
        }  # fmt: skip
    lines = ((alone, "alone, one for each task", ALONE, "dash", 2.0, "square"),
             (together, "together, one for all", TOGETHER, "solid", 3.5, "circle"))  # fmt: skip
    traces = [_band(widths, each, color) for each, _, color, *_ in lines]
    traces += [_line(widths, *each) for each in lines]
    traces += _best(widths, together, alone, best)
    traces += [_dots(widths, found, verdict) for verdict in _SYMBOLS]
    if region is not None:
        figure["shapes"], figure["annotations"] = _shaded(widths, region)
    return {"data": [trace for trace in traces if trace is not None], "layout": figure}


def _across(widths: NDArray[np.int64]) -> dict:
    """The axis of widths: each with a tick, in logarithms where they span much."""
    low, high = float(widths.min()), float(widths.max())
    shown = {"tickvals": widths.tolist(), "ticktext": [f"{width}" for width in widths.tolist()]}
    if not _is_log(widths):
        return shown | {"range": [low - 0.4, high + 0.4]}
    ends = np.log10([low, high]) + np.array([-1, 1]) * 0.05 * np.log10(high / low)
    return shown | {"type": "log", "range": ends.tolist()}


def _is_log(widths: NDArray[np.int64]) -> bool:
    return bool(widths.max() >= _LOG_FROM * widths.min())


def _band(widths: NDArray[np.int64], each: Band, color: str) -> dict | None:
    known = np.isfinite(each.low)
    if known.sum() < 1:
        return None
    places, low, high = widths[known], each.low[known], each.high[known]
    return band(places, low, high, color)


def _line(  # noqa: PLR0913 (arrays of one picture and its titles)
    widths: NDArray[np.int64], each: Band, name: str, color: str, dash: str, thick: float,
    symbol: str,
) -> dict:  # fmt: skip
    known = np.isfinite(each.mean)
    return {
        "type": "scatter", "mode": "lines+markers", "name": name,
        "x": packed(widths[known]), "y": packed(each.mean[known]),
        "line": {"color": color, "dash": dash, "width": thick},
        "marker": {"symbol": symbol, "size": 7, "color": color},
        "hovertemplate": "width %{x}: %{y:.1%}<extra></extra>",
    }  # fmt: skip


def _best(widths: NDArray[np.int64], together: Band, alone: Band, best: Best | None) -> list[dict]:
    """A ring around the best shared width, and around those of the tasks' own where they agree."""
    if best is None:
        return []
    rings = [(best.together, together, TOGETHER, f"best shared width {best.together}")]
    rings += [
        (own, alone, ALONE, f"best alone for {best.alone.count(own)} of {len(best.alone)} tasks")
        for own in sorted(set(best.alone))
    ]
    places = widths.tolist()
    return [
        {
            "type": "scatter", "mode": "markers", "showlegend": False,
            "x": [width], "y": [float(line.mean[places.index(width)])],
            "marker": {"symbol": "circle-open", "size": 17, "color": color, "line": {"width": 2.5}},
            "hovertemplate": f"{text}<extra></extra>",
        }
        for width, line, color, text in rings
    ]  # fmt: skip


def _dots(widths: NDArray[np.int64], found: Sequence[Transfer | None], verdict: str) -> dict | None:
    shown = [(width, each) for width, each in zip(widths.tolist(), found, strict=True)
             if each is not None and each.verdict == verdict]  # fmt: skip
    if not shown:
        return None
    color = VERDICT_COLORS[verdict]
    half = [each.high - each.mean for _, each in shown]
    return {
        "type": "scatter", "mode": "markers", "yaxis": "y2", "showlegend": False,
        "name": _WORDS[verdict],
        "x": [width for width, _ in shown],
        "y": [each.mean for _, each in shown],
        "text": [f"sharing {_WORDS[verdict]}: {signed(each.mean)} points" for _, each in shown],
        "marker": {"symbol": _SYMBOLS[verdict], "size": 11, "color": color},
        "error_y": {
            "type": "data", "array": np.nan_to_num(half).tolist(), "thickness": 2, "width": 4,
            "color": faded(color, 0.7),
        },
        "hovertemplate": "width %{x}: %{text}<extra></extra>",
    }  # fmt: skip


def _shaded(widths: NDArray[np.int64], region: Region) -> tuple[list[dict], list[dict]]:
    """The shade behind both parts, from half a width before its start, and its text."""
    end = float(widths.max()) * 1.15 if _is_log(widths) else float(widths.max()) + 0.4
    start = min(region.start - 0.5, end)
    shape = {
        "type": "rect", "xref": "x", "yref": "paper", "x0": start, "x1": end, "y0": 0, "y1": 1,
        "fillcolor": faded(UNDECIDED, 0.14), "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
    first = float(widths.min()) * 0.9 if _is_log(widths) else float(widths.min()) - 0.4
    above, below = (
        _text(_middle(widths, *ends), text)
        for ends, text in (((start, end), region.text), ((first, start), region.before))
    )
    return [shape], [text for text in (above, below) if text["text"]]


def _middle(widths: NDArray[np.int64], low: float, high: float) -> float:
    """Half way, on a logarithmic axis as its logarithm, which is where Plotly wants texts."""
    return float(np.log10(low * high)) / 2 if _is_log(widths) else (low + high) / 2


def _text(place: float, text: str) -> dict:
    return {
        "xref": "x", "yref": "paper", "x": place, "y": 0.385, "text": text, "showarrow": False,
        "yanchor": "middle", "font": {"size": 13},
    }  # fmt: skip
