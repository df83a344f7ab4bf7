"""What surrounds every page: the link it was opened with, the lecture switch, the address bar."""

import streamlit as st

from mtlviz.ui import state

# Streamlit leaves six lines of nothing above a page; the picture belongs above the fold.
_STYLE = """<style>
.stMainBlockContainer { padding: 4.25rem 2rem 3rem; max-width: 96rem; }
</style>"""
_LECTURE_STYLE = "<style>:root { font-size: 125%; }</style>"


def open_page() -> None:
    """Take over the opening link, and say which of its values could not be used."""
    state.open_session()
    st.html(_STYLE)
    if state.lecture():
        st.html(_LECTURE_STYLE)
    problems = state.link_problems()
    if problems:
        st.warning("\n\n".join(problems), icon="⚠️")
        st.button("Dismiss", on_click=state.dismiss_link_problems, key="link.dismiss")


def close_page() -> None:
    """The switches at the foot of the side bar, and the address bar kept up to date."""
    with st.sidebar:
        state.set_widget("frame.lecture", state.lecture())
        st.toggle(
            "Lecture room",
            key="frame.lecture",
            on_change=lambda: state.set_lecture(bool(state.widget("frame.lecture"))),
            help="Larger type and thicker lines, readable from the back row.",
        )
    state.write_link()
