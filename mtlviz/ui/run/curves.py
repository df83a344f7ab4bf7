"""The curves of a run: losses, scores, cosines, lengths and weights, under one step cursor."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import streamlit as st

from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.records import EvalRecord
from mtlviz.figures import runs as figures
from mtlviz.figures.axis import BY_UPDATE, Axis
from mtlviz.figures.runs import MOST_PAIRS, pairs
from mtlviz.figures.theme import UNDECIDED
from mtlviz.runs.steps import Steps
from mtlviz.ui.component import chart
from mtlviz.ui.component.fed import Feed
from mtlviz.ui.run.verdict import best

_HEIGHT = 300
_CLICK = "Click or drag the line to look at an update."


@dataclass(frozen=True, eq=False)
class Seen:
    """What is known of a run now; its figures are drawn once, for all who watch it.

    Attributes:
        tasks: Names of its tasks.
        metrics: Main metric of each; the word "score" before it is known.
        steps: Its updates, thinned.
        evaluations: Its development scores.
        span: Reach of the running averages, in updates.
        axis: What lies across.
        cursor: Name of the step cursor; None where there is none.
        feed: Where its charts find what is newer; None for a run that has ended.
    """

    tasks: list[str]
    metrics: tuple[str, ...]
    steps: Steps
    evaluations: list[EvalRecord]
    span: float
    axis: Axis = field(default=BY_UPDATE)
    cursor: str | None = None
    feed: Feed | None = None

    @cached_property
    def figures(self) -> dict[str, dict]:
        """All that can be drawn, by name: what was not measured is not among them."""
        known = {"loss": self.loss_figure, "weights": self.weight_figure}
        if self.evaluations:
            known["scores"] = self.score_figure
        if np.isfinite(self.cosines[:, *np.triu_indices(len(self.tasks), k=1)]).any():
            known["cosines"] = self.conflict_figure
        if np.isfinite(self.steps.gram).any():
            known["lengths"] = self.length_figure
        return known

    def fed(self, name: str) -> dict[str, str | float] | None:
        """Where the chart of this figure finds a newer one."""
        return None if self.feed is None else self.feed.described(name)

    @cached_property
    def cosines(self) -> np.ndarray:
        """Cosines of the recorded updates, (T, K, K)."""
        return cosines(self.steps.gram)

    @cached_property
    def loss_figure(self) -> dict:
        """Training losses."""
        steps = self.steps
        return figures.loss_curves(steps.update, steps.losses, self.tasks, self.span, self.axis)

    @cached_property
    def score_figure(self) -> dict:
        """Development scores."""
        figure = figures.score_curves(self.evaluations, self.tasks, self.metrics, self.axis)
        if self.evaluations:
            figure["layout"]["shapes"] = [
                _upright(self.axis.at([best(self.evaluations).update])[0])
            ]
        return figure

    @cached_property
    def conflict_figure(self) -> dict:
        """Cosines over time with the share of pairs in conflict."""
        update = self.steps.update
        return figures.cosine_curves(update, self.cosines, self.tasks, self.span, self.axis)

    @cached_property
    def length_figure(self) -> dict:
        """Length of each task's gradient."""
        norms = np.sqrt(np.diagonal(self.steps.gram, axis1=1, axis2=2))
        return figures.per_task_curves(
            self.steps.update, norms, self.tasks, "gradient length", self.span, self.axis,
            logarithmic=True,
        )  # fmt: skip

    @cached_property
    def weight_figure(self) -> dict:
        """Weight of each task's gradient in the update."""
        steps, title = self.steps, "weight in the update"
        return figures.per_task_curves(
            steps.update, steps.weights, self.tasks, title, self.span, self.axis
        )


def _upright(place: float) -> dict:
    """A thin line behind the curves, from the bottom to the top."""
    ends = {"x0": place, "x1": place, "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", **ends, "line": {"color": UNDECIDED, "width": 1}, "layer": "below"}


def losses(seen: Seen, prefix: str = "run", height: int = _HEIGHT) -> None:
    """Training losses, the picture that opens the page."""
    chart(
        seen.loss_figure,
        key=f"{prefix}.loss",
        alt=f"Training loss of {', '.join(seen.tasks)} by {seen.axis.title}.",
        how_to_read=f"Lower is better. {_faint(seen)}{'' if seen.cursor is None else _CLICK}",
        height=height,
        feed=seen.fed("loss"),
        cursor_group=seen.cursor,
        filename="losses",
    )


def _faint(seen: Seen) -> str:
    return "Faint: as measured. Strong: average of the past, so it lags. " if seen.span else ""


def scores(seen: Seen, prefix: str = "run", height: int = _HEIGHT) -> None:
    """Development scores."""
    chart(
        seen.score_figure,
        key=f"{prefix}.scores",
        alt=f"Development score of {', '.join(seen.tasks)} at each evaluation, with its error.",
        how_to_read="Higher is better. Bars: one standard error. Dotted: always giving the most "
        "frequent label. Grey line: the best mean.",
        height=height,
        feed=seen.fed("scores"),
        cursor_group=seen.cursor,
        filename="scores",
    )


def conflicts(seen: Seen) -> None:
    """Cosines over time with the share of pairs in conflict."""
    chart(
        seen.conflict_figure,
        key="run.cosines",
        alt="Cosine between the gradients of every two tasks, and the share of pairs below zero, "
        f"by {seen.axis.title}.",
        how_to_read="Below zero two tasks pull the shared weights apart. Hue: first task, dash: "
        f"second task. {_drawn(seen)}{_CLICK}",
        # Room for a legend of many pairs, also on a narrow screen.
        height=380 + 14 * max(0, min(len(pairs(len(seen.tasks))), MOST_PAIRS) - 3),
        feed=seen.fed("cosines"),
        cursor_group=seen.cursor,
        filename="cosines",
    )


def _drawn(seen: Seen) -> str:
    """Which pairs are drawn, where not all are."""
    count = len(pairs(len(seen.tasks)))
    if count <= MOST_PAIRS:
        return ""
    return f"Drawn: the {MOST_PAIRS} of {count} pairs that agree least. "


def lengths(seen: Seen) -> None:
    """How long each task's gradient is."""
    chart(
        seen.length_figure,
        key="run.lengths",
        alt=f"Length of each task's gradient by {seen.axis.title}, on a logarithmic scale.",
        how_to_read="The longest gradient decides where a plain sum goes.",
        height=260,
        feed=seen.fed("lengths"),
        cursor_group=seen.cursor,
        filename="gradient-lengths",
    )


def weights(seen: Seen) -> None:
    """How much each task's gradient counts in the update."""
    chart(
        seen.weight_figure,
        key="run.weights",
        alt=f"Weight of each task's gradient in the shared update by {seen.axis.title}.",
        how_to_read="Loss weight and combiner together. The plain sum has 1 everywhere.",
        height=260,
        feed=seen.fed("weights"),
        cursor_group=seen.cursor,
        filename="weights",
    )


def all_curves(seen: Seen) -> None:
    """All curves; what was not measured is said in words."""
    left, right = st.columns(2)
    with left:
        losses(seen)
    with right:
        if "scores" in seen.figures:
            scores(seen)
        else:
            st.info("No development score yet: the first comes at the end of an epoch.")


def gradients(seen: Seen) -> None:
    """Conflicts, lengths and weights, where gradients were recorded."""
    if "cosines" in seen.figures:
        conflicts(seen)
    left, right = st.columns(2)
    with left:
        if "lengths" in seen.figures:
            lengths(seen)
        else:
            st.info("Gradient lengths were not recorded in this run.")
    with right:
        weights(seen)
