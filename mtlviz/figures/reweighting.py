"""SVD reweighting: task vectors in their main plane, weights, and its gain on noisy labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.arrays import packed
from mtlviz.figures.marks import band, rule
from mtlviz.figures.text import in_template, plain
from mtlviz.figures.theme import UNDECIDED, faded, layout, task_look

Array = NDArray[np.float64]


def projections(
    places: Array, lengths: Array, rank: int, names: Sequence[str], *, revision: str
) -> dict:
    """Each task's vector Xᵀy in the plane of the two main directions, and its shadow on the first.

    Read it by shadows: at rank 1 a task's weight is its shadow on the horizontal axis, the
    direction that the tasks have most in common. A task with wrong labels has a short vector that
    points elsewhere, and so a short shadow. At rank 2 the whole arrow counts.

    Args:
        places: Coordinates along the first two main directions, (K, 2).
        lengths: Whole lengths of the vectors, (K,); what lies outside the plane makes the rest.
        rank: Main directions that count.
        names: Names of the tasks.
        revision: Zoom is kept while this stays the same.
    """
    traces = []
    for task, (place, length) in enumerate(zip(places, lengths, strict=True)):
        look = task_look(task)
        if rank == 1:
            traces.append(_shadow(place, look.color))
        inside = float(np.linalg.norm(place)) / length if length else 0.0
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers+text",
                "x": [0.0, float(place[0])],
                "y": [0.0, float(place[1])],
                "text": ["", plain(names[task])],
                "textposition": "top center",
                "name": plain(names[task]),
                "line": {"color": look.color, "dash": look.dash, "width": 3},
                "marker": {"symbol": look.marker, "size": [0, 11], "color": look.color},
                "hovertemplate": f"{in_template(names[task])}: {inside:.0%} of its length lies in "
                "this plane<extra></extra>",
            }
        )
    figure = layout(
        "first main direction", "second main direction", revision=revision, show_legend=False
    )
    reach = 1.2 * max(float(np.abs(places).max()), 1e-9)
    figure["xaxis"] |= {"zeroline": True, "constrain": "domain", "range": [-reach, reach]}
    figure["yaxis"] |= {"zeroline": True, "scaleanchor": "x", "range": [-reach, reach]}
    figure["hovermode"] = "closest"
    return {"data": traces, "layout": figure}


def _shadow(place: Array, color: str) -> dict:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [float(place[0]), float(place[0]), 0.0],
        "y": [float(place[1]), 0.0, 0.0],
        "line": {"color": faded(color, 0.45), "width": 6},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def bars(  # noqa: PLR0913 (arrays of one picture and its titles)
    values: Array, spread: Array, names: Sequence[str], title: str, *, line: float | None,
    revision: str,
) -> dict:  # fmt: skip
    """One bar a task or a singular value, with its 95 % interval over repetitions.

    Read weights against the line at 1, which is equal weighting: below it a task counts less.

    Args:
        values: Heights, (K,).
        spread: Half the interval, (K,).
        names: Names below the bars.
        title: Title of the vertical axis.
        line: Height of a line to compare with, or None.
        revision: Zoom is kept while this stays the same.
    """
    figure = layout("", title, revision=revision, show_legend=False)
    figure["yaxis"] |= {"rangemode": "tozero"}
    figure["hovermode"] = "closest"
    if line is not None:
        figure["shapes"] = [rule("level", line, "dot") | {"layer": "above"}]
    colors = [UNDECIDED if line is None else task_look(task).color for task in range(len(values))]
    trace = {
        "type": "bar",
        "x": [plain(name) for name in names],
        "y": values.tolist(),
        "error_y": {"type": "data", "array": spread.tolist(), "thickness": 1.5, "width": 5},
        "marker": {"color": colors},
        "hovertemplate": "%{x}: %{y:.2f}<extra></extra>",
    }
    return {"data": [trace], "layout": figure | {"bargap": 0.45}}


@dataclass(frozen=True)
class NoisyTask:
    """One task, or the mean of some, over the share of random labels; all of shape (F,).

    Attributes:
        name: Its name.
        equal: Accuracy with equal weights.
        reweighted: Accuracy with the weights of Algorithm 2.
        gain: Reweighted less equal, in percentage points.
        low: Lower end of the gain's 95 % interval over paired repetitions.
        high: Upper end.
    """

    name: str
    equal: Array
    reweighted: Array
    gain: Array
    low: Array
    high: Array


def over_noise(noises: Array, tasks: Sequence[NoisyTask], here: float, *, revision: str) -> dict:
    """What reweighting gains as more labels are wrong, and the accuracies themselves.

    Read the upper half by the side of zero: above, reweighting gains accuracy. Below stand both
    accuracies, thin with equal weights, thick reweighted.

    Args:
        noises: Shares of random labels, (F,).
        tasks: The noisy task, and the mean of the others if there are any.
        here: The share on screen.
        revision: Zoom is kept while this stays the same.
    """
    figure = layout("share of random labels", "", revision=revision)
    figure["xaxis"] |= {"tickformat": ".0%", "anchor": "y2"}
    figure["yaxis"] |= {"domain": [0.5, 1], "zeroline": True, "title": {"text": "gain (points)"}}
    # Where nothing is gained, rounding must not look like a result.
    figure["yaxis"]["autorangeoptions"] = {"include": [-0.1, 0.1]}
    figure["yaxis2"] = {
        "domain": [0, 0.42],
        "title": {"text": "accuracy"},
        "tickformat": ".0%",
        "nticks": 4,
    }
    figure["shapes"] = [rule("upright", here, "dot")]
    traces = [trace for task, each in enumerate(tasks) for trace in _noisy(noises, task, each)]
    return {"data": traces, "layout": figure}


def _noisy(noises: Array, task: int, found: NoisyTask) -> list[dict]:
    return [
        band(noises, found.low, found.high, task_look(task).color),
        _line(noises, found.gain, task, found.name, 3.0) | {"yaxis": "y", "showlegend": True},
        _line(noises, found.equal, task, f"{found.name}, equal weights", 1.5),
        _line(noises, found.reweighted, task, f"{found.name}, reweighted", 4.0),
    ]


def _line(noises: Array, values: Array, task: int, name: str, width: float) -> dict:
    look = task_look(task)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(noises),
        "y": packed(values),
        "yaxis": "y2",
        "name": name,
        "showlegend": False,
        "line": {"color": look.color, "dash": look.dash, "width": width},
    }
