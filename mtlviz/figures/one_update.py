"""One update of a stored run: who pulls against whom, and where the update goes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.conflict_plane import plane_from_gram
from mtlviz.figures.arrays import packed
from mtlviz.figures.theme import DIVERGING, UNDECIDED, layout, task_look

Array = NDArray[np.float64]


def cosine_matrix(cosines: Array, tasks: Sequence[str]) -> dict:
    """Heatmap of the cosines between the tasks' gradients at one update.

    Read it by sign: orange pairs pull the shared weights apart, blue ones together. A blank cell
    had no gradient.

    Args:
        cosines: Cosines, (K, K).
        tasks: Names of the tasks.
    """
    shown = np.where(np.eye(len(tasks), dtype=bool), np.nan, cosines)
    text = [["" if np.isnan(value) else f"{value:+.2f}" for value in row] for row in shown]
    heatmap = {
        "type": "heatmap",
        "x": list(tasks),
        "y": list(tasks),
        "z": packed(shown),
        "text": text,
        "texttemplate": "%{text}",
        "textfont": {"color": "#222222"},
        "zmin": -1,
        "zmax": 1,
        "colorscale": DIVERGING,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hovertemplate": "%{y} · %{x}: %{text}<extra></extra>",
    }
    figure = layout("", "", revision="cosine matrix", show_legend=False)
    figure["yaxis"] |= {"autorange": "reversed", "showgrid": False, "nticks": 0}
    return {"data": [heatmap], "layout": figure | {"hovermode": "closest"}}


def downhill(gram: Array, weights: Array, tasks: Sequence[str], looks: Sequence[int]) -> dict:
    """Where each task wants the shared weights to go, and where the update takes them.

    The plane is the one that shows most of these gradients. The update is drawn with its
    direction only, as long as the longest arrow.

    Args:
        gram: Inner products of the gradients of D due tasks, (D, D).
        weights: Weight of each in the update, (D,).
        tasks: Their names.
        looks: Their numbers in the run, which decide hue and dash.
    """
    tips = plane_from_gram(gram).coordinates
    traces = [
        _arrow(tip, name, task_look(look).color, task_look(look).dash, task_look(look).marker)
        for tip, name, look in zip(tips, tasks, looks, strict=True)
    ]
    update = weights @ tips
    length, longest = np.linalg.norm(update), np.linalg.norm(tips, axis=-1).max()
    if length > 0:
        tip = update * longest / length
        traces.append(_arrow(tip, "update", UNDECIDED, "solid", "star", width=4.0))
    reach = 1.25 * float(longest) if longest > 0 else 1.0
    axis = {"range": [-reach, reach], "zeroline": True, "showgrid": False, "showticklabels": False}
    figure = layout("", "", revision="plane", show_legend=False)
    figure["xaxis"] = axis | {"constrain": "domain"}
    figure["yaxis"] = axis | {"scaleanchor": "x"}
    return {
        "data": traces,
        "layout": figure | {"hovermode": "closest", "margin": {"l": 10, "r": 10, "t": 10, "b": 10}},
    }


def _arrow(tip: Array, name: str, color: str, dash: str, marker: str, width: float = 2.5) -> dict:
    side = "top" if tip[1] >= 0 else "bottom"
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [0.0, float(tip[0])],
        "y": [0.0, float(tip[1])],
        "name": name,
        "text": ["", name],
        "textposition": f"{side} center",
        "line": {"color": color, "dash": dash, "width": width},
        "marker": {"symbol": marker, "size": [0, 11], "color": color},
    }
