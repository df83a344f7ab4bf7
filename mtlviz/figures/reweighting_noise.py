"""SVD reweighting: what it gains or costs as more labels are wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.arrays import packed
from mtlviz.figures.marks import band, rule
from mtlviz.figures.theme import layout, task_look

Array = NDArray[np.float64]


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
        _line(noises, found.gain, task, found.name, 3.0, "y"),
        _line(noises, found.equal, task, f"{found.name}, equal weights", 1.5, "y2"),
        _line(noises, found.reweighted, task, f"{found.name}, reweighted", 4.0, "y2"),
    ]


def _line(noises: Array, values: Array, task: int, name: str, width: float, axis: str) -> dict:
    look = task_look(task)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(noises),
        "y": packed(values),
        "yaxis": axis,
        "name": name,
        "showlegend": axis == "y",
        "line": {"color": look.color, "dash": look.dash, "width": width},
    }
