"""Top of the page of one run: which run, its buttons, its settings."""

import streamlit as st

from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache, state
from mtlviz.ui.core.page import lecture_switch
from mtlviz.ui.studio import actions
from mtlviz.ui.studio.summary import sentences


def chosen(runs: list[RunSummary]) -> RunSummary | None:
    """The run of the link or the latest one; None and a sentence where there is no such run."""
    asked = state.chosen_run()
    if asked is None:
        return runs[0] if runs else None
    found = next((run for run in runs if run.id == asked), None)
    if found is None:
        st.warning(f"There is no run {asked}; it may have been deleted. Choose another one.")
    return found


def header(runs: list[RunSummary], run: RunSummary | None) -> None:
    """Choose a run, act on it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by_number = {each.id: each for each in runs}
        state.set_widget("run.choice", None if run is None else run.id)
        st.selectbox(
            "Run",
            list(by_number),
            key="run.choice",
            format_func=lambda number: _label(by_number[number]),
            on_change=lambda: state.choose_run(state.widget("run.choice")),
            placeholder="Choose a run",
            help="The latest run is shown until you choose one. The link then carries its number.",
            width=320,
        )
        if run is not None:
            actions.buttons(run, "run")
        lecture_switch()


def _label(run: RunSummary) -> str:
    # Nothing that changes: a browser keeps the label of the run that is chosen.
    return f"{run.id} · {run.name}"


def sidebar(run: RunSummary) -> None:
    """What was run."""
    st.markdown("**What runs here**")
    for sentence in sentences(cache.run_config(run)):
        st.caption(sentence)
