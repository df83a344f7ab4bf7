"""Every task after every phase: the matrix of a run of several phases, and its numbers."""

import numpy as np
import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.measures.conflict import SURE
from mtlviz.figures.continual import score_matrix as matrix_figure
from mtlviz.runs.score_matrices import ScoreMatrix, score_matrix
from mtlviz.ui.component import chart
from mtlviz.ui.core.matrix_words import matrix_alt, numbers_in_words
from mtlviz.ui.core.run_view import RunView

_ROW, _FRAME = 52, 44


def matrix(config: RunConfig, view: RunView, run: int) -> None:
    """The matrix and what is read from it; nothing for a run of one phase.

    Args:
        config: Settings of the run.
        view: What is known of it now.
        run: Its number.
    """
    found = score_matrix(config, view.evaluations, view.phases)
    if found is None or len(found.phases) < 2:
        return
    spec = CONTINUAL[config.continual.method]
    st.subheader("Every task after every phase", anchor="matrix")
    st.caption(f"Against forgetting: **{spec.title}**. {spec.help}")
    chart(
        _figure(found, view, run),
        key=f"run.matrix.{run}",
        alt=matrix_alt(found),
        how_to_read="Read down a column: in brackets the score when the task was learned, below it "
        "what later phases made of it: orange lost, blue gained, grey (●) cannot be told from no "
        "change by the number of examples.",
        height=len(found.phases) * _ROW + _FRAME,
        filename=f"matrix-{run}",
    )
    st.markdown("\n".join(f"- {each}" for each in numbers_in_words(found)))
    st.caption(
        "Of one run: for intervals over seeds and for methods side by side, pick several runs on "
        "Compare."
    )


def _figure(found: ScoreMatrix, view: RunView, run: int) -> dict:
    learned = _learned(view, len(found.phases))
    places = np.arange(len(found.tasks))
    below = np.arange(len(found.phases))[:, None] > learned
    own, own_error = found.scores[learned, places], found.errors[learned, places]
    changes = np.where(below, 100 * (found.scores - own), np.nan)
    half = np.where(below, 100 * SURE * np.hypot(found.errors, own_error), np.nan)
    steps = [f"{n} · {name}" for n, name in enumerate(found.phases, start=1)]
    return matrix_figure(
        steps, found.tasks, found.scores, changes, half, learned.tolist(), revision=str(run)
    )


def _learned(view: RunView, phases: int) -> np.ndarray:
    """The phase in which each task first trains; the last for those to come."""
    trained = np.array([phase.due for phase in view.phases])
    return np.where(trained.any(axis=0), trained.argmax(axis=0), phases - 1)
