"""Top of the Covariance lab: which part of it, and the link to it."""

import streamlit as st

from mtlviz.ui import share, state
from mtlviz.ui.covariance.controls import common
from mtlviz.ui.covariance.settings import VIEWS
from mtlviz.ui.frame import lecture_switch
from mtlviz.ui.state import covariance as chosen

_PARTS = {
    "covariance.data": "What the tasks bring (Data)",
    "covariance.capacity": "What encodes them (Capacity)",
}


def header() -> None:
    """Choose a part of the lab, share it."""
    settings = chosen.settings()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Part of the lab",
            VIEWS,
            required=True,
            format_func=str.capitalize,
            label_visibility="collapsed",
            **common(settings, "view") | {"help": None},
        )
        share.share_button(state.write_link(), parts=_PARTS, key="covariance.hide")
        lecture_switch()
