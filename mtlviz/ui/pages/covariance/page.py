"""Covariance lab: how alike the tasks' inputs are, and what can be made of it."""

import streamlit as st

from mtlviz.ui.core import page
from mtlviz.ui.core.controls import control
from mtlviz.ui.pages.covariance.panels import sidebar, view
from mtlviz.ui.pages.covariance.settings import COVARIANCE


def _header() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        control(COVARIANCE, "view", look="segmented", label_visibility="collapsed")
        page.share("covariance")
        page.lecture_switch()


page.run("covariance", _header, sidebar, view)
