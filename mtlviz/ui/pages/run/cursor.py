"""The step cursor of a run: the bar at the foot of the page, and what can move it."""

import numpy as np
import streamlit as st

from mtlviz.runs.history import History
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.stepper import stepper
from mtlviz.ui.core import session
from mtlviz.ui.core.link import write_link
from mtlviz.ui.core.run_choice import CHOICE
from mtlviz.ui.core.run_view import RunView, bar_places, cursor_of, whole_history
from mtlviz.ui.core.words import escaped, grouped

_MOST = 6  # Conflicts to choose from.
_ENDED = ("finished", "stopped")
# The bar stays in sight while the pictures scroll.
_STYLE = "<style>div:has(> .st-key-run_bar) { position: sticky; bottom: 0; z-index: 20; }</style>"


def update_of(run: RunSummary) -> int | None:
    """The update looked at: the one chosen, or where the run opens; None before there is one.

    A run that has come to its end opens at its strongest conflict: at its last update the step
    size is near zero, so that no combiner could hurt anybody. All others follow their newest.
    """
    if run.updates == 0:
        return None
    last, asked = run.updates - 1, CHOICE.now.update
    if asked is not None:
        return min(asked, last)
    return telling(whole_history(run)) if run.status in _ENDED else last


def telling(recorded: History) -> int:
    """The update with the lowest cosine below zero; without one, the middle of those measured."""
    strongest = recorded.strongest(1)
    if len(strongest):
        return int(recorded.update[strongest[0]])
    measured = np.flatnonzero(np.isfinite(recorded.cosine))
    places = measured if len(measured) else np.arange(len(recorded.update))
    return int(recorded.update[places[len(places) // 2]])


def bar(run: RunSummary, update: int, view: RunView) -> None:
    """Play, step and scrub; all charts follow in the browser, the other pictures a moment later."""
    st.html(_STYLE)
    key = f"run.stepper.{run.id}"
    with st.container(key="run_bar"):
        stepper(
            bar_places(run, view.axis),
            update,
            key=key,
            cursor_group=cursor_of(run),
            on_step=lambda: _stepped(key, run),
            follows=view.feed is not None and CHOICE.now.update is None,
            feed=view.fed("bar"),
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
    CHOICE.change(update=None if follows else update)


def number_field(run: RunSummary, update: int) -> None:
    """The number of the update, to be typed."""
    session.set_widget("run.moment", update)
    st.number_input(
        CHOICE.control("update").title,
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


def strongest(run: RunSummary, tasks: list[str], update: int) -> None:
    """The updates with the lowest cosines, to be chosen from.

    Args:
        run: The run.
        tasks: Names of its tasks.
        update: The update looked at.
    """
    labels = _labels(whole_history(run), tasks)
    if not labels:
        return
    key = f"run.conflict.{run.id}"
    session.set_widget(key, update if update in labels else None)
    st.pills(
        "Strongest conflicts",
        list(labels),
        format_func=labels.get,
        key=key,
        on_change=lambda: _picked(key),
        help="Update, the two tasks, the cosine of their gradients. Shows this update and its "
        "examples below.",
    )


def _labels(recorded: History, tasks: list[str]) -> dict[int, str]:
    """What is said of each of these updates, by its number."""
    labels = {}
    for place in recorded.strongest(_MOST):
        update = int(recorded.update[place])
        first, second = (escaped(tasks[task]) for task in recorded.pair[place])
        cosine = f"{recorded.cosine[place]:+.2f}".replace("-", "−")
        labels[update] = f"{grouped(update)} · {first} – {second} · {cosine}"
    return labels


def _picked(key: str) -> None:
    # A second click on the same one takes the choice back: nothing else was chosen.
    if (update := session.widget(key)) is not None:
        CHOICE.change(update=int(str(update)))
