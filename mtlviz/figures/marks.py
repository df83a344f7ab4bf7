"""Marks that many figures share: rules from edge to edge, and bands around a line."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.arrays import packed
from mtlviz.figures.theme import UNDECIDED, faded


def rule(
    direction: Literal["upright", "level"],
    at: float,
    dash: str = "solid",
    color: str = UNDECIDED,
    width: float = 1.5,
) -> dict[str, Any]:
    """A thin line behind the curves from one edge of the picture to the other.

    Args:
        direction: "upright" stands at a place across, "level" lies at a height.
        at: That place, in data coordinates.
        dash: Plotly's name of a dash.
        color: Its colour.
        width: How thick it is.
    """
    ends = {"x0": at, "x1": at, "y0": 0, "y1": 1, "xref": "x", "yref": "paper"}
    if direction == "level":
        ends = {"y0": at, "y1": at, "x0": 0, "x1": 1, "xref": "paper"}
    line = {"color": color, "width": width, "dash": dash}
    return {"type": "line", **ends, "line": line, "layer": "below"}


def band(
    across: NDArray[Any],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    color: str,
    opacity: float = 0.15,
) -> dict[str, Any]:
    """A filled stretch around a line; it is not in the legend and answers no hover.

    Args:
        across: Places across, (N,).
        low: Lower edge at each, (N,).
        high: Upper edge at each, (N,).
        color: Colour of the line.
        opacity: How much of it the filling has.
    """
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(np.concatenate([across, across[::-1]])),
        "y": packed(np.concatenate([high, low[::-1]])),
        "fill": "toself",
        "fillcolor": faded(color, opacity),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
