"""Alignment: clouds before and after R, transfer over turns, and the steps of Algorithm 1."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.covariance import ellipse
from mtlviz.figures import marks
from mtlviz.figures.arrays import packed
from mtlviz.figures.theme import UNDECIDED, faded, layout, task_look

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cloud:
    """One task's points as they enter the shared module.

    Attributes:
        name: The task's name.
        before: Points (n, 2), before R.
        after: The same points after R, (n, 2).
        model: Direction that the task's labels follow, seen after R, (2,).
    """

    name: str
    before: Array
    after: Array
    model: Array


def clouds(found: Sequence[Cloud], shared: Array | None, *, revision: str) -> dict:
    """Two tasks' points as the shared module sees them, with the one direction that it keeps.

    Read it by the lines: the shared module keeps one number of each point, its place along the
    grey line. It serves a task well if that line lies along the task's own. Dashed ellipses
    are the clouds before R, filled ones after.

    Args:
        found: The clouds, in the tasks' order.
        shared: The shared direction B, (2,); None where the module keeps the whole plane.
        revision: Zoom is kept while this stays the same.
    """
    # Most of the points set the scale: a lone far one must not shrink the picture.
    reach = 1.25 * max(float(np.quantile(np.abs(cloud.after), 0.98)) for cloud in found)
    traces = [trace for task, cloud in enumerate(found) for trace in _cloud(task, cloud, reach)]
    if shared is not None:
        kept = _arrow("what the shared module keeps", shared, 0.95 * reach, UNDECIDED, "solid")
        traces.append(kept)
    axis = {"range": [-reach, reach], "zeroline": True, "showgrid": False, "title": {"text": ""}}
    figure = layout("", "", revision=revision)
    figure |= {
        "hovermode": "closest",
        "margin": {"l": 30, "r": 10, "t": 10, "b": 30},
        "xaxis": axis | {"constrain": "domain"},
        "yaxis": axis | {"scaleanchor": "x"},
    }
    return {"data": traces, "layout": figure}


def _cloud(task: int, cloud: Cloud, reach: float) -> list[dict]:
    look = task_look(task)
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": packed(cloud.after[:, 0]),
        "y": packed(cloud.after[:, 1]),
        "name": cloud.name,
        "legendgroup": cloud.name,
        "marker": {"symbol": look.marker, "size": 5, "color": faded(look.color, 0.55)},
        "hoverinfo": "skip",
    }
    outlines = [
        _outline(cloud.name, points_of, look.color, filled)
        for points_of, filled in ((cloud.before, False), (cloud.after, True))
    ]
    own = _arrow(f"{cloud.name}: its labels", cloud.model, 0.8 * reach, look.color, look.dash)
    return [points, *outlines, own]


def _outline(name: str, points: Array, color: str, filled: bool) -> dict:
    outline = ellipse(points)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(outline[:, 0]),
        "y": packed(outline[:, 1]),
        "line": {"color": color, "width": 2, "dash": "solid" if filled else "dash"},
        "fill": "toself" if filled else "none",
        "fillcolor": faded(color, 0.12),
        "hoverinfo": "skip",
        "legendgroup": name,
        "showlegend": False,
    }


def _arrow(name: str, direction: Array, length: float, color: str, dash: str) -> dict:
    """A line through the origin: a direction has no sign here."""
    tip = length * direction / np.linalg.norm(direction)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [float(-tip[0]), float(tip[0])],
        "y": [float(-tip[1]), float(tip[1])],
        "name": name,
        "line": {"color": color, "width": 3, "dash": dash},
        "hoverinfo": "name",
    }


@dataclass(frozen=True)
class Band:
    """A line with its 95 % interval: mean, lower and upper end, each of shape (F,)."""

    name: str
    mean: Array
    low: Array
    high: Array
    task: int


def over_turns(
    turns: Array, transfer: Band, similarity: Array, here: float, *, revision: str
) -> dict:
    """Transfer to the target for every turn of the source's cloud, and what equation 5 says of it.

    Read the two halves together: if similarity decided transfer, both would peak at the same turn.
    Labels stay with their points, so a turn moves the source's model as well as its cloud.

    Args:
        turns: Degrees, (A,).
        transfer: Percentage points.
        similarity: Equation 5 between the clouds, (A,).
        here: The turn on screen.
        revision: Zoom is kept while this stays the same.
    """
    figure = layout("turn of task 2's cloud (°)", "", revision=revision, show_legend=False)
    figure["xaxis"] |= {"anchor": "y2", "tickvals": list(range(-90, 91, 30))}
    title = {"standoff": 4}
    figure["yaxis"] |= {
        "domain": [0.4, 1], "title": {"text": "transfer (points)", **title}, "zeroline": True,
    }  # fmt: skip
    figure["yaxis2"] = {
        "domain": [0, 0.3], "range": [0, 1.05], "nticks": 3, "showgrid": False,
        "title": {"text": "similarity", **title},
    }  # fmt: skip
    figure["shapes"] = [marks.rule("upright", here, "dot")]
    below = {
        "type": "scatter", "mode": "lines", "x": packed(turns), "y": packed(similarity),
        "yaxis": "y2", "name": "similarity", "line": {"color": UNDECIDED, "width": 2.5},
    }  # fmt: skip
    return {"data": [*_band(turns, transfer), below], "layout": figure}


def over_steps(
    steps: Array, lines: Sequence[Band], control: Band, here: int, *, revision: str
) -> dict:
    """Transfer to each task over the steps of Algorithm 1, and with the control.

    Read it from left to right: at step 0 the tasks share plainly; the further Algorithm 1 goes, the
    closer each task comes to training alone, which is zero here. The dotted line is the control,
    whose extra parameters align nothing.

    Args:
        steps: Step numbers, (F,).
        lines: Transfer to each task in percentage points.
        control: Transfer to the target with the control.
        here: The step on screen.
        revision: Zoom is kept while this stays the same.
    """
    figure = layout("steps of learned alignment", "transfer (points)", revision=revision)
    figure["yaxis"]["zeroline"] = True
    figure["shapes"] = [marks.rule("upright", here, "dot")]
    traces = [trace for each in lines for trace in _band(steps, each)]
    flat = _line(steps, control, "dot", 2.0)
    return {"data": [*traces, flat], "layout": figure}


def _band(places: Array, band: Band) -> list[dict]:
    look = task_look(band.task)
    area = marks.band(places, band.low, band.high, look.color)
    return [area, _line(places, band, look.dash, 3.0)]


def _line(places: Array, band: Band, dash: str, width: float) -> dict:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(places),
        "y": packed(band.mean),
        "name": band.name,
        "line": {"color": task_look(band.task).color, "dash": dash, "width": width},
        "hovertemplate": "%{y:+.1f} points<extra>" + band.name + "</extra>",
    }
