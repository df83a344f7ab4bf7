"""The settings of a sweep task by task: against their mean, two against each other, over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.arrays import packed
from mtlviz.figures.compare import group_look
from mtlviz.figures.marks import band
from mtlviz.figures.text import in_template, plain
from mtlviz.figures.theme import HELPS, UNDECIDED, faded, layout, task_look

Array = NDArray[np.float64]
_CHOSEN = {"symbol": "circle-open", "size": 18, "color": "#B5407F", "line": {"width": 3}}


@dataclass(frozen=True, eq=False)
class Points:
    """Settings as points.

    Attributes:
        names: What each is, for the hover text.
        numbers: Number of each, which a click reports.
        scores: Mean score over seeds of each on each task, (S, K).
    """

    names: Sequence[str]
    numbers: Sequence[int]
    scores: Array


@dataclass(frozen=True, eq=False)
class Arm:
    """A setting's scores through training: mean over tasks and seeds, with its interval.

    Attributes:
        name: What it is.
        share: Share of the training that was done, (T,).
        mean: Mean score, (T,).
        low: Lower end, (T,); NaN for one seed.
        high: Upper end.
    """

    name: str
    share: Array
    mean: Array
    low: Array
    high: Array


def tasks_against_mean(points: Points, tasks: Sequence[str], chosen: int | None) -> dict:
    """Every task's score over the mean of all tasks; stars are each task's highest mean, untested.

    A point a setting and task. Read it by the stars: where a task's star is not the rightmost
    point, choosing by the mean may cost that task something.
    """
    figure = layout("mean score over tasks", "score of the task", revision="against mean")
    figure["hovermode"] = "closest"
    mean, traces = points.scores.mean(axis=1), []
    for task, name in enumerate(tasks):
        look, up = task_look(task), points.scores[:, task]
        traces.append(_dots(points, mean, up, {"color": faded(look.color, 0.75), "size": 7,
                            "symbol": look.marker}, plain(name)))  # fmt: skip
        best = int(np.argmax(up))
        traces.append({
            "type": "scatter", "mode": "markers", "x": [float(mean[best])], "y": [float(up[best])],
            "showlegend": False, "name": f"{plain(name)}, highest mean",
            "marker": {"symbol": "star", "size": 17, "color": look.color,
                       "line": {"width": 1.5, "color": "#FFFFFF"}},
            "customdata": [points.numbers[best]],
            "hovertemplate": f"highest mean of {in_template(name)}: "
            f"{in_template(points.names[best])}<extra></extra>",
        })  # fmt: skip
        traces += _ring(points, mean, up, chosen)
    return {"data": traces, "layout": figure}


def task_front(  # noqa: PLR0913 (arrays of one picture and its titles)
    points: Points, across: int, up: int, tasks: Sequence[str], front: NDArray[np.bool_],
    chosen: int | None,
) -> dict:  # fmt: skip
    """Two tasks' scores against each other, a point a setting; blue ones no other equals on all.

    Read it from the upper right: blue settings are the Pareto front over all tasks: whoever wants
    more of one task pays with another. Some other setting does as well as a grey one on every
    task, and better on one.

    Args:
        points: The settings.
        across: Task across.
        up: Task upwards.
        tasks: Names of all tasks.
        front: Which settings no other equals on all tasks, (S,).
        chosen: Number of the setting with a ring.
    """
    figure = layout(plain(tasks[across]), plain(tasks[up]), revision=f"front {across} {up}")
    figure["hovermode"] = "closest"
    x, y = points.scores[:, across], points.scores[:, up]
    looks = (
        (~front, {"color": faded(UNDECIDED, 0.6), "size": 7}, "another does as well on all"),
        (front, {"color": HELPS, "size": 11, "symbol": "diamond"}, "on the front"),
    )
    traces = []
    for kept, marker, name in looks:
        rows = np.flatnonzero(kept)
        some = Points([points.names[row] for row in rows], [points.numbers[row] for row in rows],
                      points.scores[rows])  # fmt: skip
        traces.append(_dots(some, x[rows], y[rows], marker, name))
    return {"data": traces + _ring(points, x, y, chosen), "layout": figure}


def arm_curves(arms: Sequence[Arm]) -> dict:
    """The mean score of a few settings through training, with 95 % bands over seeds.

    Read it by the bands: settings whose bands overlap to the end cannot be told apart by eye.
    """
    figure = layout("share of the training", "mean score over tasks", revision="arms")
    figure["xaxis"] |= {"tickformat": ".0%"}
    traces = []
    for number, arm in enumerate(arms):
        look, known = group_look(number), np.isfinite(arm.low)
        if known.any():
            traces.append(band(arm.share[known], arm.low[known], arm.high[known], look.color))
        traces.append({
            "type": "scatter", "mode": "lines+markers", "name": plain(arm.name),
            "x": packed(arm.share), "y": packed(arm.mean),
            "line": {"color": look.color, "dash": look.dash, "width": 2.5},
            "marker": {"symbol": look.marker, "size": 6},
            "hovertemplate": "%{y:.3f}",
        })  # fmt: skip
    return {"data": traces, "layout": figure}


def _dots(points: Points, x: Array, y: Array, marker: dict, name: str) -> dict:
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": packed(x), "y": packed(y),
        "marker": marker, "customdata": list(points.numbers),
        "text": [plain(each) for each in points.names],
        "hovertemplate": "%{text}<br>%{x:.3f}, %{y:.3f}<extra>" + in_template(name) + "</extra>",
    }  # fmt: skip


def _ring(points: Points, x: Array, y: Array, chosen: int | None) -> list[dict]:
    if chosen not in points.numbers:
        return []
    row = list(points.numbers).index(chosen)
    return [{
        "type": "scatter", "mode": "markers", "x": [float(x[row])], "y": [float(y[row])],
        "showlegend": False, "name": "chosen", "marker": dict(_CHOSEN), "hoverinfo": "skip",
    }]  # fmt: skip
