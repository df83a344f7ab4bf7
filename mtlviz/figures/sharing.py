"""Ways of sharing: parameters against what they score, and storage over the number of tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import Transfer, signed
from mtlviz.figures.marks import rule
from mtlviz.figures.text import plain
from mtlviz.figures.theme import VERDICT_COLORS, faded, layout, task_look

_COLUMNS, _GAP = 3, 0.07
_SYMBOLS = {"helps": "triangle-up", "hurts": "triangle-down", "undecided": "circle"}


@dataclass(frozen=True)
class Dot:
    """One way of sharing for one task.

    Attributes:
        name: What it is called.
        parameters: How many it takes.
        difference: What the task scores more than alone, in points.
    """

    name: str
    parameters: float
    difference: Transfer


@dataclass(frozen=True)
class Gain:
    """One way of adding a task.

    Attributes:
        name: What it is called.
        lost: What it changed of the old tasks, in points.
        new: What the new task scores more than with the others from the start, in points.
    """

    name: str
    lost: Transfer
    new: Transfer


def new_task(gains: Sequence[Gain], *, revision: str) -> dict:
    """What a new task gains against what the old tasks lose, one mark a way of adding it.

    Read it from the upper right, where nothing is paid. Bars are 95 % intervals.

    Args:
        gains: The ways.
        revision: Zoom is kept while this stays the same.
    """
    traces = []
    for number, each in enumerate(gains):
        look = task_look(number)
        half = [np.nan_to_num(found.high - found.mean) for found in (each.lost, each.new)]
        bar = {"type": "data", "thickness": 1.5, "width": 4, "color": faded(look.color, 0.7)}
        traces.append({
            "type": "scatter", "mode": "markers", "name": each.name,
            "x": [each.lost.mean], "y": [each.new.mean],
            "marker": {"symbol": look.marker, "size": 12, "color": look.color},
            "error_x": bar | {"array": [float(half[0])]},
            "error_y": bar | {"array": [float(half[1])]}, "cliponaxis": False,
            "hovertemplate": f"{each.name}: old tasks {signed(each.lost.mean)}, new task "
            f"{signed(each.new.mean)} points<extra></extra>",
        })  # fmt: skip
    # Ways that keep the encoder lose exactly nothing: names at their marks would lie on each other.
    figure = layout("old tasks, points after less before", "new task, points", revision=revision)
    figure["shapes"] = [rule("level", 0.0), rule("upright", 0.0, dash="dot", width=1)]
    figure["xaxis"] |= {"automargin": True}
    return {"data": traces, "layout": figure | {"hovermode": "closest"}}


def parameters_against_score(
    panels: Mapping[str, Sequence[Dot]], x_title: str, *, revision: str
) -> dict:
    """One panel a task: parameters on a logarithmic axis against points over the task alone.

    Read it by height: above the line a way of sharing scores more than the task alone, with 95 %
    intervals over paired seeds. Left is smaller.

    Args:
        panels: The dots of each task; ways without a difference are left out.
        x_title: What lies across.
        revision: Zoom is kept while this stays the same.
    """
    rows = -(-len(panels) // _COLUMNS)
    figure = layout("", "", revision=revision, show_legend=False) | {
        "annotations": [],
        "shapes": [],
        "margin": {"l": 58, "r": 24, "t": 30, "b": 46},
    }
    traces = []
    for place, (task, dots) in enumerate(panels.items()):
        across, up = _domains(place, min(len(panels), _COLUMNS), rows)
        mark = "" if place == 0 else str(place + 1)
        figure[f"xaxis{mark}"] = {
            "type": "log", "domain": across, "anchor": f"y{mark}", "showgrid": False,
            "title": {"text": x_title, "standoff": 4}, "nticks": 4, "exponentformat": "SI",
        }  # fmt: skip
        figure[f"yaxis{mark}"] = {
            "domain": up, "anchor": f"x{mark}", "zeroline": False, "nticks": 5,
            "title": {"text": "points over alone" if place % _COLUMNS == 0 else ""},
        }  # fmt: skip
        figure["annotations"].append({
            "text": f"<b>{plain(task)}</b>", "xref": "paper", "yref": "paper", "x": across[0],
            "y": up[1], "xanchor": "left", "yanchor": "bottom", "showarrow": False,
        })  # fmt: skip
        line = rule("level", 0.0) | {"xref": f"x{mark} domain", "yref": f"y{mark}"}
        figure["shapes"].append(line)
        ordered = sorted(dots, key=lambda each: each.parameters)
        sides = _sides([each.parameters for each in ordered])
        traces += [_dot(each, mark, side) for each, side in zip(ordered, sides, strict=True)]
    return {"data": traces, "layout": figure | {"hovermode": "closest"}}


def storage_lines(stored: Mapping[str, NDArray[np.float64]], *, revision: str) -> dict:
    """Parameters to store over the number of tasks, one line a way, on a logarithmic axis.

    Read it by steepness: what every task has for itself makes a line steep. Where two lines cross,
    the flatter one begins to store less.

    Args:
        stored: Parameters with 1, 2, … tasks of each way.
        revision: Zoom is kept while this stays the same.
    """
    traces = []
    for number, (name, values) in enumerate(stored.items()):
        look = task_look(number)
        traces.append({
            "type": "scatter", "mode": "lines+markers", "name": name,
            "x": list(range(1, len(values) + 1)), "y": values.tolist(),
            "line": {"color": look.color, "dash": look.dash, "width": 2},
            "marker": {"symbol": look.marker, "size": 5},
            "hovertemplate": f"{name}, %{{x}} tasks: %{{y:.3s}} parameters<extra></extra>",
        })  # fmt: skip
    figure = layout("tasks", "parameters stored", revision=revision)
    figure["yaxis"] |= {"type": "log", "exponentformat": "SI"}
    return {"data": traces, "layout": figure | {"hovermode": "closest"}}


def _domains(place: int, columns: int, rows: int) -> tuple[list[float], list[float]]:
    """Where a panel lies, from left to right and from the top down."""
    row, column = divmod(place, _COLUMNS)
    width = (1 - _GAP * (columns - 1)) / columns
    height = (1 - 0.2 * (rows - 1)) / rows
    left, top = column * (width + _GAP), 1 - row * (height + 0.2)
    return [left, min(1.0, left + width)], [max(0.0, top - height), top]


def _sides(parameters: Sequence[float]) -> list[str]:
    """Where names of dots from left to right stand: inside the panel, neighbours up and down."""
    ends = np.log([max(1.0, each) for each in parameters])
    middle = (ends[0] + ends[-1]) / 2 if len(ends) else 0.0
    return [
        f"{('top', 'bottom')[number % 2]} {'left' if end > middle else 'right'}"
        for number, end in enumerate(ends)
    ]


def _dot(each: Dot, mark: str, side: str) -> dict:
    found = each.difference
    color, half = VERDICT_COLORS[found.verdict], np.nan_to_num(found.high - found.mean)
    return {
        "type": "scatter", "mode": "markers+text", "xaxis": f"x{mark}", "yaxis": f"y{mark}",
        "name": each.name, "x": [each.parameters], "y": [found.mean], "text": [each.name],
        "textposition": side, "textfont": {"size": 11},
        "cliponaxis": False,
        "marker": {"symbol": _SYMBOLS[found.verdict], "size": 10, "color": color},
        "error_y": {"type": "data", "array": [float(half)], "thickness": 1.5, "width": 4,
                    "color": faded(color, 0.7)},
        "hovertemplate": f"{each.name}: {signed(found.mean)} points, %{{x:.3s}} parameters"
        "<extra></extra>",
    }  # fmt: skip
