"""The curves of a run: losses, scores, cosines, lengths and weights, under one step cursor."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mtlviz.figures.runs import MOST_PAIRS, pairs
from mtlviz.ui.component import chart
from mtlviz.ui.component.chart import chart_data
from mtlviz.ui.core.run_view import RunView

_HEIGHT = 300
_CLICK = "Click or drag the line to look at an update."


@dataclass(frozen=True)
class _Curve:
    """How one kind of curve is shown: its words, each made from what is known of the run."""

    filename: str
    alt: Callable[[RunView], str]
    how_to_read: Callable[[RunView], str]
    height: Callable[[RunView], int] = lambda view: 260
    missing: str = ""
    missing_at_end: str = ""


def _names(view: RunView) -> str:
    return ", ".join(view.tasks)


def _faint(view: RunView) -> str:
    return "Faint: as measured. Strong: average of the past, so it lags. " if view.span else ""


def _people(view: RunView) -> str:
    """What the lines of people's scores are, where there are any."""
    known = [each.ceilings for each in view.evaluations if each.ceilings is not None]
    return "Long dashes: people. " if known and np.isfinite(known).any() else ""


def _drawn(view: RunView) -> str:
    """Which pairs are drawn, where not all are."""
    count = len(pairs(len(view.tasks)))
    if count <= MOST_PAIRS:
        return ""
    return f"Drawn: the {MOST_PAIRS} of {count} pairs that agree least. "


def _room_for_pairs(view: RunView) -> int:
    # Room for a legend of many pairs, also on a narrow screen.
    return 380 + 14 * max(0, min(len(pairs(len(view.tasks))), MOST_PAIRS) - 3)


_CURVES = {
    "loss": _Curve(
        "losses",
        lambda view: f"Training loss of {_names(view)} by {view.axis.title}.",
        lambda view: f"Lower is better. {_faint(view)}{'' if view.cursor is None else _CLICK}",
        lambda view: _HEIGHT,
    ),
    "scores": _Curve(
        "scores",
        lambda view: f"Development score of {_names(view)} at each evaluation, with its error.",
        lambda view: (
            "Higher is better. Bars: one standard error. Dotted: always giving the most "
            f"frequent label, or a rule that learns nothing. {_people(view)}Grey line: the best "
            "mean."
        ),
        lambda view: _HEIGHT,
        "No development score yet: the first comes at the end of an epoch.",
        "No development score: the run ended before the first.",
    ),
    "cosines": _Curve(
        "cosines",
        lambda view: (
            "Cosine between the gradients of every two tasks, and the share of pairs "
            f"below zero, by {view.axis.title}."
        ),
        lambda view: (
            "Below zero two tasks pull the shared weights apart. Hue: first task, dash: "
            f"second task. {_drawn(view)}{_CLICK}"
        ),
        _room_for_pairs,
    ),
    "lengths": _Curve(
        "gradient-lengths",
        lambda view: (
            f"Length of each task's gradient by {view.axis.title}, on a logarithmic scale."
        ),
        lambda view: "The longest gradient decides where a plain sum goes.",
        missing="Gradient lengths were not recorded in this run.",
    ),
    "weights": _Curve(
        "weights",
        lambda view: f"Weight of each task's gradient in the shared update by {view.axis.title}.",
        lambda view: "Loss weight and combiner together. The plain sum has 1 everywhere.",
    ),
}


def curve(view: RunView, name: str, prefix: str = "run", height: int | None = None) -> None:
    """One kind of curve; what was not measured is said in words, or left out.

    Args:
        view: What is known of the run.
        name: "loss", "scores", "cosines", "lengths" or "weights".
        prefix: What the chart's name on the page begins with.
        height: Pixels, where the page has less room than usual.
    """
    how = _CURVES[name]
    if name not in view.figures:
        ended = view.feed is None
        if told := (ended and how.missing_at_end) or how.missing:
            st.info(told)
        return
    chart(
        view.figures[name],
        key=f"{prefix}.{name}",
        alt=how.alt(view),
        how_to_read=how.how_to_read(view),
        height=height or how.height(view),
        feed=view.fed(name),
        cursor_group=view.cursor,
        filename=how.filename,
    )


def curve_data(view: RunView, name: str) -> dict:
    """What the browser needs to draw one kind of curve, of those that were measured."""
    how = _CURVES[name]
    return chart_data(
        view.figures[name], how.alt(view), how_to_read=how.how_to_read(view),
        height=how.height(view), cursor_group=view.cursor, filename=how.filename,
    )  # fmt: skip


def beside(view: RunView, left: str, right: str) -> None:
    """Two kinds of curve beside each other."""
    for column, name in zip(st.columns(2), (left, right), strict=True):
        with column:
            curve(view, name)
