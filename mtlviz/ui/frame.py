"""What surrounds every page: the opening link, the lecture switch, the address bar."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from mtlviz.ui import share, state

# Streamlit leaves six lines of nothing above a page; the picture belongs above the fold.
_STYLE = """<style>
.stMainBlockContainer { padding: 4.25rem 2rem 3rem; max-width: 96rem; }
@media (max-width: 640px) { .stMainBlockContainer { padding: 4rem 1rem 3rem; } }
</style>"""
_HISTORY = Path(__file__).with_name("history.html")
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


def parts_header(
    views: Sequence[str], widget: Mapping[str, Any], hideable: Mapping[str, str], key: str
) -> None:
    """Choose a part of a lab that has several, share it.

    Args:
        views: Names of the parts.
        widget: Key, callback and the like of the choice.
        hideable: What a link may hide, and what each is called.
        key: Name of the choice of what to hide.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Part of the lab",
            views,
            required=True,
            format_func=str.capitalize,
            label_visibility="collapsed",
            **widget | {"help": None},
        )
        share.share_button(state.write_link(), parts=hideable, key=key)
        lecture_switch()


def lecture_switch() -> None:
    """The switch between a screen on a desk and one seen from the back row."""
    state.set_widget("frame.lecture", state.lecture())
    st.toggle(
        "Lecture room",
        key="frame.lecture",
        on_change=lambda: state.set_lecture(bool(state.widget("frame.lecture"))),
        help="Larger type and thicker lines, readable from the back row.",
    )


def close_page() -> None:
    """Keep the address bar up to date, so that it can be copied at any time."""
    state.write_link()
    st.html(_HISTORY, unsafe_allow_javascript=True)
