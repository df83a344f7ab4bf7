"""Training curves of groups of runs over each other, with bands over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.compare import group_look
from mtlviz.figures.curves import Curve, band, line
from mtlviz.figures.theme import layout

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GroupCurve:
    """One group's curve for one task.

    Attributes:
        name: The group.
        group: Its number, which decides its look.
        at: Where on the horizontal axis, (T,).
        mean: Mean over its finished runs, (T,).
        low: Lower end of the interval, (T,); NaN where one run stands alone.
        high: Upper end, (T,).
        single: Curves of runs that are not finished, each as (at, values).
    """

    name: str
    group: int
    at: Array
    mean: Array
    low: Array
    high: Array
    single: Sequence[tuple[Array, Array]] = ()


def overlaid(
    curves: Sequence[GroupCurve], x_title: str, y_title: str, *, show_legend: bool
) -> dict:
    """Curves of all groups for one task, each with its 95 % band over seeds.

    Read it left to right as training goes on. Where two bands overlap, the seeds do not tell the
    groups apart at that point. Thin lines are runs that are not finished.

    Args:
        curves: The groups' curves.
        x_title: Title of the horizontal axis.
        y_title: Title of the vertical axis.
        show_legend: Whether this picture explains hues and dashes for those beside it.
    """
    bands, lines = [], []
    for curve in curves:
        look = group_look(curve.group)
        known = np.isfinite(curve.low)
        drawn = Curve(
            curve.name,
            curve.mean,
            (curve.low[known], curve.high[known]),
            look.color,
            look.dash,
            2.5,
        )
        if known.any():
            bands.append(band(curve.at[known], drawn))
        lines.append(line(curve.at, drawn))
        for at, values in curve.single:
            thin = Curve(f"{curve.name}, not finished", values, None, look.color, look.dash, 1.0)
            lines.append({**line(at, thin), "showlegend": False})
    figure = layout(x_title, y_title, revision=f"{x_title} {y_title}", show_legend=show_legend)
    return {"data": [*bands, *lines], "layout": figure}
