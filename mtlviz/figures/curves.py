"""Curves over training steps, with bands over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures import marks
from mtlviz.figures.arrays import packed
from mtlviz.figures.theme import layout


@dataclass(frozen=True)
class Curve:
    """One line: its middle over seeds and the ends of its interval, each of shape (F,).

    Attributes:
        name: Legend text.
        mean: Mean (or, where a figure says so, median) over seeds.
        interval: Lower and upper end of the band; None where there is one seed, so no band.
        color: Hex colour.
        dash: Plotly dash.
        width: Line width in pixels: thin for single-task, thick for multi-task.
    """

    name: str
    mean: NDArray[np.float64]
    interval: tuple[NDArray[np.float64], NDArray[np.float64]] | None
    color: str
    dash: str = "solid"
    width: float = 2.0


def band(steps: NDArray[np.int64], curve: Curve) -> dict:
    """The interval around a curve as one filled trace."""
    low, high = curve.interval
    names = {"name": f"{curve.name}, 95 % interval", "legendgroup": curve.name}
    return marks.band(steps, low, high, curve.color) | names


def line(steps: NDArray[np.int64], curve: Curve) -> dict:
    """The curve itself."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(steps),
        "y": packed(curve.mean),
        "name": curve.name,
        "legendgroup": curve.name,
        "line": {"color": curve.color, "dash": curve.dash, "width": curve.width},
    }


def curves(
    steps: NDArray[np.int64],
    lines: Sequence[Curve],
    y_title: str,
    *,
    revision: str,
    percent: bool = False,
    zero_line: bool = False,
) -> dict:
    """Lines over training steps with 95 % bands over seeds.

    Read it left to right as training goes on. Thick lines share an encoder, thin ones train alone;
    where two bands overlap, the seeds do not tell the lines apart at that step.

    Args:
        steps: Step number of each kept frame, shape (F,).
        lines: The curves, drawn in order.
        y_title: Title of the vertical axis, with its unit.
        revision: Zoom is kept while this stays the same.
        percent: Whether the values are shares, shown in per cent.
        zero_line: Whether zero has a meaning here and deserves a line.
    """
    bands = [band(steps, each) for each in lines if each.interval is not None]
    figure_layout = layout("training step", y_title, revision=revision, percent=percent)
    if zero_line:
        figure_layout["shapes"] = [marks.rule("level", 0, width=1)]
    return {"data": bands + [line(steps, each) for each in lines], "layout": figure_layout}
