"""A run as it is now: read from the store, shown, and read again while it runs."""

import re

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache, state
from mtlviz.ui.run import curves, verdict
from mtlviz.ui.run.curves import Seen
from mtlviz.ui.run.moment import chosen_update, one_update, update_slider

POINTS = 600
"""Steps of a curve: more than a chart has pixels to show."""
_LOG_LINES = 15
# Folders of the server are nobody's business: of a path the file's name stays.
_FOLDERS = re.compile(r"(?<![\w.:/])(?:[A-Za-z]:)?(?:[/\\][^\s/\\:\"']+)*[/\\](?=[^\s/\\:\"']+)")


def live_run(run_id: int) -> None:
    """Show a run as a fragment that looks again every second until the run ends."""
    waiting = _waiting(cache.store().run(run_id))
    st.fragment(_show, run_every=1.0 if waiting else None)(run_id, waiting)


def _waiting(run: RunSummary) -> bool:
    """Whether more is to come of this run."""
    return run.active or run.status == "queued"


def _show(run_id: int, live: bool) -> None:
    try:
        cache.tick()
        run = cache.store().run(run_id)
        if live and not _waiting(run):
            st.rerun()  # One whole run ends the timer.
        _page(run)
    except MtlvizError as error:
        st.error(str(error))


def _page(run: RunSummary) -> None:
    clicked = curves.clicked_update()
    if clicked is not None:
        state.put("run.update", max(0, clicked))
    config = cache.run_config(run)
    seen = look(run, float(str(state.remember("run.span", 10))), chosen_update(run))
    _top(run, seen)
    pictures, moment = st.container(), st.container()
    if seen.chosen is None:
        return
    with pictures:
        curves.all_curves(seen)
        st.subheader("Who pulls against whom", anchor="conflicts")
        st.markdown(verdict.conflict(seen.cosines, seen.tasks))
        curves.gradients(seen)
    with moment:
        st.subheader("One update", anchor="update")
        update_slider(run, seen.chosen)
        one_update(run, config, seen.chosen)


def look(run: RunSummary, span: float, chosen: int | None = None) -> Seen:
    """What the store knows of a run now.

    Raises:
        MtlvizError: If the run is gone, or its settings are of a newer version.
    """
    tasks = [task.name for task in cache.run_config(run).data.tasks]
    metrics = run.metrics or ("score",) * len(tasks)
    steps = cache.steps(run, len(tasks), POINTS)
    return Seen(tasks, metrics, steps, cache.evaluations(run), span, chosen)


def _top(run: RunSummary, seen: Seen) -> None:
    """Status, verdict, notes and failure; always one block, so that nothing below it moves."""
    with st.container():
        st.markdown(
            f"{verdict.MARKS[run.status]} **{run.name}** · {verdict.status(run, seen.steps)}"
        )
        share = verdict.progress(run)
        if _waiting(run) and share is not None:
            st.progress(share)
        if seen.evaluations:
            st.markdown(verdict.learned(seen.evaluations[-1], seen.tasks))
        for note in cache.notes(run):
            st.warning(note.text)
        if run.status in ("failed", "interrupted"):
            _failure(run)


def _failure(run: RunSummary) -> None:
    st.error(run.error or "The run ended for a reason it could not tell.")
    log = without_folders(cache.store().log(run.id))
    lines = log.strip().splitlines()[-_LOG_LINES:]
    if lines:
        with st.expander("The last lines of its log"):
            st.code("\n".join(lines), language=None)


def without_folders(text: str) -> str:
    """A log without the folders of the server: of every path only the file's name stays."""
    return _FOLDERS.sub("", text)
