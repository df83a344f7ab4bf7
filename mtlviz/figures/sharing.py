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
_ROW, _BETWEEN = 300, 0.25  # Pixels of a row of panels; part of it between two rows.
_WIDE, _HIGH = 840, 210  # Pixels of a row of panels and of one panel, about.
_LETTER, _LINE = 6.5, 14  # Pixels of a name's type.
_SIDES = (
    "middle right", "top right", "bottom right", "middle left", "top left", "bottom left",
    "top center", "bottom center",
)  # fmt: skip
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


def parameters_against_score(  # noqa: PLR0913 (dots of one picture, and how it looks)
    panels: Mapping[str, Sequence[Dot]],
    x_title: str,
    *,
    revision: str,
    judged: bool = True,
    counted: bool = True,
    columns: int = _COLUMNS,
    wide: int = _WIDE,
) -> dict:
    """One panel a task: parameters on a logarithmic axis against points over the task alone.

    Read it by height: above the line a way of sharing scores more than the task alone, with 95 %
    intervals over paired seeds. Left is smaller.

    Args:
        panels: The dots of each task; ways without a difference are left out.
        x_title: What lies across.
        judged: Whether marks and colours say which differences are beyond chance.
        counted: Whether the parameters are known; if not, ways stand side by side.
        revision: Zoom is kept while this stays the same.
        columns: How many panels stand beside each other; the figure is as high as that needs.
        wide: Pixels of a row of panels, about: names stand where they lie on the fewest others.
    """
    columns = min(columns, max(1, len(panels)))
    rows = max(1, -(-len(panels) // columns))
    figure = layout("", "", revision=revision, show_legend=False) | {
        "annotations": [], "shapes": [], "height": _ROW * rows,
        "margin": {"l": 58, "r": 24, "t": 30, "b": 46},
    }  # fmt: skip
    traces = []
    for place, (task, dots) in enumerate(panels.items()):
        across, up = _domains(place, columns, rows)
        mark = "" if place == 0 else str(place + 1)
        ends = _ends(dots)
        figure[f"xaxis{mark}"] = {
            "type": "log", "domain": across, "anchor": f"y{mark}", "showgrid": False,
            "title": {"text": x_title, "standoff": 4}, "range": list(ends[0]), **_ticks(*ends[0]),
            "showticklabels": counted,
        }  # fmt: skip
        figure[f"yaxis{mark}"] = {
            "domain": up, "anchor": f"x{mark}", "zeroline": False, "nticks": 5,
            "title": {"text": "points over alone" if place % columns == 0 else ""},
            "range": list(ends[1]),
        }  # fmt: skip
        figure["annotations"].append({
            "text": f"<b>{plain(task)}</b>", "xref": "paper", "yref": "paper", "x": across[0],
            "y": up[1], "xanchor": "left", "yanchor": "bottom", "showarrow": False,
        })  # fmt: skip
        line = rule("level", 0.0) | {"xref": f"x{mark} domain", "yref": f"y{mark}"}
        figure["shapes"].append(line)
        sides = _sides(dots, ends, (wide * (across[1] - across[0]), _HIGH))
        for each, side in zip(dots, sides, strict=True):
            traces.append(_dot(each, mark, side, judged) | {"meta": {"panel": task}})
            if columns == 1 and wide == _WIDE:  # As large as all type, where names have the room.
                traces[-1]["textfont"] = {}
            if not counted:
                traces[-1]["hovertemplate"] = "%{text}: %{y:+.1f} points<extra></extra>"
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
    ends = np.log10([end(values) for values in stored.values() for end in (np.min, np.max)])
    figure["yaxis"] |= {"type": "log", **_ticks(ends.min() - 0.1, ends.max() + 0.1)}
    return {"data": traces, "layout": figure | {"hovermode": "closest"}}


def _domains(place: int, columns: int, rows: int) -> tuple[list[float], list[float]]:
    """Where a panel lies, from left to right and from the top down."""
    row, column = divmod(place, columns)
    width = (1 - _GAP * (columns - 1)) / columns
    pitch = 1 / (rows - _BETWEEN)
    left, top = column * (width + _GAP), 1 - row * pitch
    return [left, min(1.0, left + width)], [max(0.0, top - pitch * (1 - _BETWEEN)), top]


def _ends(dots: Sequence[Dot]) -> tuple[tuple[float, float], tuple[float, float]]:
    """What a panel shows: powers of ten across and points upwards, with room for names."""
    across = [np.log10(max(1.0, each.parameters)) for each in dots] or [0.0]
    found = [each.difference for each in dots]
    up = [0.0, *(end for each in found for end in (each.mean, each.low, each.high)
                 if np.isfinite(end))]  # fmt: skip
    return _wider(min(across), max(across), 0.15), _wider(min(up), max(up), 0.5)


def _wider(low: float, high: float, least: float) -> tuple[float, float]:
    more = max(0.15 * (high - low), least)
    return low - more, high + more


def _ticks(low: float, high: float) -> dict:
    """Round numbers of parameters between two powers of ten, few enough to stay apart."""
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    for heads in ((1, 2, 5), (1, 3), (1,)):
        found = [head * 10.0**power for power in powers for head in heads
                 if low <= np.log10(head * 10.0**power) <= high]  # fmt: skip
        if len(found) <= 4:
            break
    if not found:  # Between two round numbers: the middle says where that is.
        found = [float(f"{10 ** ((low + high) / 2):.1e}")]
    return {"tickvals": found, "ticktext": [_short(number) for number in found]}


def _short(number: float) -> str:
    """`500`, `20k`, `3M`."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


def _sides(
    dots: Sequence[Dot],
    ends: tuple[tuple[float, float], tuple[float, float]],
    panel: tuple[float, float],
) -> list[str]:
    """At which side of its dot each name stands: where it lies on the fewest dots and names."""
    places = [_pixels(each, ends, panel) for each in dots]
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in places]
    for each, (x, y) in zip(dots, places, strict=True):
        half = np.nan_to_num(each.difference.high - each.difference.mean)
        half *= panel[1] / (ends[1][1] - ends[1][0])
        taken.append((x - 3, y - half, x + 3, y + half))
    chosen = []
    for each, place in zip(dots, places, strict=True):
        boxes = {side: _box(place, len(each.name), side) for side in _SIDES}
        best = min(_SIDES, key=lambda side: _covered(boxes[side], taken, panel))
        taken.append(boxes[best])
        chosen.append(best)
    return chosen


def _pixels(
    each: Dot, ends: tuple[tuple[float, float], tuple[float, float]], panel: tuple[float, float]
) -> tuple:
    """Where a dot stands in its panel, from the left and from below."""
    at = (np.log10(max(1.0, each.parameters)), each.difference.mean)
    return tuple(size * (value - low) / (high - low)
                 for size, value, (low, high) in zip(panel, at, ends, strict=True))  # fmt: skip


def _box(place: tuple, letters: int, side: str) -> tuple[float, float, float, float]:
    """Where a name stands beside its dot."""
    up, along = side.split()
    (x, y), wide = place, _LETTER * letters
    left = {"right": x + 8, "left": x - 8 - wide, "center": x - wide / 2}[along]
    low = {"top": y + 6, "bottom": y - 6 - _LINE, "middle": y - _LINE / 2}[up]
    return left, low, left + wide, low + _LINE


def _covered(box: tuple, taken: Sequence[tuple], panel: tuple[float, float]) -> float:
    """How much of a name lies on others or outside the panel, in square pixels."""
    inside = _common(box, (0.0, 0.0, *panel))
    return _LINE * (box[2] - box[0]) - inside + sum(_common(box, each) for each in taken)


def _common(one: tuple, other: tuple) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _dot(each: Dot, mark: str, side: str, judged: bool) -> dict:
    found = each.difference
    verdict = found.verdict if judged else "undecided"
    color = VERDICT_COLORS[verdict]
    half = float(found.high - found.mean) if np.isfinite(found.high) else None  # Of one seed.
    return {
        "type": "scatter", "mode": "markers+text", "xaxis": f"x{mark}", "yaxis": f"y{mark}",
        "name": each.name, "x": [each.parameters], "y": [found.mean], "text": [each.name],
        "textposition": side, "textfont": {"size": 11},
        "cliponaxis": False,
        "marker": {"symbol": _SYMBOLS[verdict], "size": 10, "color": color},
        "error_y": {"type": "data", "array": [half], "thickness": 1.5, "width": 4,
                    "color": faded(color, 0.7)},
        "hovertemplate": f"{each.name}: " + f"{signed(found.mean)} points, " * judged
        + "%{x:.3s} parameters<extra></extra>",
    }  # fmt: skip
