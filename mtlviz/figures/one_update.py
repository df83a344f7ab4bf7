"""One update of a stored run: who pulls against whom, and where the update goes."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.arrays import packed
from mtlviz.figures.runs import cosine_reach
from mtlviz.figures.task_map import MANY
from mtlviz.figures.text import plain
from mtlviz.figures.theme import DIVERGING, UNDECIDED, TaskLook, layout, task_look

Array = NDArray[np.float64]
_NAMED = 5


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
        "x": [plain(name) for name in tasks],
        "y": [plain(name) for name in tasks],
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


def downhill(
    arrows: Array,
    update: Array,
    tasks: Sequence[str],
    looks: Sequence[int],
    titles: tuple[str, str],
) -> dict:
    """Where each task wants the shared weights to go, and where the update takes them.

    All arrows have one scale.

    Args:
        arrows: Downhill direction of each of D due tasks, (D, 2).
        update: The update, (2,).
        tasks: Names of the due tasks.
        looks: Their numbers in the run, which decide hue and dash.
        titles: What lies across and up.
    """
    # Of many arrows the longest alone are named; the others say their name under the pointer.
    lengths = np.linalg.norm(arrows, axis=-1)
    named = set(np.argsort(-lengths, kind="stable")[: _NAMED if len(tasks) > MANY else None])
    traces = [
        _arrow(tip, name, task_look(look), text=name if place in named else "")
        for place, (tip, name, look) in enumerate(zip(arrows, tasks, looks, strict=True))
    ]
    traces.append(_arrow(update, "update", TaskLook(UNDECIDED, "solid", "star"), width=4.0))
    longest = float(np.linalg.norm([*arrows, update], axis=-1).max())
    reach = 1.25 * longest if longest > 0 else 1.0
    axis = {"range": [-reach, reach], "zeroline": True, "showgrid": False, "showticklabels": False}
    figure = layout("", "", revision="plane", show_legend=False)
    across, up = ({"title": {"text": title}} for title in titles)
    figure["xaxis"] = axis | across | {"constrain": "domain"}
    figure["yaxis"] = axis | up | {"scaleanchor": "x"}
    margin = {"l": 10, "r": 10, "t": 10, "b": 10}
    return {"data": traces, "layout": figure | {"hovermode": "closest", "margin": margin}}


def worked_cosines(
    updates: Array, cosines: Array, tasks: Sequence[str], looks: Sequence[int]
) -> dict:
    """Cosines of the worked example's gradients through training, one line for each two tasks.

    Args:
        updates: Where each look lies across, (T,).
        cosines: Cosines, (T, M, M).
        tasks: Names of its M tasks.
        looks: Their numbers in the run.
    """
    traces = []
    for i, j in combinations(range(len(tasks)), 2):
        first, second = task_look(looks[i]), task_look(looks[j])
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": packed(updates),
                "y": packed(cosines[:, i, j]),
                "name": plain(f"{tasks[i]} · {tasks[j]}"),
                "line": {"color": first.color, "dash": second.dash, "width": 2},
                "marker": {"symbol": second.marker, "size": 6},
            }
        )
    figure = layout("update", "cosine", revision="worked example")
    upper = np.triu_indices(len(tasks), k=1)
    reach = cosine_reach([cosines[:, upper[0], upper[1]]])
    figure["yaxis"] |= {"range": [-reach, reach], "zeroline": True}
    return {"data": traces, "layout": figure}


def _arrow(
    tip: Array, name: str, look: TaskLook, width: float = 2.5, text: str | None = None
) -> dict:
    side = "top" if tip[1] >= 0 else "bottom"
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [0.0, float(tip[0])],
        "y": [0.0, float(tip[1])],
        "name": plain(name),
        "text": ["", plain(name if text is None else text)],
        "textposition": f"{side} center",
        "line": {"color": look.color, "dash": look.dash, "width": width},
        "marker": {"symbol": look.marker, "size": [0, 11], "color": look.color},
    }
