"""Who trains when: one row a task, one bar for every phase in which it trains."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.text import plain
from mtlviz.figures.theme import layout, task_look


def phase_strip(
    starts: Sequence[int], due: NDArray[np.bool_], tasks: Sequence[str], told: Sequence[str]
) -> dict:
    """The plan of a run in phases.

    Read it from left to right: a task trains where its row has a bar.

    Args:
        starts: Update at which each phase begins, (P,).
        due: Who takes part in which update, (U, K).
        tasks: Names of the tasks.
        told: What each phase is, for the hover, (P,).
    """
    ends = [*starts[1:], len(due)]
    parts = list(zip(starts, ends, told, strict=True))
    bars = [
        _bars(task, name, [part for part in parts if due[part[0] : part[1], task].any()])
        for task, name in enumerate(tasks)
    ]
    figure = layout("update", "", revision="phases", show_legend=False)
    figure |= {"barmode": "overlay", "hovermode": "closest", "bargap": 0.3}
    figure["margin"] = {"l": 8, "r": 16, "t": 8, "b": 40}
    figure["xaxis"] |= {"range": [0, len(due)]}
    figure["yaxis"] |= {"autorange": "reversed", "automargin": True, "type": "category"}
    line = {"color": "#767B84", "width": 1, "dash": "dash"}
    figure["shapes"] = [
        {"type": "line", "x0": start, "x1": start, "y0": 0, "y1": 1, "yref": "paper", "line": line}
        for start in starts[1:]
    ]
    return {"data": bars, "layout": figure}


def _bars(task: int, name: str, parts: Sequence[tuple[int, int, str]]) -> dict:
    """The bars of one task: where each begins, how long it is, what is said of it."""
    return {
        "type": "bar",
        "orientation": "h",
        "y": [plain(name)] * len(parts),
        "base": [start for start, _, _ in parts],
        "x": [end - start for start, end, _ in parts],
        "text": [f"{end - start}" for start, end, _ in parts],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "hovertext": [plain(text) for _, _, text in parts],
        "hoverinfo": "text",
        "marker": {"color": task_look(task).color},
        "name": plain(name),
    }
