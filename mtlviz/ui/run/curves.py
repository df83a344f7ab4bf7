"""The curves of a run: losses, scores, cosines, lengths and weights, under one step cursor."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.records import EvalRecord
from mtlviz.figures import runs as figures
from mtlviz.runs.steps import Steps
from mtlviz.ui import state
from mtlviz.ui.component import chart

CURSOR = "run"
CHARTS = ("loss", "scores", "cosines", "lengths", "weights")
_HEIGHT = 300


@dataclass(frozen=True, eq=False)
class Seen:
    """What is known of a run now.

    Attributes:
        tasks: Names of its tasks.
        metrics: Main metric of each; the word "score" before it is known.
        steps: Its updates, thinned.
        evaluations: Its development scores.
        span: Reach of the running averages, in updates.
        chosen: The update looked at; None before there is one.
    """

    tasks: list[str]
    metrics: tuple[str, ...]
    steps: Steps
    evaluations: list[EvalRecord]
    span: float
    chosen: int | None

    @property
    def cosines(self) -> np.ndarray:
        """Cosines of the recorded updates, (T, K, K)."""
        return cosines(self.steps.gram)


def clicked_update() -> int | None:
    """The update just clicked in any of the curves."""
    for name in CHARTS:
        point = state.clicked(f"run.{name}")
        if point and isinstance(point.get("x"), int | float):
            return round(point["x"])
    return None


def losses(seen: Seen, prefix: str = "run", height: int = _HEIGHT) -> None:
    """Training losses, the picture that opens the page."""
    chart(
        figures.loss_curves(
            seen.steps.update, seen.steps.losses, seen.tasks, seen.span, chosen=seen.chosen
        ),
        key=f"{prefix}.loss",
        alt=f"Training loss of {', '.join(seen.tasks)} over the updates.",
        how_to_read="Lower is better. Faint: as measured. Strong: running average. Click to look "
        "at an update." if prefix == "run" else "Lower is better. Strong: running average.",
        height=height,
        cursor_group=CURSOR if prefix == "run" else None,
        events=("click",) if prefix == "run" else (),
        filename="losses",
    )  # fmt: skip


def scores(seen: Seen, prefix: str = "run", height: int = _HEIGHT) -> None:
    """Development scores."""
    chart(
        figures.score_curves(seen.evaluations, seen.tasks, seen.metrics, chosen=seen.chosen),
        key=f"{prefix}.scores",
        alt=f"Development score of {', '.join(seen.tasks)} at each evaluation, with its error.",
        how_to_read="Higher is better. Bars: one standard error. Dotted: always giving the most "
        "frequent label.",
        height=height,
        cursor_group=CURSOR if prefix == "run" else None,
        filename="scores",
    )


def conflicts(seen: Seen) -> None:
    """Cosines over time with the share of pairs in conflict."""
    chart(
        figures.cosine_curves(
            seen.steps.update, seen.cosines, seen.tasks, seen.span, chosen=seen.chosen
        ),
        key="run.cosines",
        alt="Cosine between the gradients of every two tasks over the updates, and the share of "
        "pairs below zero.",
        how_to_read="Below zero two tasks pull the shared weights apart. Hue: first task, dash: "
        "second task. Click to look at an update.",
        height=380,
        cursor_group=CURSOR,
        events=("click",),
        filename="cosines",
    )


def lengths(seen: Seen) -> None:
    """How long each task's gradient is."""
    norms = np.sqrt(np.diagonal(seen.steps.gram, axis1=1, axis2=2))
    chart(
        figures.per_task_curves(
            seen.steps.update, norms, seen.tasks, "gradient length", seen.span,
            logarithmic=True, chosen=seen.chosen,
        ),
        key="run.lengths",
        alt="Length of each task's gradient over the updates, on a logarithmic axis.",
        how_to_read="The longest gradient decides where a plain sum goes.",
        height=260,
        cursor_group=CURSOR,
        events=("click",),
        filename="gradient-lengths",
    )  # fmt: skip


def weights(seen: Seen) -> None:
    """How much each task's gradient counts in the update."""
    chart(
        figures.per_task_curves(
            seen.steps.update, seen.steps.weights, seen.tasks, "weight in the update", seen.span,
            chosen=seen.chosen,
        ),
        key="run.weights",
        alt="Weight of each task's gradient in the shared update, over the updates.",
        how_to_read="Loss weight and combiner together. The plain sum has 1 everywhere.",
        height=260,
        cursor_group=CURSOR,
        events=("click",),
        filename="weights",
    )  # fmt: skip


def all_curves(seen: Seen) -> None:
    """All curves; what was not measured is said in words."""
    left, right = st.columns(2)
    with left:
        losses(seen)
    with right:
        if seen.evaluations:
            scores(seen)
        else:
            st.info("No development score yet: the first comes at the end of an epoch.")


def gradients(seen: Seen) -> None:
    """Conflicts, lengths and weights, where gradients were recorded."""
    if np.isfinite(seen.cosines[:, *np.triu_indices(len(seen.tasks), k=1)]).any():
        conflicts(seen)
    left, right = st.columns(2)
    with left:
        if np.isfinite(seen.steps.gram).any():
            lengths(seen)
        else:
            st.info("Gradient lengths were not recorded in this run.")
    with right:
        weights(seen)
