"""Tasks' examples as points in a plane, with the ellipses of their covariances."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.arrays import packed
from mtlviz.figures.text import plain
from mtlviz.figures.theme import faded, layout, task_look

Array = NDArray[np.float64]

_LINE = 60
_LONGEST = 240


@dataclass(frozen=True, eq=False)
class Cloud:
    """One task's points.

    Attributes:
        name: Name of the task.
        look: Its number, which decides hue, dash and marker.
        points: Coordinates of those drawn, (n, 2).
        texts: What each says, n of them.
        numbers: Which example of the task each is, (n,).
        marked: Which of them are marked, (n,).
        outline: The ellipse of all its points, (c, 2); None where the plane has no covariance.
    """

    name: str
    look: int
    points: Array
    texts: Sequence[str]
    numbers: NDArray[np.int64]
    marked: NDArray[np.bool_]
    outline: Array | None


def cloud_picture(
    clouds: Sequence[Cloud], x_title: str, y_title: str, *, revision: str, equal: bool = True
) -> dict:
    """Every task's points in one plane; hovering shows the sentence.

    Read it by the ellipses: two tasks whose ellipses lie over one another, turned the same way,
    have similar covariances in this plane. An ellipse reaches two standard deviations. Where some
    points are marked, the others are pale.

    Args:
        clouds: The tasks.
        x_title: What lies across.
        y_title: What lies upwards.
        revision: Zoom is kept while this stays the same.
        equal: Whether both axes have one scale.
    """
    any_marked = any(cloud.marked.any() for cloud in clouds)
    traces = [_points(cloud, any_marked) for cloud in clouds]
    traces += [_outline(cloud) for cloud in clouds if cloud.outline is not None]
    traces += [_legend(cloud) for cloud in clouds]
    figure = layout(plain(x_title), plain(y_title), revision=revision)
    axis = {"zeroline": False, "showticklabels": False, "showgrid": False, "nticks": 4}
    figure["xaxis"] |= axis
    figure["yaxis"] |= axis
    if equal:
        figure["yaxis"] |= {"scaleanchor": "x"}
    figure["margin"] = {"l": 36, "r": 8, "t": 8, "b": 36}
    return {"data": traces, "layout": figure | {"hovermode": "closest"}}


def _points(cloud: Cloud, any_marked: bool) -> dict:
    look = task_look(cloud.look)
    strong = cloud.marked if any_marked else np.ones(len(cloud.marked), dtype=bool)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed(cloud.points[:, 0]),
        "y": packed(cloud.points[:, 1]),
        "name": plain(cloud.name),
        "legendgroup": cloud.name,
        "showlegend": False,
        "customdata": cloud.numbers.tolist(),
        "text": [hover_text(text) for text in cloud.texts],
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
        "marker": {
            "symbol": look.marker,
            "color": look.color,
            "size": packed(np.where(cloud.marked, 11, 5)),
            "opacity": packed(np.where(strong, np.where(cloud.marked, 1.0, 0.55), 0.12)),
            "line": {"width": packed(np.where(cloud.marked, 1.5, 0.0)), "color": "#1B1F24"},
        },
    }


def _outline(cloud: Cloud) -> dict:
    look = task_look(cloud.look)
    outline = cloud.outline
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(outline[:, 0]),
        "y": packed(outline[:, 1]),
        "name": f"{plain(cloud.name)}: ellipse",
        "legendgroup": cloud.name,
        "line": {"color": look.color, "dash": look.dash, "width": 2.5},
        "fill": "toself",
        "fillcolor": faded(look.color, 0.06),
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _legend(cloud: Cloud) -> dict:
    """The task's entry in the legend, which stays strong while its points are pale."""
    look = task_look(cloud.look)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "name": plain(cloud.name),
        "legendgroup": cloud.name,
        "marker": {"symbol": look.marker, "color": look.color, "size": 9},
    }


def hover_text(text: str) -> str:
    """A text as a hover box shows it: wrapped, cut where it is long, and nothing read as HTML."""
    short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
    lines = textwrap.wrap(short, _LINE) or [""]
    escaped = (
        line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in lines
    )
    return "<br>".join(escaped)
