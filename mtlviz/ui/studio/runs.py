"""The run in view as it trains, and the list of runs with what can be done with each."""

import numpy as np
import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache, state
from mtlviz.ui.component import chart
from mtlviz.ui.run import curves, verdict
from mtlviz.ui.run.curves import Seen
from mtlviz.ui.run.looking import look
from mtlviz.ui.run.markup import escaped
from mtlviz.ui.studio import actions

_NEWEST, _LOOKED_AT = 8, 40
_SPAN = 10.0
_SMALL = 250


def live_runs() -> None:
    """Everything about runs, looked at again every second while any of them waits or runs."""
    live = bool(cache.store().runs(("queued", "starting", "running")))
    st.fragment(_show, run_every=1.0 if live else None)(live)


def _show(live: bool) -> None:
    if state.take(actions.CHANGED):
        st.rerun()  # A whole run begins or ends the timer.
    try:
        cache.tick()
        runs = cache.store().runs()
        if live and not any(run.active or run.status == "queued" for run in runs):
            st.rerun()
        if runs:
            _in_view(_watched(runs))
            _list(runs)
    except MtlvizError as error:
        st.error(str(error))


def _watched(runs: list[RunSummary]) -> RunSummary:
    """The run chosen (the one last started here), else the newest.

    While nothing waits or trains, a finished run of the settings on screen comes before the newest.
    """
    chosen = next((run for run in runs if run.id == state.chosen_run()), None)
    if chosen or any(run.active or run.status == "queued" for run in runs):
        return chosen or runs[0]
    return next((run for run in runs[:_LOOKED_AT] if _of_these_settings(run)), runs[0])


def _of_these_settings(run: RunSummary) -> bool:
    """Whether a run finished with the very settings on screen, whatever it is called."""
    if run.status != "finished":
        return False
    wanted = state.studio_config()
    try:
        return cache.run_config(run).model_copy(update={"name": wanted.name}) == wanted
    except MtlvizError:
        return False  # Settings of a newer version.


def _in_view(run: RunSummary) -> None:
    """Losses, scores and conflicts of one run, small."""
    seen = look(run, _SPAN)
    # Always one block, so that the charts below never change their place.
    with st.container():
        _said(run, seen)
    left, right = st.columns(2)
    with left:
        if run.updates:
            curves.losses(seen, "studio", _SMALL)
    with right:
        if seen.evaluations:
            curves.scores(seen, "studio", _SMALL)
        elif run.updates:
            st.info("Scores: the first come at the end of an epoch.")
    with st.container():
        _conflicts(seen)


def _said(run: RunSummary, seen: Seen) -> None:
    st.markdown(
        f"{verdict.MARKS[run.status]} Run {run.id}, **{escaped(run.name)}** · "
        f"{verdict.status(run, seen.steps)}"
    )
    share = verdict.progress(run)
    if run.active and share is not None:
        st.progress(share)
    if run.error:
        st.error(run.error)
    if seen.evaluations:
        st.markdown(verdict.learned(seen.evaluations, seen.tasks))


def _conflicts(seen: Seen) -> None:
    """Cosines between the tasks' gradients, where two were known at one update."""
    if not np.isfinite(seen.cosines[:, *np.triu_indices(len(seen.tasks), k=1)]).any():
        return
    chart(
        seen.conflict_figure,
        key="studio.cosines",
        alt="Cosine between the gradients of every two tasks over the updates, and the share of "
        "pairs below zero.",
        how_to_read=verdict.conflict(seen.cosines, seen.tasks).replace("**", ""),
        height=300,
        filename="cosines",
    )


def _list(runs: list[RunSummary]) -> None:
    st.subheader("Runs", anchor="runs")
    every = bool(state.remember("studio.every", False))
    for run in runs if every else runs[:_NEWEST]:
        _row(run)
    if len(runs) > _NEWEST:
        state.set_widget("studio.all", every)
        st.toggle(
            f"Show all {len(runs)} runs",
            key="studio.all",
            on_change=lambda: state.put("studio.every", state.widget("studio.all")),
        )


def _row(run: RunSummary) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{verdict.MARKS[run.status]} **{run.id}** {escaped(run.name)}  \n"
            f"{verdict.status(run)} · {verdict.ago(run.created)}",
            width="stretch",
        )
        share = verdict.progress(run)
        if run.active and share is not None:
            st.progress(share, width=160)
        if st.button("Open", key=f"studio.{run.id}.open", help="Everything about this run."):
            state.choose_run(run.id)
            st.switch_page("app_pages/run.py")
        actions.buttons(run, "studio")
