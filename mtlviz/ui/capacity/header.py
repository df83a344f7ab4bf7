"""Top of the Capacity lab: which part of it, and the link to it."""

import streamlit as st

from mtlviz.ui import share, state
from mtlviz.ui.capacity.settings import VIEWS
from mtlviz.ui.capacity.widgets import common
from mtlviz.ui.frame import lecture_switch
from mtlviz.ui.state import capacity as chosen

_PARTS = {
    "capacity.data": "What the tasks bring (Data)",
    "capacity.capacity": "What they share (Capacity)",
    "capacity.optimisation": "How it is trained (Optimisation)",
    "capacity.verdict": "The verdict",
    "capacity.paper": "The paper's table",
}


def header() -> None:
    """Choose a part of the lab, share it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Part of the lab",
            VIEWS,
            required=True,
            format_func=str.capitalize,
            label_visibility="collapsed",
            **common(chosen.shown(), "view") | {"help": None},
        )
        share.share_button(state.write_link(), parts=_PARTS, key="capacity.hide")
        lecture_switch()
