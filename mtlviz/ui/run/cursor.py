"""The step cursor of a run: the bar at the foot of the page, and what can move it."""

import numpy as np
import streamlit as st

from mtlviz.figures.arrays import packed
from mtlviz.figures.axis import Axis
from mtlviz.runs.history import History
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.stepper import stepper
from mtlviz.ui.core import session
from mtlviz.ui.core.link import write_link
from mtlviz.ui.core.words import grouped
from mtlviz.ui.run.cached import whole_history
from mtlviz.ui.run.curves import Seen
from mtlviz.ui.state import run as chosen

_ANCHORS = 400
_UNITS = {"epoch": "epochs"}
_ENDED = ("finished", "stopped")
# The bar stays in sight while the pictures scroll.
_STYLE = "<style>div:has(> .st-key-run_bar) { position: sticky; bottom: 0; z-index: 20; }</style>"


def group(run: RunSummary) -> str:
    """Name of the cursor that the charts of a run follow."""
    return f"run.{run.id}"


def update_of(run: RunSummary) -> int | None:
    """The update looked at: the one chosen, or where the run opens; None before there is one.

    A run that has come to its end opens at its strongest conflict: at its last update the step
    size is near zero, so that no combiner could hurt anybody. All others follow their newest.
    """
    if run.updates == 0:
        return None
    last, asked = run.updates - 1, chosen.chosen_update()
    if asked is not None:
        return min(asked, last)
    return telling(whole_history(run)) if run.status in _ENDED else last


def telling(seen: History) -> int:
    """The update with the lowest cosine below zero; without one, the middle of those measured."""
    strongest = seen.strongest(1)
    if len(strongest):
        return int(seen.update[strongest[0]])
    measured = np.flatnonzero(np.isfinite(seen.cosine))
    places = measured if len(measured) else np.arange(len(seen.update))
    return int(seen.update[places[len(places) // 2]])


def places(run: RunSummary, axis: Axis) -> dict:
    """The updates of a run, and where some of them lie on the axis, as the bar takes them."""
    by_number = {"count": run.updates, "updates": (), "positions": (), "unit": ""}
    if not len(axis.updates):
        return by_number
    updates = np.unique(np.linspace(0, run.updates, _ANCHORS).round())
    return by_number | {
        "updates": packed(updates, "float64"),
        "positions": packed(axis.at(updates), "float64"),
        "unit": _UNITS.get(axis.title, axis.title),
    }


def bar(run: RunSummary, update: int, seen: Seen) -> None:
    """Play, step and scrub; all charts follow in the browser, the other pictures a moment later."""
    st.html(_STYLE)
    key = f"run.stepper.{run.id}"
    with st.container(key="run_bar"):
        stepper(
            places(run, seen.axis),
            update,
            key=key,
            cursor_group=group(run),
            on_step=lambda: _stepped(key, run),
            follows=seen.feed is not None and chosen.chosen_update() is None,
            feed=seen.fed("bar"),
        )


def _stepped(key: str, run: RunSummary) -> None:
    """Take over where the cursor is; at the bar's end it follows a run that goes on."""
    event = session.component_event(key, "step")
    if event and not event["following"]:
        _look_at(int(event["update"]), run, at_the_end=bool(event["last"]))
        session.put("run.playing", bool(event["playing"]))


def _look_at(update: int, run: RunSummary, *, at_the_end: bool) -> None:
    """Look at an update; at the end of a run that goes on, at whichever is the newest."""
    follows = at_the_end and run.status not in _ENDED
    chosen.choose_update(None if follows else update)


def number_field(run: RunSummary, update: int) -> None:
    """The number of the update, to be typed."""
    session.set_widget("run.moment", update)
    st.number_input(
        "Update",
        0,
        run.updates - 1,
        key="run.moment",
        on_change=lambda: _typed(run),
        help=f"From 0 to {grouped(run.updates - 1)}. The bar at the foot of the page, a click on a "
        "curve and the list of conflicts choose one too.",
        width=180,
    )


def _typed(run: RunSummary) -> None:
    update = int(str(session.widget("run.moment")))
    _look_at(update, run, at_the_end=update == run.updates - 1)


def keep_link() -> None:
    """Bring the address bar up to date, unless the cursor is playing."""
    if not session.remember("run.playing", False):
        write_link()
