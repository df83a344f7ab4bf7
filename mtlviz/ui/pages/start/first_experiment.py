"""From the toy to text: one click trains the built-in tasks together and alone."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.presets import preset
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import class_mode, guess, run_actions, run_records, scored_runs
from mtlviz.ui.core.family_panel import SEEDS, family_verdict, queue_family
from mtlviz.ui.core.family_question import about_family
from mtlviz.ui.core.page import go_to
from mtlviz.ui.core.run_choice import choose_run
from mtlviz.ui.pages import PAGES, entry

_WHAT = (
    "**The same question of text.** Four small tasks share one encoder: **reviews**, **letters**, "
    "**topics**, **similarity**. Whom does that help, whom does it hurt?"
)
_GUESS = "guess.text"


def first_experiment() -> bool:
    """Begin it, see how far it is, or read what it found; whether it was begun."""
    if entry("studio") not in class_mode.offered(PAGES):
        return False
    run_actions.show_problem()
    run_records.tick()
    runs = run_records.store().runs()
    found = scored_runs.newest_like(runs, preset("default"))
    with st.container(key="start.experiment", gap="small"):
        if found is None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(_WHAT, width="stretch")
                _begin()
            return False
        guess.pass_by()  # The film's question covers nothing of this.
        if (asked := about_family(found, runs)) is not None:
            asked.ask(_GUESS)
        _outcome(found, runs)
    return True


def _outcome(found: RunSummary, runs: Sequence[RunSummary]) -> None:
    """How far the runs are or what they have found, and the way to one of them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap="small"):
            family_verdict(found, runs, "start.family")
        if not guess.covers("outcome") and st.button("Look into a run", key="start.look"):
            choose_run(found.id)
            go_to("run")


def _begin() -> None:
    asked = st.button(
        "Train them, together and alone", key="start.train", type="primary",
        help=f"{SEEDS} seeds, {5 * SEEDS} small runs: under a minute on two idle cores. You may go "
        "on meanwhile; it is told here, in the Studio and on Run.",
    )  # fmt: skip
    if asked:
        queue_family(preset("default"))
        st.rerun()
