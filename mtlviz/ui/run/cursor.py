"""The step cursor of a run: the bar at the foot of the page, and what can move it."""

import numpy as np
import streamlit as st

from mtlviz.figures.axis import Axis
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.stepper import stepper
from mtlviz.ui.state import run as chosen
from mtlviz.ui.state import session
from mtlviz.ui.state.link import write_link
from mtlviz.ui.words import grouped

_ANCHORS = 400
_UNITS = {"epoch": "epochs"}
# The bar stays in sight while the pictures scroll.
_STYLE = "<style>div:has(> .st-key-run_bar) { position: sticky; bottom: 0; z-index: 20; }</style>"


def group(run: RunSummary) -> str:
    """Name of the cursor that the charts of a run follow."""
    return f"run.{run.id}"


def update_of(run: RunSummary) -> int | None:
    """The update looked at: the one chosen, or the last one recorded; None before there is one."""
    if run.updates == 0:
        return None
    last, asked = run.updates - 1, chosen.chosen_update()
    return last if asked is None else min(asked, last)


def bar(run: RunSummary, update: int, axis: Axis) -> None:
    """Play, step and scrub; all charts follow in the browser, the other pictures a moment later."""
    st.html(_STYLE)
    places = np.unique(np.linspace(0, run.updates, _ANCHORS).round())
    by_number = not len(axis.updates)
    key = f"run.stepper.{run.id}"
    with st.container(key="run_bar"):
        stepper(
            run.updates,
            update,
            key=key,
            cursor_group=group(run),
            on_step=lambda: _stepped(key, run.updates),
            updates=() if by_number else places,
            positions=() if by_number else axis.at(places),
            unit="" if by_number else _UNITS.get(axis.title, axis.title),
        )


def _stepped(key: str, updates: int) -> None:
    """Take over where the cursor is; at its end it follows a run that goes on."""
    if event := session.component_event(key, "step"):
        look_at(int(event["update"]), updates)
        session.put("run.playing", bool(event["playing"]))


def look_at(update: int, updates: int) -> None:
    """Look at an update; at the last one, at whichever is the last."""
    chosen.choose_update(update if update < updates - 1 else None)


def number_field(run: RunSummary, update: int) -> None:
    """The number of the update, to be typed."""
    session.set_widget("run.moment", update)
    st.number_input(
        "Update",
        0,
        run.updates - 1,
        key="run.moment",
        on_change=lambda: look_at(int(str(session.widget("run.moment"))), run.updates),
        help=f"From 0 to {grouped(run.updates - 1)}. The bar at the foot of the page, a click on a "
        "curve and the list of conflicts choose one too.",
        width=180,
    )


def keep_link() -> None:
    """Bring the address bar up to date, unless the cursor is playing."""
    if not session.remember("run.playing", False):
        write_link()
