"""A run as it is now: read from the store, shown, and read again while it runs."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.figures.axis import BY_UPDATE, Axis
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.run import cursor, curves, verdict
from mtlviz.ui.run.axes import axis_of
from mtlviz.ui.run.cached import seen as seen_by_all
from mtlviz.ui.run.cached import whole_history
from mtlviz.ui.run.controls import curve_controls
from mtlviz.ui.run.curves import Seen
from mtlviz.ui.run.markup import escaped
from mtlviz.ui.run.moment import one_update
from mtlviz.ui.run.paths import without_folders
from mtlviz.ui.run.strongest import strongest
from mtlviz.ui.run.worked_example import worked_example
from mtlviz.ui.state import run as chosen

POINTS = 600
"""Steps of a curve: more than a chart has pixels to show."""
_LOG_LINES = 15
_EVERY = 2.0
"""Seconds from one look at a live run to the next."""


def live_run(run_id: int) -> None:
    """Show a run in two fragments that look again every two seconds until the run ends.

    One draws the curves, the other what belongs to the update looked at. The second only looks
    again while it follows the newest update: one that was chosen does not change, and a class of
    thirty that looks at chosen updates must not have them all computed and sent again and again.
    """
    waiting = _waiting(cache.store().run(run_id))
    follows = waiting and chosen.chosen_update() is None
    st.fragment(_show, run_every=_EVERY if waiting else None)(run_id, waiting)
    st.fragment(_at_the_cursor, run_every=_EVERY if follows else None)(run_id, waiting, follows)


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
    seen = look(run, chosen.smoothing(), _axis(run), cursor.group(run))
    _top(run, seen)
    if not run.updates:
        return
    curve_controls()
    curves.all_curves(seen)
    st.subheader("Who pulls against whom", anchor="conflicts")
    st.markdown(verdict.conflict(seen.cosines, seen.tasks))
    curves.gradients(seen)


def _axis(run: RunSummary) -> Axis:
    if chosen.axis() == "update":
        return BY_UPDATE
    return axis_of(chosen.axis(), run, cache.run_config(run), whole_history(run))


def _at_the_cursor(run_id: int, waiting: bool, follows: bool) -> None:
    """What belongs to one update, and the bar that chooses it."""
    try:
        if follows != (waiting and chosen.chosen_update() is None):
            st.rerun()  # One whole run begins or ends the timer.
        run = cache.store().run(run_id)
        update = cursor.update_of(run)
        if update is not None:
            _one_update(run, update)
            cursor.bar(run, update, _axis(run))
            cursor.keep_link()
    except MtlvizError as error:
        st.error(str(error))


def _one_update(run: RunSummary, update: int) -> None:
    config = cache.run_config(run)
    st.subheader("One update", anchor="update")
    cursor.number_field(run, update)
    strongest(run, whole_history(run), [task.name for task in config.data.tasks])
    one_update(run, config, update)
    worked_example(run, config, update)


def look(
    run: RunSummary, span: float, axis: Axis = BY_UPDATE, cursor_group: str | None = None
) -> Seen:
    """What the store knows of a run now.

    Args:
        run: The run.
        span: Reach of the running averages, in updates.
        axis: What lies across under its curves.
        cursor_group: Name of the step cursor that its curves follow.

    Raises:
        MtlvizError: If the run is gone, or its settings are of a newer version.
    """
    how = (span, axis.title, cursor_group)
    return seen_by_all(run, how, lambda: _looked(run, span, axis, cursor_group))


def _looked(run: RunSummary, span: float, axis: Axis, cursor_group: str | None) -> Seen:
    tasks = [task.name for task in cache.run_config(run).data.tasks]
    metrics = run.metrics or ("score",) * len(tasks)
    steps = cache.steps(run, len(tasks), POINTS)
    return Seen(tasks, metrics, steps, cache.evaluations(run), span, axis, cursor_group)


def _top(run: RunSummary, seen: Seen) -> None:
    """Status, verdict, notes and failure; always one block, so that nothing below it moves."""
    with st.container():
        name, status = escaped(run.name), verdict.status(run, seen.steps)
        st.markdown(f"{verdict.MARKS[run.status]} **{name}** · {status}")
        share = verdict.progress(run)
        if _waiting(run) and share is not None:
            st.progress(share)
        if seen.evaluations:
            st.markdown(verdict.learned(seen.evaluations, seen.tasks))
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
