"""A run as it is now: read from the store, shown, and read again while it runs."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.component.told import told
from mtlviz.ui.run import cursor, curves, looking
from mtlviz.ui.run.cached import whole_history
from mtlviz.ui.run.controls import curve_controls
from mtlviz.ui.run.curves import Seen
from mtlviz.ui.run.moment import one_update
from mtlviz.ui.run.paths import without_folders
from mtlviz.ui.run.said import lines, said
from mtlviz.ui.run.strongest import strongest
from mtlviz.ui.run.worked_example import worked_example
from mtlviz.ui.state import run as chosen

_LOG_LINES = 15


def live_run(run_id: int) -> None:
    """Show a run; while it goes on, hardly anything of it needs a run of the script.

    What is said of it, the curves and the bar find what is newer by themselves (`Feed`). What
    belongs to one update is drawn again where another is chosen, or the bar follows the newest.
    """
    run = cache.store().run(run_id)
    _top(run, _seen(run))
    if run.updates:
        # Another axis moves the bar as well: these controls run the whole page.
        curve_controls()
        _curves(_seen(run))
    st.fragment(_at_the_cursor)(run_id)


def _seen(run: RunSummary) -> Seen:
    """What this visitor looks at."""
    return looking.look(run, chosen.smoothing(), chosen.axis(), cursor.group(run))


def _curves(seen: Seen) -> None:
    curves.all_curves(seen)
    st.subheader("Who pulls against whom", anchor="conflicts")
    curves.gradients(seen)


def _at_the_cursor(run_id: int) -> None:
    """What belongs to one update, and the bar that chooses it."""
    try:
        run = cache.store().run(run_id)
        update = cursor.update_of(run)
        if update is not None:
            _one_update(run, update)
            cursor.bar(run, update, _seen(run))
            cursor.keep_link()
    except MtlvizError as error:
        st.error(str(error))


def _one_update(run: RunSummary, update: int) -> None:
    config = cache.run_config(run)
    st.subheader("One update", anchor="update")
    cursor.number_field(run, update)
    strongest(run, whole_history(run), [task.name for task in config.data.tasks], update)
    one_update(run, config, update)
    worked_example(run, config, update)


def _top(run: RunSummary, seen: Seen) -> None:
    """Status, verdict, notes and failure; always one block, so that nothing below it moves."""
    with st.container():
        if feed := seen.fed("said"):
            told(said(run, seen), key=f"run.said.{run.id}", feed=feed)
            return
        for line in lines(run, seen):
            st.markdown(line)
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
