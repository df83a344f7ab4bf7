"""Methods against forgetting side by side: what is kept and learned, over paired seeds."""

import json
from collections.abc import Mapping

import streamlit as st

from mtlviz.engine.continual import CONTINUAL
from mtlviz.runs.score_matrices import MethodScores, as_json, compared
from mtlviz.ui.core import run_records
from mtlviz.ui.core.matrix_words import method_rows
from mtlviz.ui.core.words import escaped, listed
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns

_ABOUT = (
    "In points, mean ± half a 95 % interval (Student's t) over the seeds of each method; "
    "differences are paired by seed. Joint training takes all tasks from the start: it has one "
    "phase, and nothing to forget."
)


def matrices_section(found: ComparedRuns) -> None:
    """A table for each experiment among the runs picked; nothing where none has several phases."""
    # Of runs without phases nothing need be read.
    phased = {run.summary.id for run in found.picked if run.config.optimisation.phases}
    finished = sorted(run.id for run in found.runs if run.counts and run.id in phased)
    if not finished:
        return
    key = ("matrices", tuple(finished))
    experiments = found.once(key, lambda: compared(run_records.store(), finished))
    shown = [each for each in experiments if _has_phases(each)]
    if not shown:
        return
    st.subheader("Against forgetting", anchor="forgetting")
    for number, methods in enumerate(shown):
        first = next(iter(next(iter(methods.values())).matrices.values()))
        titles = listed([CONTINUAL[name].title for name in methods])
        st.caption(f"Tasks {escaped(', '.join(first.tasks))}; {titles}.")
        st.dataframe(method_rows(methods), hide_index=True, height="content")
        st.download_button(
            "Matrices and numbers (JSON)",
            data=json.dumps(as_json(methods), indent=1, ensure_ascii=False),
            file_name="matrices.json",
            mime="text/json",
            on_click="ignore",
            key=f"compare.matrices.{number}",
            help="Every run's matrix, every number with its interval, and against sequential.",
        )
    st.caption(_ABOUT)


def _has_phases(methods: Mapping[str, MethodScores]) -> bool:
    every = (matrix for found in methods.values() for matrix in found.matrices.values())
    return any(len(matrix.phases) > 1 for matrix in every)
