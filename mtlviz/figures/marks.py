"""Marks that many figures share: rules from edge to edge, and bands around a line."""

from collections.abc import Sequence
from typing import Literal

from mtlviz.figures.theme import UNDECIDED


def rule(
    direction: Literal["upright", "level"], at: float, dash: str = "solid", color: str = UNDECIDED
) -> dict:
    """A thin line behind the curves from one edge of the picture to the other.

    Args:
        direction: "upright" stands at a place across, "level" lies at a height.
        at: That place, in data coordinates.
        dash: Plotly's name of a dash.
        color: Its colour.
    """
    ends = {"x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper"}
    if direction == "level":
        ends = {"y0": at, "y1": at, "x0": 0, "x1": 1, "xref": "paper"}
    return {
        "type": "line",
        **ends,
        "line": {"color": color, "width": 1, "dash": dash},
        "layer": "below",
    }


def band(
    across: Sequence[float], low: Sequence[float], high: Sequence[float], color: str
) -> list[dict]:
    """Two traces with what lies between them filled; neither is in the legend or answers a hover.

    Args:
        across: Places across, (N,).
        low: Lower edge at each, (N,).
        high: Upper edge at each, (N,).
        color: Colour of the filling, with its opacity.
    """
    edge = {"x": across, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip",
            "showlegend": False, "type": "scatter"}  # fmt: skip
    return [
        {**edge, "y": low},
        {**edge, "y": high, "fill": "tonexty", "fillcolor": color},
    ]
