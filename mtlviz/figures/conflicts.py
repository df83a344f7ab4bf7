"""Gradients and updates: the look of every method, arrows on a plane, arrows in space."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners import COMBINERS
from mtlviz.errors import unknown_choice
from mtlviz.figures.labels import text_positions
from mtlviz.figures.theme import task_look

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MethodLook:
    """How a method is drawn everywhere: hue, dash and marker, and its name.

    Attributes:
        title: Name to show.
        color: Hue, of middle brightness, so that it is seen on light and on dark pages.
        dash: Plotly dash.
        marker: Plotly marker symbol.
    """

    title: str
    color: str
    dash: str
    marker: str


# Hues differ from the tasks' five. Methods that repeat a hue differ in dash and marker.
_RED, _VIOLET, _OLIVE = "#D9373D", "#8A63D2", "#8A9400"
_TEAL, _BROWN, _GREY = "#00958A", "#B06A35", "#7A828E"


def _title(name: str) -> str:
    return COMBINERS[name].title


METHOD_LOOKS: dict[str, MethodLook] = {
    "sum": MethodLook("Plain sum", _GREY, "solid", "square"),
    "mean": MethodLook("Mean", _GREY, "dash", "circle"),
    "pcgrad": MethodLook(_title("pcgrad"), _RED, "solid", "diamond"),
    "pcgrad_all_orders": MethodLook(_title("pcgrad_all_orders"), _RED, "longdashdot", "star"),
    "pcgrad_tensorflow": MethodLook(_title("pcgrad_tensorflow"), _RED, "dash", "triangle-up"),
    "pcgrad_libmtl": MethodLook(_title("pcgrad_libmtl"), _RED, "dashdot", "triangle-down"),
    "pcgrad_tseng": MethodLook(_title("pcgrad_tseng"), _RED, "longdash", "hexagon"),
    "gradvac": MethodLook(_title("gradvac"), _BROWN, "longdash", "diamond"),
    "mgda": MethodLook(_title("mgda"), _VIOLET, "dash", "triangle-down"),
    "cagrad": MethodLook(_title("cagrad"), _TEAL, "dashdot", "circle"),
    "imtl_g": MethodLook(_title("imtl_g"), _OLIVE, "longdash", "triangle-down"),
    "nash": MethodLook(_title("nash"), _BROWN, "dot", "star"),
    "fairgrad": MethodLook(_title("fairgrad"), _BROWN, "longdashdot", "cross"),
    "aligned": MethodLook(_title("aligned"), _VIOLET, "dot", "hexagon"),
    "upgrad": MethodLook(_title("upgrad"), _TEAL, "solid", "star"),
    "dualproj": MethodLook(_title("dualproj"), _OLIVE, "dot", "square"),
    "famo": MethodLook("FAMO", _OLIVE, "dash", "cross"),
    "task_1": MethodLook("Task 1 alone", _GREY, "dot", "triangle-up"),
    "task_2": MethodLook("Task 2 alone", _GREY, "longdashdot", "triangle-down"),
}


_HUES = (_RED, _VIOLET, _OLIVE, _TEAL, _BROWN)
_DASHES = ("solid", "dot", "dash", "dashdot", "longdash", "longdashdot")
_MARKERS = ("x", "pentagon", "hourglass", "bowtie", "star", "cross", "hexagon", "diamond")


def method_look(name: str) -> MethodLook:
    """The look of a method; combiners without one of their own get what is left, in order.

    Raises:
        ConfigError: If there is no such method.
    """
    if name in METHOD_LOOKS:
        return METHOD_LOOKS[name]
    others = [known for known in COMBINERS if known not in METHOD_LOOKS]
    if name not in others:
        raise unknown_choice("method", name, [*METHOD_LOOKS, *others])
    place = others.index(name)
    dash, marker = _free_strokes()[place]
    return MethodLook(COMBINERS[name].title, _HUES[place % len(_HUES)], dash, marker)


def _free_strokes() -> list[tuple[str, str]]:
    """Pairs of dash and marker that no method of the table has; neighbours differ in both."""
    taken = {(look.dash, look.marker) for look in METHOD_LOOKS.values()}
    pairs = (
        (_DASHES[(turn + place) % len(_DASHES)], marker)
        for turn in range(len(_DASHES))
        for place, marker in enumerate(_MARKERS)
    )
    return [pair for pair in pairs if pair not in taken]


@dataclass(frozen=True)
class Update:
    """One update to draw.

    Attributes:
        label: Text at its tip.
        tip: Where it ends, shape (2,) or (3,).
        look: How it is drawn.
    """

    label: str
    tip: Array
    look: MethodLook


def plane(gradients: Array, updates: Sequence[Update], *, revision: str) -> dict:
    """Updates as arrows on a plane, and the directions of the task gradients they are made of.

    Read it by direction: an update that forms a sharp angle with a task's line helps that task.
    Updates that end in the same place share an arrow. Gradients reach the edge whatever their
    length, for updates may be far shorter.

    Args:
        gradients: Task gradients, shape (K, 2).
        updates: The updates, each with its label.
        revision: Zoom is kept while this stays the same.
    """
    longest = max((float(np.linalg.norm(update.tip)) for update in updates), default=0.0)
    # Updates of length 0 leave the gradients' own length as the measure.
    lengths = np.linalg.norm(gradients, axis=1, keepdims=True)
    reach = 1.3 * (longest if longest > 1e-9 * lengths.max() else float(lengths.max()) or 1.0)
    lengths = np.where(lengths > 0, lengths, 1.0)
    directions = 0.9 * reach * gradients / lengths
    updates = _labelled_once(updates, 1e-6 * reach)
    texts = [f"task {task + 1}" for task in range(len(gradients))]
    sides = text_positions(
        [*directions, *(update.tip for update in updates)],
        [*texts, *(update.label for update in updates)],
        reach,
    )
    traces = [
        _task_line(task, tip, side)
        for task, (tip, side) in enumerate(zip(directions, sides, strict=False))
    ]
    traces += [
        _update_line(update, side)
        for update, side in zip(updates, sides[len(gradients) :], strict=True)
    ]
    axis = {"range": [-reach, reach], "zeroline": True, "showgrid": False, "title": {"text": ""}}
    layout = {
        "uirevision": revision,
        "margin": {"l": 30, "r": 10, "t": 10, "b": 30},
        # Wider than high shows more to both sides, which leaves room for labels.
        "xaxis": axis | {"constrain": "range"},
        "yaxis": axis | {"scaleanchor": "x"},
        "showlegend": False,
        "hovermode": "closest",
    }
    return {"data": traces, "layout": layout}


def _task_line(task: int, tip: Array, side: str) -> dict:
    look = task_look(task)
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [0.0, float(tip[0])],
        "y": [0.0, float(tip[1])],
        "name": f"direction of task {task + 1}'s gradient",
        "text": ["", f"task {task + 1}"],
        "textposition": side,
        "line": {"color": look.color, "dash": look.dash, "width": 2.5},
        "marker": {"symbol": look.marker, "size": [0, 11], "color": look.color},
    }


def _update_line(update: Update, side: str) -> dict:
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [0.0, float(update.tip[0])],
        "y": [0.0, float(update.tip[1])],
        "name": update.label,
        "text": ["", update.label],
        "textposition": side,
        "line": {"color": update.look.color, "dash": update.look.dash, "width": 2.5},
        "marker": {"symbol": update.look.marker, "size": [0, 9], "color": update.look.color},
    }


def _labelled_once(updates: Sequence[Update], near: float) -> list[Update]:
    """Updates that end in the same place become one with both labels."""
    kept: list[Update] = []
    for update in updates:
        for index, known in enumerate(kept):
            if np.allclose(known.tip, update.tip, rtol=0, atol=near):
                kept[index] = Update(f"{known.label} = {update.label}", known.tip, known.look)
                break
        else:
            kept.append(update)
    return kept


def space(gradients: Array, updates: Sequence[Update], *, revision: str) -> dict:
    """Three task gradients and the updates as arrows in space, to be turned with the pointer.

    Read it by turning it: three gradients rarely lie in one plane, and a flat picture then hides
    part of each.

    Args:
        gradients: Task gradients, shape (K, 3).
        updates: The updates, tips of shape (3,).
        revision: The view is kept while this stays the same.
    """
    traces = []
    for task, tip in enumerate(gradients):
        look = task_look(task)
        traces.append(_space_line(f"task {task + 1}", tip, look.color, look.dash, 7))
    for update in updates:
        look = update.look
        traces.append(_space_line(update.label, update.tip, look.color, look.dash, 5))
    axis = {"title": {"text": ""}, "showticklabels": False, "zeroline": True}
    scene = {"xaxis": axis, "yaxis": axis, "zaxis": axis, "aspectmode": "data"}
    layout = {
        "uirevision": revision,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "scene": scene,
        "showlegend": False,
    }
    return {"data": traces, "layout": layout}


def _space_line(label: str, tip: Array, color: str, dash: str, width: int) -> dict:
    ends = [[0.0, float(value)] for value in tip]
    return {
        "type": "scatter3d",
        "mode": "lines+markers+text",
        "x": ends[0],
        "y": ends[1],
        "z": ends[2],
        "name": label,
        "text": ["", label],
        "line": {"color": color, "dash": dash, "width": width},
        "marker": {"size": [0, 4], "color": color},
    }
