"""Alignment: transfer over turns of one cloud, and over the steps of Algorithm 1."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures import marks
from mtlviz.figures.arrays import packed
from mtlviz.figures.theme import UNDECIDED, layout, task_look

Array = NDArray[np.float64]


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
    figure = layout("turn of the source by R₂ (°)", "", revision=revision, show_legend=False)
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
        "yaxis": "y2", "name": "similarity (eq. 5)", "line": {"color": UNDECIDED, "width": 2.5},
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
    figure = layout("steps of Algorithm 1", "transfer (points)", revision=revision)
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
