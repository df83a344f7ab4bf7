"""The step cursor of a run: the field and the bar that move it, in the browser alone."""

import numpy as np
import streamlit as st

from mtlviz.runs.history import History
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.stepper import stepper
from mtlviz.ui.component.update_field import update_field
from mtlviz.ui.core.run_choice import CHOICE, follow_browser
from mtlviz.ui.core.run_view import RunView, bar_places, cursor_of, whole_history
from mtlviz.ui.pages.run.conflicts import conflicts
from mtlviz.ui.pages.run.update import Update
from mtlviz.ui.pages.run.update_parts import place

_ENDED = ("finished", "stopped")
# The bar stays in sight while the pictures scroll, below the app's own; a telephone has no room.
_STYLE = """<style>
@media (min-width: 641px) {
  div:has(> .st-key-run_bar) { position: sticky; top: 3.75rem; z-index: 20; }
  .stMain { scroll-padding-top: 8rem; }
}
</style>"""


def update_of(run: RunSummary) -> int | None:
    """The update looked at: the one chosen, or where the run opens; None before there is one.

    A run that has come to its end opens at its strongest conflict: at its last update the step
    size is near zero, so that no combiner could hurt anybody. All others follow their newest.
    """
    follow_browser(run.id)
    if run.updates == 0:
        return None
    last, asked = run.updates - 1, CHOICE.now.update
    if asked is not None:
        return min(asked, last)
    return telling(whole_history(run)) if run.status in _ENDED else last


def telling(recorded: History) -> int | None:
    """The update with the lowest cosine below zero; without one, the middle of those measured.

    None where the store says that there were updates and holds none of them.
    """
    if not len(recorded.update):
        return None
    strongest = recorded.strongest(1)
    if len(strongest):
        return int(recorded.update[strongest[0]])
    measured = np.flatnonzero(np.isfinite(recorded.cosine))
    places = measured if len(measured) else np.arange(len(recorded.update))
    return int(recorded.update[places[len(places) // 2]])


def bar(run: RunSummary, update: int, view: RunView) -> None:
    """Play, step and scrub; everything that belongs to one update follows in the browser."""
    st.html(_STYLE)
    with st.container(key="run_bar"):
        stepper(
            bar_places(run, view.axis),
            update,
            key=f"run.stepper.{run.id}",
            cursor_group=cursor_of(run),
            parameter=CHOICE.control("update").parameter,
            follows=view.feed is not None and CHOICE.now.update is None,
            goes_on=run.status not in _ENDED,
            feed=view.fed("bar"),
            pictures=place(run, update).described(),
        )


def field(update: Update) -> None:
    """The number of the update to be typed, and the strongest conflicts to be chosen."""
    update_field(
        CHOICE.control("update").title,
        conflicts(update)["choices"],
        key=f"run.field.{update.run.id}",
        cursor_group=cursor_of(update.run),
        help="The bar above the curves, a click on a curve and the list of conflicts choose "
        "one too.",
        feed=place(update.run, update.number).described("conflicts"),
    )
