"""A map of many tasks: who is what to whom, in an order that keeps groups together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.figures.cells import cell_map
from mtlviz.figures.text import plain
from mtlviz.figures.theme import UNDECIDED

Array = NDArray[np.float64]
MANY = 12
"""Tasks above which cells hold no numbers and only rows have names."""
_PITCH, _EDGES = 15, 30
_LIT = "#B8860B"


def map_height(tasks: int, least: int = 340) -> int:
    """Height in pixels at which every row has room for its name."""
    return max(least, _PITCH * tasks + _EDGES)


def task_map(  # noqa: PLR0913 (arrays of one picture and its titles)
    values: Array,
    names: Sequence[str],
    groups: Sequence[Sequence[int]],
    *,
    reach: float | None = None,
    lit: int | None = None,
    unit: str = "",
    revision: str,
) -> dict:
    """One number for every two tasks; groups stand together in frames, one task may be lit.

    Read it by colour: blue above zero, orange below, pale near zero. Blank was not measured. A
    frame is a group; the strip across and down is the task that is lit.

    Args:
        values: Numbers, (K, K), row first; the diagonal is left blank.
        names: Names of the tasks.
        groups: The tasks in groups; they decide the order.
        reach: Size at which a colour is full; that which one cell in fifty goes beyond if None.
        lit: Number of the task to light up.
        unit: What stands behind a number.
        revision: Zoom is kept while this stays the same.
    """
    order = [task for group in groups for task in group]
    shown = np.where(np.eye(len(order), dtype=bool), np.nan, values)[np.ix_(order, order)]
    sizes = np.abs(shown[np.isfinite(shown)])
    full = reach or (float(np.quantile(sizes, 0.98)) if len(sizes) else 1.0) or 1.0
    labels = [plain(names[task]) for task in order]
    few = len(order) <= MANY
    texts = [[_text(value, full) for value in row] for row in shown.tolist()]
    figure = cell_map(
        labels, labels, [[None if np.isnan(v) else v for v in row] for row in shown.tolist()],
        texts, reach=full, hover="%{y} → %{x}: %{text}" + unit, revision=revision,
    )  # fmt: skip
    data, layout = figure["data"][0], figure["layout"]
    # Lines between many cells would hide the frames of the groups.
    data |= {"xgap": int(few), "ygap": int(few), "texttemplate": "%{text}" if few else ""}
    if few:
        data["textfont"] = {"color": "#16191D"}
    layout["margin"] = {"l": 10, "r": 6, "t": 34 if few else 8, "b": 8}
    # Of many rows in little room only as many are named as can be read.
    which = {"tickmode": "array", "tickvals": labels} if few else {"tickmode": "auto"}
    ticks = {**which, "type": "category", "ticks": "", "showgrid": False, "automargin": True}
    layout["yaxis"] |= ticks | {"tickfont": {"size": 12 if few else 11}, "nticks": None}
    layout["xaxis"] |= ticks | {"showticklabels": few, "nticks": None}
    layout["shapes"] = [*_frames(groups), *_strips(order, lit)]
    return figure


def families_in_groups(
    families: Sequence[int], groups: Sequence[Sequence[int]], *, revision: str
) -> dict:
    """How many tasks of each planted family each group that was found holds.

    Read it by colour: blue is more than chance would deal out, orange fewer, full where a group is
    a family. Found exactly, every row and every column has one cell with tasks in it.

    Args:
        families: The family of each task, (K,).
        groups: The tasks in groups.
        revision: Zoom is kept while this stays the same.
    """
    known = sorted(set(families))
    counts = np.array([[sum(families[task] == each for task in group) for group in groups]
                       for each in known])  # fmt: skip
    # A group stands in the row of the family that it has most of: what agrees lies on a diagonal.
    order = np.lexsort((-counts.max(axis=0), counts.argmax(axis=0)))
    counts = counts[:, order]
    chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / len(families)
    texts = [[f"{count}" if count else "" for count in row] for row in counts.tolist()]
    figure = cell_map(
        [f"family {place}" for place in range(1, len(known) + 1)],
        [f"group {place}" for place in range(1, len(groups) + 1)],
        (counts - chance).tolist(), texts,
        reach=float((counts.sum(axis=1, keepdims=True) - chance).max()) or 1.0,
        hover="%{y}, %{x}: %{text} tasks", revision=revision,
    )  # fmt: skip
    figure["data"][0]["textfont"] = {"color": "#16191D", "size": 15}
    return figure


def _text(value: float, full: float) -> str:
    if np.isnan(value):
        return ""
    digits = max(0, 1 - int(np.floor(np.log10(full))))
    rounded = round(value, digits) + 0.0
    return f"{rounded:+.{digits}f}".replace("-", "−") if rounded else "0"


def _rectangle(x: tuple[float, float], y: tuple[float, float], color: str, width: float) -> dict:
    return {"type": "rect", "x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1],
            "line": {"color": color, "width": width}}  # fmt: skip


def _frames(groups: Sequence[Sequence[int]]) -> list[dict]:
    ends = np.cumsum([0, *map(len, groups)]) - 0.5
    return [
        _rectangle((start, end), (start, end), UNDECIDED, 2.0)
        for start, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    ]


def _strips(order: Sequence[int], lit: int | None) -> list[dict]:
    """The row and the column of the task that is lit."""
    if lit is None or lit not in order:
        return []
    place, whole = order.index(lit), (-0.5, len(order) - 0.5)
    strip = (place - 0.5, place + 0.5)
    return [_rectangle(whole, strip, _LIT, 2.5), _rectangle(strip, whole, _LIT, 1.5)]
