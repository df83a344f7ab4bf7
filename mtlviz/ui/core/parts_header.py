"""Top of a lab of several parts; goes with the last page that uses it."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from mtlviz.ui import share, state
from mtlviz.ui.core.page import lecture_switch


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
