"""Covariances of task embeddings: similarity, spectra, principal directions and angles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.arrays import packed
from mtlviz.figures.marks import band
from mtlviz.figures.text import in_template, plain
from mtlviz.figures.theme import DIVERGING, HELPS, UNDECIDED, faded, layout, task_look

Array = NDArray[np.float64]

SEQUENTIAL = [[0.0, "#F2F2F0"], [0.5, "#A9CBE4"], [1.0, "#4A99CC"]]
"""Pale to blue, for shares and similarities, which have no sign; dark text is read on all of it."""
_TITLE, _LONG = 0.18, 22
"""Share of a panel's height that its title takes, and letters that fit into a line."""
_INK = {"color": "#16191D"}


def similarity_heatmap(  # noqa: PLR0913 (arrays of one picture and its titles)
    values: Array,
    names: Sequence[str],
    *,
    revision: str,
    errors: Array | None = None,
    signed: bool = False,
    numbers: bool = True,
) -> dict:
    """How alike every two tasks are, as coloured numbers.

    Read it by colour: the deeper the blue, the more alike. Colours run over the numbers shown, so
    that near similarities are told apart. A blank cell is not defined.

    Args:
        values: Similarities, (K, K).
        names: Names of the tasks.
        revision: Zoom is kept while this stays the same.
        errors: Standard errors, (K, K), shown on hover; none if None.
        signed: Whether values below zero are possible; then orange is below zero.
        numbers: Whether the cells are large enough for numbers; hovering shows them in any case.
    """
    low, high = _limits(values, signed)
    heatmap = {
        "type": "heatmap",
        "x": [plain(name) for name in names],
        "y": [plain(name) for name in names],
        "z": _blanks(values),
        "text": [[_number(value) for value in row] for row in values],
        "texttemplate": "%{text}" if numbers else "",
        "textfont": _INK,
        "zmin": low,
        "zmax": high,
        "colorscale": DIVERGING if signed else SEQUENTIAL,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverongaps": False,
        "customdata": [[_with_error(*cell) for cell in zip(*row, strict=True)]
                       for row in zip(values, _or_unknown(errors, values), strict=True)],
        "hovertemplate": "%{y} and %{x}: %{customdata}<extra></extra>",
    }  # fmt: skip
    figure = _square(revision)
    for axis in ("xaxis", "yaxis"):
        figure[axis] |= {"type": "category"}  # A task may be named 2020.
    return {"data": [heatmap], "layout": figure}


@dataclass(frozen=True, eq=False)
class Pair:
    """Two tasks' covariances on one plane.

    Attributes:
        tasks: Their numbers.
        outlines: The outline of each, (c, 2).
        note: What stands beside their names, such as a number.
    """

    tasks: tuple[int, int]
    outlines: tuple[Array, Array]
    note: str = ""


def pair_outlines(
    pairs: Sequence[Pair], names: Sequence[str], columns: int, *, revision: str
) -> dict:
    """Pairs of tasks side by side, each pair in a plane of its own.

    Read it by what both outlines of a panel cover: the more, the more alike the two tasks spread.
    Sizes are made equal, so direction and shape alone are seen.

    Args:
        pairs: The pairs.
        names: Names of all tasks.
        columns: Panels in a row.
        revision: Zoom is kept while this stays the same.
    """
    figure = layout("", "", revision=revision)
    figure |= {"hovermode": "closest", "margin": {"l": 8, "r": 8, "t": 8, "b": 8}}
    figure["annotations"] = []
    rows = -(-len(pairs) // columns)
    traces = [_task_line(task, names[task]) for task in sorted({t for p in pairs for t in p.tasks})]
    for place, pair in enumerate(pairs):
        row, column = divmod(place, columns)
        across = [column / columns + 0.01, (column + 1) / columns - 0.01]
        upwards = [1 - (row + 1) / rows, 1 - row / rows - _TITLE / rows]
        number = str(place + 1) if place else ""
        reach = 1.06 * np.max([np.abs(each).max(axis=0) for each in pair.outlines], axis=0)
        # Each panel is stretched to its frame, which changes no share of what both cover.
        axis = {"visible": False, "fixedrange": True}
        figure[f"xaxis{number}"] = axis | {
            "domain": across, "anchor": f"y{number}", "range": [-reach[0], reach[0]],
        }  # fmt: skip
        figure[f"yaxis{number}"] = axis | {
            "domain": upwards, "anchor": f"x{number}", "range": [-reach[1], reach[1]],
        }  # fmt: skip
        figure["annotations"].append({
            "text": _title([names[task] for task in pair.tasks], pair.note), "showarrow": False,
            "xref": "paper", "yref": "paper", "x": sum(across) / 2, "y": upwards[1],
            "xanchor": "center", "yanchor": "bottom",
        })  # fmt: skip
        traces += [_of_pair(task, names[task], shape, number)
                   for task, shape in zip(pair.tasks, pair.outlines, strict=True)]  # fmt: skip
    return {"data": traces, "layout": figure}


def _title(names: Sequence[str], note: str) -> str:
    """Both names and the note; long names are cut and stand in two lines."""
    short = [name if len(name) <= _LONG else f"{name[:_LONG]}…" for name in names]
    between = " · " if sum(map(len, short)) <= _LONG else " ·<br>"
    return between.join(map(plain, short)) + (f" <b>{note}</b>" if note else "")


def _task_line(task: int, name: str) -> dict:
    """A task's entry in the legend."""
    look = task_look(task)
    return {
        "type": "scatter", "mode": "lines", "x": [None], "y": [None], "name": plain(name),
        "line": {"color": look.color, "dash": look.dash, "width": 3},
    }  # fmt: skip


def _of_pair(task: int, name: str, shape: Array, number: str) -> dict:
    look = task_look(task)
    return {
        "type": "scatter", "mode": "lines", "x": packed(shape[:, 0]), "y": packed(shape[:, 1]),
        "xaxis": f"x{number}", "yaxis": f"y{number}", "name": plain(name), "showlegend": False,
        "line": {"color": look.color, "dash": look.dash, "width": 3},
        "fill": "toself", "fillcolor": faded(look.color, 0.16), "hoverinfo": "name",
    }  # fmt: skip


def spectra(values: Sequence[Array], kept: Sequence[int], names: Sequence[str]) -> dict:
    """Share of each task's spread that its principal directions carry, largest first.

    Read it by steepness: a steep line means that few directions carry the task. The marker is the
    last direction that equation 5 keeps. Both axes are logarithmic.

    Args:
        values: Eigenvalues of each task, largest first, (r,) each.
        kept: How many of them are kept.
        names: Names of the tasks.
    """
    traces = []
    for task, (each, rank, name) in enumerate(zip(values, kept, names, strict=True)):
        look, share = task_look(task), each / each.sum()
        # Eigenvalues that are zero but for rounding would stretch the axis to nothing.
        shown = share[share > 1e-6]
        size = np.zeros(len(shown))
        size[min(rank, len(shown)) - 1] = 10
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": packed(np.arange(1, len(shown) + 1)),
                "y": packed(shown),
                "name": plain(name),
                "line": {"color": look.color, "dash": look.dash, "width": 2},
                "marker": {"symbol": look.marker, "size": size.tolist(), "color": look.color},
                "hovertemplate": "direction %{x}: %{y:.1%}<extra>%{fullData.name}</extra>",
            }
        )
    figure = layout("principal direction", "share of the spread", revision="spectra")
    figure["xaxis"] |= {"type": "log", "dtick": 1}
    figure["yaxis"] |= {"type": "log", "dtick": 1, "tickformat": "~%"}
    return {"data": traces, "layout": figure | {"hovermode": "closest"}}


def covariance_heatmap(matrix: Array, reach: float, *, revision: str) -> dict:
    """A covariance seen along chosen directions, as shares of the task's whole spread.

    Read the diagonal as how much the task spreads along each direction; off it, blue is together
    and orange against each other.

    Args:
        matrix: Covariance along m directions over its trace, (m, m).
        reach: Value at which a colour is full, the same for all tasks shown together.
        revision: Zoom is kept while this stays the same.
    """
    numbers = list(range(1, len(matrix) + 1))
    heatmap = {
        "type": "heatmap",
        "x": numbers,
        "y": numbers,
        "z": _blanks(matrix),
        "zmin": -reach,
        "zmax": reach,
        "colorscale": DIVERGING,
        "showscale": False,
        "hovertemplate": "directions %{y} and %{x}: %{z:.3f}<extra></extra>",
    }
    figure = _square(revision)
    figure["margin"] = {"l": 28, "r": 6, "t": 6, "b": 24}
    return {"data": [heatmap], "layout": figure}


def direction_heatmap(cosines: Array, first: str, second: str) -> dict:
    """How much each principal direction of one task lies along each of another's.

    Read it along the diagonal: blue there means that the tasks spread along the same directions in
    the same order.

    Args:
        cosines: Sizes of the cosines, (p, q).
        first: Name of the task of the rows.
        second: Name of the task of the columns.
    """
    heatmap = {
        "type": "heatmap",
        "x": list(range(1, cosines.shape[1] + 1)),
        "y": list(range(1, cosines.shape[0] + 1)),
        "z": _blanks(cosines),
        "zmin": 0,
        "zmax": 1,
        "colorscale": SEQUENTIAL,
        "showscale": False,
        "text": [[f"{value:.1f}" if value >= 0.25 else "" for value in row] for row in cosines],
        "texttemplate": "%{text}",
        "textfont": _INK,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "directions %{y} and %{x}: |cosine| %{z:.2f}<extra></extra>",
    }
    figure = layout(f"direction of {in_template(second)}", f"direction of {in_template(first)}",
                    revision=f"directions {first} {second}", show_legend=False)  # fmt: skip
    figure["yaxis"] |= {"autorange": "reversed", "showgrid": False, "nticks": 0, "dtick": 1}
    figure["xaxis"] |= {"dtick": 1}
    return {"data": [heatmap], "layout": figure | {"hovermode": "closest"}}


def angle_curve(angles: Array, by_chance: Array, *, revision: str) -> dict:
    """Principal angles between the leading directions of two tasks, in degrees.

    Read it from the left: 0 is a direction in common, 90 none. Grey is what two random subspaces
    of this size would have.

    Args:
        angles: Ascending, in radians, (p,).
        by_chance: Least, middle and greatest angle of random subspaces in radians, (3, p).
        revision: Zoom is kept while this stays the same.
    """
    number = np.arange(1, len(angles) + 1)
    low, middle, high = np.degrees(by_chance)
    grey = {"color": UNDECIDED, "width": 1.5, "dash": "dot"}
    chance = {
        "type": "scatter", "mode": "lines", "x": packed(number), "y": packed(middle),
        "name": "random subspaces", "line": grey,
    }  # fmt: skip
    measured = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": packed(number),
        "y": packed(np.degrees(angles)),
        "name": "these two tasks",
        "line": {"color": HELPS, "width": 2.5},
        "marker": {"size": 7},
    }
    figure = layout("principal angle", "degrees", revision=revision)
    figure["yaxis"] |= {"range": [0, 92], "tickvals": [0, 30, 60, 90]}
    figure["xaxis"] |= {"dtick": 1 if len(angles) <= 20 else 5}
    return {"data": [band(number, low, high, UNDECIDED, 0.2), chance, measured], "layout": figure}


def _square(revision: str) -> dict:
    figure = layout("", "", revision=revision, show_legend=False)
    figure["yaxis"] |= {"autorange": "reversed", "showgrid": False, "nticks": 0, "automargin": True}
    figure["xaxis"] |= {"automargin": True}
    return figure | {"hovermode": "closest", "margin": {"l": 20, "r": 8, "t": 8, "b": 20}}


def _limits(values: Array, signed: bool) -> tuple[float, float]:
    """Where the colours begin and end: on the numbers shown, at least 0.2 apart."""
    finite = values[np.isfinite(values)]
    if signed:
        reach = max(0.1, float(np.abs(finite).max(initial=0.0)))
        return -reach, reach
    high = float(finite.max(initial=0.2))
    low = min(float(finite.min(initial=high)), high - 0.2)
    return max(0.0, low), high


def _blanks(values: Array) -> list[list[float | None]]:
    return [[round(float(v), 4) if np.isfinite(v) else None for v in row] for row in values]


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if np.isfinite(value) else ""


def _with_error(value: float, error: float) -> str:
    text = f"{value:.3f}".replace("-", "−")
    return f"{text} ± {error:.3f}" if np.isfinite(error) and error > 0 else text


def _or_unknown(errors: Array | None, values: Array) -> Array:
    return np.full(values.shape, np.nan) if errors is None else errors
