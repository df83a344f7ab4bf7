"""Capacity lab: how wide the shared part should be, and which tasks should share it."""

import streamlit as st

from mtlviz.ui.core import class_mode, page
from mtlviz.ui.core.controls import control
from mtlviz.ui.pages.capacity.panels import controls, view
from mtlviz.ui.pages.capacity.settings import SHOWN


def _header() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if not class_mode.is_on():
            control(SHOWN, "view", look="segmented", label_visibility="collapsed")
        page.share("capacity")
        page.lecture_switch()


page.run("capacity", _header, controls, view)
