"""Conflict lab: gradients as arrows; drag them and see what every method makes of them."""

import streamlit as st

from mtlviz.toy.arrow_updates import combinations, scene
from mtlviz.ui import state
from mtlviz.ui.conflict import (
    board,
    from_run,
    gradnorm,
    header,
    landscape,
    lessons,
    method_choice,
)
from mtlviz.ui.conflict.verdict import verdict


# A fragment: letting go of an arrow runs this again, and not the landscapes below.
@st.fragment
def arrows(lecture: bool) -> None:
    """The arrows and what follows from them."""
    if state.lecture() != lecture:
        st.rerun()
    config = state.arrows()
    shown = scene(config)
    results = combinations(config, shown.gram)
    # What was dragged is answered first, the sentences above it a moment later.
    above, picture = st.container(), st.container()
    with picture:
        board.board(config, shown, results)
    with above:
        header.header()
        if header.shows("verdict"):
            st.markdown(verdict(config, shown.gram, results))
    method_choice.section(config, shown.gram, results)
    if header.shows("run"):
        with st.container(horizontal=True):
            from_run.loader()
    if header.shows("lessons"):
        lessons.section(config, shown)
    state.write_link()


arrows(state.lecture())
if header.shows("landscape"):
    landscape.section(state.arrows())
if header.shows("gradnorm"):
    gradnorm.section()
