"""Runs on a landscape, over steps: how far each method got, and how much the tasks conflicted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.arrays import packed
from mtlviz.figures.conflicts import MethodLook
from mtlviz.figures.theme import layout

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Descent:
    """One number of one run at every kept step.

    Attributes:
        look: How its method is drawn.
        start: The start's number, counted from 1.
        values: The number, shape (T,); not-a-number where there is none.
    """

    look: MethodLook
    start: int
    values: Array


def descents(steps: NDArray[np.int64], runs: Sequence[Descent], y_title: str) -> dict:
    """A number of every run over steps, one line per method and start.

    Read it by hue and dash for the method; pointing at a line tells its start. A line that stays
    high is a run that got stuck.

    Args:
        steps: Step number of each kept frame, shape (T,).
        runs: The lines.
        y_title: What is shown.
    """
    named: set[str] = set()
    traces = []
    for run in runs:
        traces.append(_line(steps, run, first=run.look.title not in named))
        named.add(run.look.title)
    figure_layout = layout("step", y_title, revision=f"{y_title} {int(steps[-1])}")
    figure_layout["hovermode"] = "closest"
    return {"data": traces, "layout": figure_layout}


def _line(steps: NDArray[np.int64], run: Descent, *, first: bool) -> dict:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(steps),
        "y": packed(run.values),
        # The legend shows the first line's name; a saved table must tell the others apart.
        "name": run.look.title if first else f"{run.look.title}, start {run.start}",
        "legendgroup": run.look.title,
        "showlegend": first,
        "line": {"color": run.look.color, "dash": run.look.dash, "width": 2},
        "hovertemplate": f"{run.look.title} from start {run.start}: %{{y:.3g}}<extra></extra>",
    }


def ratio_curves(steps: NDArray[np.int64], sums: Array, names: Sequence[str]) -> dict:
    """How much of the first losses is left, added over tasks, per way of weighting them.

    Read it at the right end: the lower, the better all tasks are learned on the whole, whatever
    the scales of their losses.

    Args:
        steps: Step number of each measurement, shape (F,).
        sums: Sum over tasks of L(t) / L(0), shape (A, F).
        names: What each row is called, A of them.
    """
    looks = (("#7A828E", "solid"), ("#D9373D", "dash"), ("#00958A", "dot"), ("#8A63D2", "dashdot"))
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": packed(steps),
            "y": packed(row),
            "name": name,
            "line": {"color": color, "dash": dash, "width": 2.5},
        }
        for row, name, (color, dash) in zip(sums, names, looks, strict=False)
    ]
    return {"data": traces, "layout": layout("step", "Σ loss ÷ first loss", revision="gradnorm")}
