"""What each setting of a sweep does: its values with intervals, its weight beside chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mtlviz.engine.measures.sweeps import Effect, Importance
from mtlviz.engine.measures.transfer import signed
from mtlviz.figures.marks import rule
from mtlviz.figures.text import in_template, plain
from mtlviz.figures.theme import HELPS, HURTS, UNDECIDED, faded, layout

_SYMBOLS = {HELPS: "triangle-up", HURTS: "triangle-down", UNDECIDED: "circle"}


def setting_effects(
    names: Sequence[str], values: Sequence[Sequence[str]], effects: Sequence[Effect]
) -> dict:
    """Every value of every setting: its mean score less the mean of all, with its 95 % interval.

    Read it by the side of zero: blue ▲ scores more than the others, vermillion ▼ less, grey cannot
    be told apart from the mean over values.

    Args:
        names: Names of the settings.
        values: The values of each in words.
        effects: What each value does, in points.
    """
    figure = _rows_layout("difference to the mean (points)", "effects")
    rows, traces, row = [], [], 0
    for name, words, effect in zip(names, values, effects, strict=True):
        for value, word in enumerate(words):
            rows.append(f"{plain(name)} <b>{plain(word)}</b> ")
            if np.isfinite(effect.points[value]):
                told = f"{in_template(name)} {in_template(word)}"
                traces.append(_value(row, effect.points[value], effect.half[value], told))
            row += 1
        row += 1
        rows.append("")
    figure["yaxis"] |= {"tickvals": list(range(len(rows))), "ticktext": rows,
                        "range": [len(rows) - 1.4, -0.7]}  # fmt: skip
    figure["shapes"] = [rule("upright", 0.0)]
    return {"data": traces, "layout": figure}


def _value(row: int, points: float, half: float, name: str) -> dict:
    sure = np.isfinite(half) and abs(points) > half
    color = (HELPS if points > 0 else HURTS) if sure else UNDECIDED
    bar = float(half) if np.isfinite(half) else 0.0
    return {
        "type": "scatter", "mode": "markers", "x": [float(points)], "y": [row], "name": name,
        "marker": {"size": 11, "color": color, "symbol": _SYMBOLS[color]},
        "error_x": {"type": "data", "array": [bar], "thickness": 2.5, "width": 5, "color": color},
        "hovertemplate": f"{name}: {signed(points)} points<extra></extra>",
    }  # fmt: skip


def setting_importances(names: Sequence[str], found: Sequence[Importance]) -> dict:
    """How much of the differences among settings each explains, beside what chance explains.

    Read it by the grey band: it holds what 95 of 100 settings without any effect explain. A bar
    that ends within it cannot be told from noise.

    Args:
        names: Names of the settings.
        found: Their importance.
    """
    figure = _rows_layout("share of the variance explained", "importances")
    figure["xaxis"] |= {"tickformat": ".0%", "rangemode": "tozero"}
    rows = [f"{plain(name)} " for name in names]
    figure["yaxis"] |= {"tickvals": list(range(len(rows))), "ticktext": rows,
                        "range": [len(rows) - 0.6, -0.75]}  # fmt: skip
    figure["barmode"] = "overlay"
    common = {"type": "bar", "orientation": "h", "y": list(range(len(rows)))}
    null = common | {
        "x": [each.null for each in found], "width": 0.5, "name": "chance",
        "marker": {"color": faded(UNDECIDED, 0.3)},
        "hovertemplate": "chance explains up to %{x:.0%}<extra></extra>",
    }  # fmt: skip
    told = [" · ".join(filter(None, (f"{each.share:.0%}", each.doubt))) for each in found]
    bars = common | {
        "x": [each.share for each in found], "width": 0.25, "name": "explained", "text": told,
        "marker": {"color": [HELPS if each.told else UNDECIDED for each in found]},
        "textposition": "none",
        "hovertemplate": "explains %{x:.0%}<extra></extra>",
    }  # fmt: skip
    most = max([0.05, *(max(each.share, each.null) for each in found)])
    figure["xaxis"] |= {"range": [0, min(1.0, most * 1.15)]}
    # Above its bar, where a sentence has room at any width.
    figure["annotations"] = [
        {"text": text, "x": 0, "y": row - 0.27, "xanchor": "left", "yanchor": "bottom",
         "showarrow": False}
        for row, text in enumerate(told)
    ]  # fmt: skip
    return {"data": [null, bars], "layout": figure}


def _rows_layout(title: str, revision: str) -> dict:
    figure = layout(title, "", revision=revision, show_legend=False)
    figure["margin"] = {"l": 10, "r": 16, "t": 8, "b": 44}
    figure["hovermode"] = "closest"
    figure["xaxis"] |= {"showgrid": True, "nticks": 6}
    figure["yaxis"] = {"tickmode": "array", "automargin": True, "showgrid": False,
                       "zeroline": False, "title": {"text": ""}}  # fmt: skip
    return figure
