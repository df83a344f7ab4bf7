"""Lookahead affinity: who lowers whose loss, over which groups, and through training."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.affinity import Affinity
from mtlviz.figures.arrays import packed
from mtlviz.figures.text import plain
from mtlviz.figures.theme import DIVERGING, UNDECIDED, layout, task_look

Array = NDArray[np.float64]
Groups = Sequence[Sequence[int]]


def affinity_heatmap(
    found: Affinity, names: Sequence[str], groups: Groups, *, revision: str
) -> dict:
    """By how much a step on one task (row) lowers the loss of another (column), on average.

    Read it by colour: blue helps, orange hurts. Tasks stand beside the others of their suggested
    group, which a box surrounds. The diagonal, a task's step on itself, has no colour.

    Args:
        found: The average affinity.
        names: Names of the tasks.
        groups: The suggested groups; they decide the order.
        revision: Zoom is kept while this stays the same.
    """
    names = [plain(name) for name in names]
    order = [task for group in groups for task in group]
    shown = 100 * found.mean[np.ix_(order, order)]
    own = np.eye(len(order), dtype=bool)
    reach = float(np.nanmax(np.abs(np.where(own, np.nan, shown)), initial=0.0)) or 1.0
    # Two digits of the largest number, and as many places for all.
    digits = max(0, 1 - int(np.floor(np.log10(reach))))
    figure = layout("loss of … falls by (%)", "step on …", revision=revision, show_legend=False)
    figure["margin"] = {"l": 10, "r": 6, "t": 46, "b": 6}
    figure["hovermode"] = "closest"
    places = {"tickvals": list(range(len(order))), "ticktext": [names[task] for task in order],
              "showgrid": False, "automargin": True, "fixedrange": True, "ticks": ""}  # fmt: skip
    figure["xaxis"] |= places | {"side": "top"}
    figure["yaxis"] |= places | {"autorange": "reversed", "tickmode": "array", "nticks": None}
    figure["yaxis"]["title"]["standoff"] = 12
    figure["shapes"] = _boxes(groups)
    heatmap = {
        "type": "heatmap",
        "z": [[None if own[i, j] or np.isnan(shown[i, j]) else float(shown[i, j])
               for j in range(len(order))] for i in range(len(order))],
        # Paler than the scale's ends, so that dark numbers are read on every cell.
        "zmin": -1.7 * reach, "zmax": 1.7 * reach, "colorscale": DIVERGING, "showscale": False,
        "xgap": 2, "ygap": 2, "hoverongaps": False,
        "text": [[_cell(shown[i, j], i == j, digits) for j in range(len(order))]
                 for i in range(len(order))],
        "texttemplate": "%{text}", "textfont": {"color": "#16191D"},
        "customdata": [[_spread(found, names, i, j) for j in order] for i in order],
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip
    return {"data": [heatmap], "layout": figure}


def _cell(value: float, own: bool, digits: int) -> str:
    if own or np.isnan(value):
        return ""
    # Adding zero turns what is rounded to minus zero into zero.
    rounded = round(value, digits) + 0.0
    return f"{rounded:+.{digits}f}".replace("-", "−") if rounded else "0"


def _percent(value: float) -> str:
    return f"{value:+.2g} %".replace("-", "−")


def _spread(found: Affinity, names: Sequence[str], i: int, j: int) -> str:
    """What hovering says of a cell: the mean, its interval over seeds, the spread over updates."""
    if np.isnan(found.mean[i, j]):
        return f"{names[i]} on {names[j]}: not known"
    text = f"step on {names[i]}, loss of {names[j]}: {_percent(100 * found.mean[i, j])}"
    if np.isfinite(found.low[i, j]):
        ends = f"{_percent(100 * found.low[i, j])} to {_percent(100 * found.high[i, j])}"
        text += f"<br>95 % interval over {len(found.runs)} seeds: {ends}"
    ends = f"{_percent(100 * found.least[i, j])} to {_percent(100 * found.most[i, j])}"
    return f"{text}<br>eight in ten single updates: {ends}"


def _boxes(groups: Groups) -> list[dict]:
    """A frame around each group of two tasks or more, and around single tasks a thin one."""
    shapes, start = [], 0
    for group in groups:
        end = start + len(group)
        shapes.append(
            {
                "type": "rect", "x0": start - 0.48, "x1": end - 0.52, "y0": start - 0.48,
                "y1": end - 0.52, "line": {"width": 3 if len(group) > 1 else 1.5,
                                           "color": UNDECIDED},
            }
        )  # fmt: skip
        start = end
    return shapes


def received_over_training(
    updates: NDArray[np.int64], measured: Sequence[Array], names: Sequence[str], *, revision: str
) -> dict:
    """What each task receives from the others, through training, mean over runs.

    Read it by the side of zero: above, the others' steps lower this task's loss. Lines are means
    over five neighbouring measurements.

    Args:
        updates: Updates at which it was measured, (T,).
        measured: For each run the affinities at these updates, (T, K, K).
        names: Names of the tasks.
        revision: Zoom is kept while this stays the same.
    """
    mean = 100 * np.mean(measured, axis=0)
    own = np.eye(mean.shape[-1], dtype=bool)
    received = np.where(own, 0.0, mean).sum(axis=1) / max(1, mean.shape[-1] - 1)
    figure = layout("update", "change of loss by the others (%)", revision=revision)
    figure["yaxis"] |= {"zeroline": True, "zerolinecolor": UNDECIDED, "zerolinewidth": 1.5}
    traces = []
    for task, name in enumerate(names):
        look = task_look(task)
        traces.append(
            {
                "type": "scatter", "mode": "lines", "name": plain(name), "x": packed(updates),
                "y": packed(_smoothed(received[:, task])),
                "line": {"color": look.color, "dash": look.dash, "width": 2.5},
                "hovertemplate": "%{y:+.2f} %",
            }
        )  # fmt: skip
    return {"data": traces, "layout": figure}


def _smoothed(values: Array, width: int = 5) -> Array:
    """Running mean; at the ends over the fewer neighbours there are."""
    ones = np.ones(min(width, len(values)))
    return np.convolve(values, ones, "same") / np.convolve(np.ones(len(values)), ones, "same")
