"""What the Sweep page shows, and its controls."""

from __future__ import annotations

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.ui.core import link, page, run_actions, run_records, session, work
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.page import Panel, folded
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages.sweep.chosen import chosen_setting, taken
from mtlviz.ui.pages.sweep.pictures import (
    curves,
    effects_picture,
    importances_picture,
    lines,
    pairs,
    per_task,
    tasks_front,
)
from mtlviz.ui.pages.sweep.progress import progress
from mtlviz.ui.pages.sweep.settings import SHOWN
from mtlviz.ui.pages.sweep.start import BEGUN, next_size, start_form
from mtlviz.ui.pages.sweep.tables import table
from mtlviz.ui.pages.sweep.tried import form_controls
from mtlviz.ui.pages.sweep.verdict import verdict
from mtlviz.ui.pages.sweep.view import SweepView, go_on, look, sweep_names

_EVERY = 2.5
PANELS = (
    Panel("sweep.verdict", "The verdict", verdict),
    Panel("sweep.lines", "All settings", lines),
    Panel("sweep.chosen", "The setting chosen", chosen_setting),
    Panel("sweep.effects", "What each setting does", effects_picture),
    Panel("sweep.importance", "How much each matters", importances_picture),
    Panel("sweep.pairs", "Two settings together", pairs, folded="Any two settings together"),
    Panel("sweep.tasks", "Each task against the mean", per_task,
          folded="Each task against the mean"),
    Panel("sweep.front", "Two tasks against each other", tasks_front,
          folded="Two tasks against each other: the Pareto front"),
    Panel("sweep.curves", "Through training", curves, folded="Through training"),
    Panel("sweep.table", "All settings as a table", table, folded="All settings as a table, CSV"),
)  # fmt: skip


def header() -> None:
    """Which sweep is on screen."""
    known = sweep_names()
    if known and SHOWN.now.sweep not in known:
        missing, newest = SHOWN.now.sweep, next(iter(known))
        if missing is not None:
            st.warning(f"There is no sweep {missing} here; the newest is shown.")
        SHOWN.change(sweep=newest)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if known:
            names = {number: f"{number} · {name}" for number, name in known.items()}
            control(SHOWN, "sweep", choices=names, changed=_another,
                    label_visibility="collapsed", width=320)  # fmt: skip
        else:
            st.markdown("Try **many settings**, each with the same seeds: what does each do, and "
                        "does one of them win?", width="stretch")  # fmt: skip
        page.share("sweep")
        page.lecture_switch()


def controls() -> None:
    """What the next sweep is made of."""
    st.markdown("**The next sweep**")
    form_controls()
    run_actions.show_problem()


def looked_at() -> None:
    """The next sweep, folded where one is on screen.

    Raises:
        MtlvizError: The store cannot be read.
    """
    number = SHOWN.now.sweep
    if number is None or number not in sweep_names():
        start_form()
        return
    if session.take(BEGUN):
        page.fold("sweep.new")
    # Beside the side bar, so that what is chosen there is seen to count; a title that did so would
    # shut the fold as it changes.
    if not folded("Start another sweep", "sweep.new", start_form):
        st.caption(next_size())
    work.live(lambda: _drawn(number), lambda: look(number).state.going, every=_EVERY)


def _drawn(number: int) -> None:
    """What is known so far; read anew while runs are to come."""
    run_records.tick()
    try:
        go_on(number)
    except MtlvizError as error:  # What is known of it stays in sight all the same.
        st.error(sentence(str(error)))
    view = look(number)
    with st.container():
        progress(view)
    if not view.found.order:
        st.info("The pictures appear when the first setting has a score at every seed.")
        return
    taken()
    shown = {panel.name: panel for panel in PANELS if panel.shown}
    top = ("sweep.verdict", "sweep.lines", "sweep.chosen")
    page.draw(tuple(shown[name] for name in top if name in shown), view)
    _side_by_side(shown, view)
    page.draw(tuple(panel for panel in shown.values() if panel.folded), view)
    link.write_link()  # What is chosen inside a fragment runs the fragment alone.


def _side_by_side(shown: dict[str, Panel], view: SweepView) -> None:
    pair = [shown[name] for name in ("sweep.effects", "sweep.importance") if name in shown]
    for column, panel in zip(st.columns(len(pair)) if pair else (), pair, strict=True):
        with column:
            page.draw((panel,), view)


def _another() -> None:
    """Another sweep has other settings and tasks."""
    SHOWN.change(chosen=None, rows="", columns="", first="", second="")
