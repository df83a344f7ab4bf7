"""Every task after every phase: the matrix of a run of several phases, and its numbers."""

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.continual import CONTINUAL
from mtlviz.figures.continual import run_matrix
from mtlviz.runs.score_matrices import score_matrix
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
        run_matrix(
            found.phases, found.tasks, found.scores, found.errors, found.learned, revision=str(run)
        ),
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
