"""Groups of runs side by side: scores over seeds, differences, transfer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np

from mtlviz.engine.measures.transfer import OUTCOMES, Transfer, signed
from mtlviz.engine.metrics import METRICS
from mtlviz.figures.marks import rule
from mtlviz.figures.text import in_template, plain
from mtlviz.figures.theme import UNDECIDED, VERDICT_COLORS, TaskLook, faded, layout

# After Tol's palettes for colour-blind readers: hues that no task and no verdict has.
_HUES = ("#B5407F", "#228833", "#2B8FB5", "#8C8C2B", "#7D66B5", "#E05A6B")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_MARKERS = ("diamond", "square", "circle", "triangle-up", "cross", "star")
_ROOM, _LETTERS = 0.02, 18
_CELL = 13  # Letters in a line of a cell.
_CROWDED = 6  # Columns beyond which a cell has no room for its interval.


@dataclass(frozen=True)
class Dots:
    """One group's scores on a task.

    Attributes:
        name: The group.
        group: Its number, which decides its look.
        scores: One score a seed.
        names: What each score is called in the hover text.
        unfinished: Scores so far of runs that are not finished; they are no part of the mean.
        mean: Mean over seeds; NaN where there is none.
        half: Half the interval; NaN for one seed.
    """

    name: str
    group: int
    scores: Sequence[float]
    names: Sequence[str]
    unfinished: Sequence[float]
    mean: float
    half: float


def group_look(index: int) -> TaskLook:
    """Hue, dash and marker of a group; from the seventh on hues repeat with other dashes."""
    turn = index // len(_HUES)
    shifted = (index + turn) % len(_HUES)
    return TaskLook(_HUES[index % len(_HUES)], _DASHES[shifted], _MARKERS[shifted])


def folded(name: str) -> str:
    """A group's name in lines, so that it leaves room beside a picture."""
    return plain(name).replace(" · ", "<br>")


def narrow(name: str) -> str:
    """A group's name in short lines, so that cells beside it keep room on a telephone."""
    lines = (line for part in name.split(" · ") for line in wrap(part, _LETTERS))
    return "<br>".join(map(plain, lines))


def score_range(metric: str) -> dict:
    """What an axis of scores adds to its settings: it ends where the score does.

    An interval of few seeds reaches far beyond what a score can be; the rest would be small.
    """
    if metric not in METRICS:
        return {}
    low, high = METRICS[metric].ends
    room = _ROOM * (high - low)  # A marker at the very end is drawn whole.
    return {"autorangeoptions": {"clipmin": low - room, "clipmax": high + room}}


def score_dots(groups: Sequence[Dots], metric: str, guess: float, people: float = math.nan) -> dict:
    """Every group's mean score on one task with its 95 % interval, and every seed's own score.

    Read it by the bars: the marker is the mean, the bar its interval over seeds, small dots are
    single seeds, rings are runs that are not finished. Dotted: without learning; long dashes:
    people. The axis ends where the score does; with few seeds a bar may run out of the picture.

    Args:
        groups: The groups, from top to bottom.
        metric: What is scored.
        guess: Score of an answer without learning; NaN if there is none.
        people: Score of people; NaN where nobody knows.
    """
    figure = layout(metric, "", revision=f"dots {metric}", show_legend=False)
    figure["margin"] = {"l": 10, "r": 16, "t": 8, "b": 44}
    figure["hovermode"] = "closest"
    figure["xaxis"] |= {"showgrid": True, "nticks": 6} | score_range(metric)
    figure["yaxis"] = _rows([group.name for group in groups])
    traces = [trace for row, group in enumerate(groups) for trace in _dots(row, group)]
    marks = [(guess, "dot"), (people, "longdash")]
    known = [rule("upright", at, dash) for at, dash in marks if np.isfinite(at)]
    if known:
        figure["shapes"] = known
    return {"data": traces, "layout": figure}


def _dots(row: int, group: Dots) -> list[dict]:
    """The seeds, the unfinished runs, and over them the mean."""
    look = group_look(group.group)
    common = {"type": "scatter", "mode": "markers", "showlegend": False}
    seeds = {
        **common,
        "name": f"{plain(group.name)}, single seeds",
        "x": list(group.scores),
        "y": [row + 0.22] * len(group.scores),
        "marker": {"size": 6, "color": faded(look.color, 0.55)},
        "customdata": [plain(name) for name in group.names],
        "hovertemplate": "%{customdata}: %{x:.3f}<extra></extra>",
    }
    rings = {
        **common,
        "name": f"{plain(group.name)}, not finished",
        "x": list(group.unfinished),
        "y": [row + 0.22] * len(group.unfinished),
        "marker": {"size": 8, "symbol": "circle-open", "color": look.color},
        "hovertemplate": "not finished: %{x:.3f}<extra></extra>",
    }
    known = np.isfinite(group.mean)
    mean = {
        **common,
        "name": f"{plain(group.name)}, mean",
        "x": [group.mean] if known else [],
        "y": [row] if known else [],
        "marker": {"size": 11, "symbol": look.marker, "color": look.color},
        "error_x": {
            "type": "data",
            "array": [group.half if np.isfinite(group.half) else 0.0] if known else [],
            "thickness": 2.5,
            "width": 6,
            "color": look.color,
        },
        "hovertemplate": f"{in_template(group.name)}: %{{x:.3f}}<extra></extra>",
    }
    return [seeds, rings, mean]


def differences(tasks: Sequence[str], found: Sequence[Transfer | None]) -> dict:
    """What one group scores more than another, task by task, with its 95 % interval.

    Read it by the side of zero: blue is higher, vermillion lower, grey cannot be told apart. A task
    that no pair of runs shares has no marker.
    """
    figure = layout("difference (points)", "", revision="differences", show_legend=False)
    figure["margin"] = {"l": 10, "r": 16, "t": 8, "b": 44}
    figure["hovermode"] = "closest"
    figure["xaxis"] |= {"showgrid": True, "nticks": 6}
    figure["yaxis"] = _rows(tasks)
    figure["shapes"] = [rule("upright", 0.0, dash="solid")]
    traces = [
        {"name": plain(tasks[row]), **_difference(row, each)}
        for row, each in enumerate(found)
        if each is not None
    ]
    return {"data": traces, "layout": figure}


def _difference(row: int, found: Transfer) -> dict:
    color = VERDICT_COLORS[found.verdict]
    half = found.high - found.mean
    return {
        "type": "scatter",
        "mode": "markers",
        "showlegend": False,
        "x": [found.mean],
        "y": [row],
        "marker": {"size": 11, "color": color},
        "error_x": {
            "type": "data",
            "array": [half if np.isfinite(half) else 0.0],
            "thickness": 2.5,
            "width": 6,
            "color": color,
        },
        "hovertemplate": "%{x:+.1f} points<extra></extra>",
    }


def transfer_matrix(
    groups: Sequence[str], tasks: Sequence[str], cells: Sequence[Sequence[Transfer | None]]
) -> dict:
    """Signed transfer against training alone: one row a group, one column a task.

    Read it by row: blue ▲ helps, vermillion ▼ hurts, grey ● neither, as the cell says. It has the
    difference in points and ± half its 95 % interval. Blank: nothing to compare with.
    """
    crowded = len(tasks) > _CROWDED
    figure = layout("", "", revision="transfer", show_legend=False)
    figure["margin"] = {"l": 10, "r": 6, "t": 30, "b": 6}
    figure["hovermode"] = "closest"
    figure["xaxis"] |= {"side": "top", "automargin": True, "fixedrange": True, "ticks": ""}
    figure["yaxis"] = {
        "showgrid": False,
        "ticks": "",
        "autorange": "reversed", "automargin": True, "ticksuffix": " ", "fixedrange": True,
    }  # fmt: skip
    heat = {
        "type": "heatmap",
        "x": [plain(task) for task in tasks],
        "y": [narrow(group) for group in groups],
        "z": [[_place(cell) for cell in row] for row in cells],
        "text": [[_cell(cell, crowded) for cell in row] for row in cells],
        "texttemplate": "%{text}",
        "textfont": {"size": 12},
        "zmin": -1,
        "zmax": 1,
        "colorscale": [
            [0.0, VERDICT_COLORS["hurts"]],
            [0.5, UNDECIDED],
            [1.0, VERDICT_COLORS["helps"]],
        ],
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hoverongaps": False,
        "hovertemplate": "%{x}: %{text}<extra>%{y}</extra>",
    }
    return {"data": [heat], "layout": figure}


def _place(cell: Transfer | None) -> float | None:
    return None if cell is None else {"helps": 1.0, "hurts": -1.0, "undecided": 0.0}[cell.verdict]


def _cell(cell: Transfer | None, crowded: bool) -> str:
    """The verdict in words, the points, half the interval; less where there is little room."""
    if cell is None:
        return ""
    said = OUTCOMES[cell.outcome]
    if crowded:
        return f"{said[0]} {signed(cell.mean)}"
    # In two lines where one is too wide for a cell on a telephone.
    text = f"{'<br>'.join(wrap(said, _CELL))}<br><b>{signed(cell.mean)}</b>"
    if cell.seeds == 1 or cell.unchanged:
        return text
    return f"{text}<br>no spread" if cell.spreadless else f"{text}<br>± {cell.high - cell.mean:.1f}"


def _rows(names: Sequence[str]) -> dict:
    """A vertical axis with one named row after another, the first on top."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [f"{folded(name)} " for name in names],
        "range": [len(names) - 0.5, -0.5],
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "title": {"text": ""},
    }
