"""The setting chosen by a click on any picture: its scores, and the way to its runs."""

from __future__ import annotations

import numpy as np
import streamlit as st

from mtlviz.engine.measures.transfer import paired_transfer
from mtlviz.runs.sweep.words import name_of
from mtlviz.ui.core import session
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.page import go_to, go_with
from mtlviz.ui.core.run_choice import choose_run
from mtlviz.ui.core.transfer_words import mean, points
from mtlviz.ui.core.words import escaped
from mtlviz.ui.pages.sweep.settings import SHOWN
from mtlviz.ui.pages.sweep.view import SweepView

_LISTED = 500
CHARTS = ("sweep.lines.picture", "sweep.tasks.picture", "sweep.front.picture")


def taken() -> None:
    """Take over the point that was just clicked in one of the pictures."""
    for key in CHARTS:
        point = session.clicked(key)
        number = None if point is None else point.get("customdata")
        if isinstance(number, int):
            SHOWN.change(chosen=number)


def chosen_setting(view: SweepView) -> None:
    """Its scores against the best one, and buttons to its runs."""
    number, found = SHOWN.now.chosen, view.found
    number = number if number in found.order else None
    _choice(view, number)
    if number is None:
        return
    known, best = found.known, found.order[0]
    scores = known.means[number]
    told = f"Chosen: **{escaped(name_of(view.sweep, number))}**, mean {mean(scores)}"
    if number != best:
        less = paired_transfer(dict(enumerate(scores)), dict(enumerate(known.means[best])))
        told += f", {points(less)} against the best"
    runs = [int(run) for run in known.runs[number] if run]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{told}.", width="stretch")
        if st.button("Open its first run", key="sweep.open"):
            choose_run(runs[0])
            go_to("run")
        if st.button("Compare with the best", key="sweep.compare", disabled=number == best,
                     help="The runs of both on the Compare page."):  # fmt: skip
            others = [int(run) for run in known.runs[best] if run]
            go_with("compare", {"runs": ",".join(map(str, sorted(np.unique([*runs, *others]))))})


def _choice(view: SweepView, number: int | None) -> None:
    """The list of settings, best first, for who clicks no line."""
    listed = view.found.order[:_LISTED]
    offered = {*listed, *([] if number is None else [number])}
    names = {each: f"{place}. {name_of(view.sweep, each)}"
             for place, each in enumerate(view.found.order, 1) if each in offered}  # fmt: skip
    control(
        SHOWN, "chosen", choices={None: "none chosen"} | names, value=number,
        label_visibility="collapsed",
        placeholder="Choose a setting here, or click its line: it is then marked in every picture",
    )  # fmt: skip
