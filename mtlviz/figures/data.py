"""Data sets: how labels and lengths are spread, and what training splits give away."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.arrays import packed
from mtlviz.figures.marks import rule
from mtlviz.figures.text import plain
from mtlviz.figures.theme import HURTS, UNDECIDED, faded, layout

Counts = NDArray[np.int64]
Array = NDArray[np.float64]

_LONGEST_NAME = 22
_BINS = 40
# Splits of one task, told apart by depth, in light and dark, and as lines by dash too.
_SPLIT_COLOR = {"train": "#0072B2", "dev": "#3A93C9", "test": UNDECIDED}
_SPLIT_DASH = {"train": "solid", "dev": "dash", "test": "dot"}
# Faint where nothing leaks, on light and on dark; the smallest leak already has a colour.
_NOTHING, _LITTLE = faded(UNDECIDED, 0.15), "#FBE6D8"
_LEAK_SCALE = [[0.0, _NOTHING], [1e-6, _NOTHING], [1e-6, _LITTLE], [0.5, "#EDAE7F"], [1.0, HURTS]]


def shortened(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name as Plotly text, cut where it is long."""
    return plain(name if len(name) <= longest else f"{name[: longest - 1]}…")


def label_bars(
    counts: Mapping[str, Counts], names: Sequence[str], sizes: Mapping[str, int]
) -> dict:
    """Share of each class in each split, as bars; hovering tells the count.

    Read it by length: classes of equal length are balanced, and splits of equal length agree.

    Args:
        counts: Examples of each class by split, (C,).
        names: Names of the classes.
        sizes: Examples of each split; one that bears several labels is counted for each.
    """
    traces = []
    for split, each in counts.items():
        share = each / max(1, sizes[split])
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": split,
                "x": packed(share),
                "y": list(range(len(names))),
                "customdata": [
                    [f"{count:,}", shortened(name, 60)]
                    for count, name in zip(each.tolist(), names, strict=True)
                ],
                "marker": {"color": _SPLIT_COLOR[split]},
                "hovertemplate": "%{customdata[1]}: %{customdata[0]} (%{x:.1%})<extra>"
                + split
                + "</extra>",
            }
        )  # fmt: skip
    figure = layout("share of the split", "", revision="labels")
    figure["yaxis"] |= _named_axis(names) | {"autorange": "reversed"}
    figure["xaxis"] |= {"tickformat": ".0%", "rangemode": "tozero", "nticks": 5}
    return {
        "data": traces,
        "layout": figure | {"hovermode": "closest", "bargap": 0.25, "legend": _legend()},
    }


def score_bars(scores: Mapping[str, Array]) -> dict:
    """Share of examples in each band of scores, one line per split.

    Args:
        scores: Scores by split, (N,).
    """
    everything = np.concatenate(list(scores.values()))
    edges = np.linspace(everything.min(), everything.max(), 21)
    return _steps(scores, edges, "score", "scores")


def length_steps(words: Mapping[str, Counts], *, mean: float | None = None) -> dict:
    """Share of examples of each length in words, one line per split.

    The axis ends where one example in a hundred is longer.

    Args:
        words: Words of each example by split, (N,).
        mean: Mean length of the training examples, marked by a line; None for no line.
    """
    everything = np.concatenate(list(words.values()))
    last = max(2, int(np.quantile(everything, 0.99)) + 1)
    step = max(1, -(-last // _BINS))
    figure = _steps(words, np.arange(0, last + step, step) - 0.5, "words", "lengths")
    if mean is not None:
        line = rule("upright", mean, "dot", _SPLIT_COLOR["train"], width=1)
        figure["layout"]["shapes"] = [line]
    return figure


def leak_matrix(
    shares: Array, counts: Counts, examples: Counts, names: Sequence[str], split: str
) -> dict:
    """Heatmap: share of each task's evaluation examples that stand in each training split.

    Read it by row: the row's task is scored, the column's task is trained on. A blank cell compares
    single sentences with pairs, or has no such split.

    Args:
        shares: Share of row i's examples in column j's training split, (K, K); NaN where blank.
        counts: The same as numbers of examples, (K, K).
        examples: Evaluation examples of each row, (K,).
        names: Names of the tasks.
        split: What the evaluation examples are, for the axis.
    """
    blank = np.isnan(shares)
    text = [
        ["" if blank[i, j] or not counts[i, j] else _told(shares[i, j], counts[i, j], len(names))
         for j in range(len(names))]
        for i in range(len(names))
    ]  # fmt: skip
    told = [
        [
            f"{counts[i, j]:,} of {examples[i]:,} {split} examples of {shortened(row, 60)}<br>"
            f"stand in the train split of {shortened(column, 60)}"
            for j, column in enumerate(names)
        ]
        for i, row in enumerate(names)
    ]
    heatmap = {
        "type": "heatmap",
        "x": list(range(len(names))),
        "y": list(range(len(names))),
        "z": packed(shares),
        "text": text,
        "texttemplate": "%{text}",
        "textfont": {"color": "#222222"},
        "customdata": told,
        "hovertemplate": "%{customdata}<extra></extra>",
        "zmin": 0,
        "zmax": 1,
        "colorscale": _LEAK_SCALE,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
    }
    figure = layout("trained on", "scored on", revision="leaks", show_legend=False)
    figure["xaxis"] |= _named_axis(names)
    figure["yaxis"] |= _named_axis(names) | {"autorange": "reversed"}
    return {"data": [heatmap], "layout": figure | {"hovermode": "closest"}}


def _told(share: float, count: int, tasks: int) -> str:
    """Share, and the count where there is room for it."""
    percent = f"{share:.0%}" if share >= 0.0995 else f"{share:.1%}"
    percent = "< 0.1%" if share < 0.0005 else percent
    return percent if tasks > 7 else f"{percent}<br>{count:,}"


def _steps(values: Mapping[str, Array] | Mapping[str, Counts], edges: Array, title: str,
           revision: str) -> dict:  # fmt: skip
    """Share of values between neighbouring edges, drawn as steps; values beyond the last count."""
    traces = []
    for split, each in values.items():
        counts, _ = np.histogram(each, edges)
        share = counts / max(1, len(each))
        color = _SPLIT_COLOR[split]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": split,
                "x": packed(edges),
                "y": packed(np.append(share, 0.0)),
                "line": {
                    "shape": "hv",
                    "color": color,
                    "dash": _SPLIT_DASH[split],
                    "width": 2.5 if split == "train" else 1.5,
                },
                "fill": "tozeroy" if split == "train" else "none",
                "fillcolor": faded(color, 0.15),
                "hovertemplate": "%{y:.1%}",
            }
        )
    figure = layout(title, "share of the split", revision=revision, percent=True)
    figure["yaxis"] |= {"rangemode": "tozero"}
    figure["xaxis"] |= {"range": [float(edges[0]), float(edges[-1])]}
    return {"data": traces, "layout": figure | {"legend": _legend()}}


def _named_axis(names: Sequence[str]) -> dict:
    """Names at whole numbers: two names that are cut to the same text stay apart."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [shortened(name) for name in names],
        "showgrid": False,
        "nticks": 0,
    }


def _legend() -> dict:
    return {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}
