"""Curves over training steps or sample sizes, of arms or groups of runs, with bands over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures import marks
from mtlviz.figures.arrays import packed
from mtlviz.figures.compare import group_look
from mtlviz.figures.marks import rule
from mtlviz.figures.theme import layout

Array = NDArray[np.float64]


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


def curves(  # noqa: PLR0913 (arrays of one picture and its titles)
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


def error_changes(samples: NDArray[np.int64], lines: Sequence[Curve], *, revision: str) -> dict:
    """Relative change of the target's error through each source, over the source's size.

    Read it by the side of zero: below, the source helps the target; above, it hurts. The scale of
    sample sizes is logarithmic. Bands are 95 % intervals of the median over repetitions.

    Args:
        samples: Source sizes, shape (M,).
        lines: One curve for each source; `mean` holds medians.
        revision: Zoom is kept while this stays the same.
    """
    figure_layout = layout(
        "source examples", "change of the target's error", revision=revision, percent=True
    )
    figure_layout["xaxis"] |= {
        "type": "log",
        "tickvals": samples.tolist(),
        "ticktext": [f"{size:,}".replace(",", "\u2009") for size in samples.tolist()],
    }
    figure_layout["shapes"] = [rule("level", 0)]
    bands = [band(samples, each) for each in lines]
    return {"data": bands + [line(samples, each) for each in lines], "layout": figure_layout}


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
            curve.name, curve.mean, (curve.low[known], curve.high[known]), look.color, look.dash,
            2.5,
        )  # fmt: skip
        if known.any():
            bands.append(band(curve.at[known], drawn))
        lines.append(line(curve.at, drawn))
        for at, values in curve.single:
            thin = Curve(f"{curve.name}, not finished", values, None, look.color, look.dash, 1.0)
            lines.append({**line(at, thin), "showlegend": False})
    figure = layout(x_title, y_title, revision=f"{x_title} {y_title}", show_legend=show_legend)
    return {"data": [*bands, *lines], "layout": figure}
