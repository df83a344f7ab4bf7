"""Lessons: ten to fifteen minutes each, over the pages of the app."""

import streamlit as st

from mtlviz.ui.core import page


def _header() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("### Guess, do, see, and why: ten to fifteen minutes each", width="stretch")
        page.lecture_switch()


page.run("lessons", _header)
