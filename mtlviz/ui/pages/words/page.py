"""Words: every term of the app, and what it means."""

import streamlit as st

from mtlviz.ui.core import page
from mtlviz.ui.core.glossary import words_list


def _header() -> None:
    st.markdown("### What the words of this app mean")
    st.caption("Where a page uses one of them, its meaning is one hover or tap away.")


page.run("words", _header, body=words_list)
