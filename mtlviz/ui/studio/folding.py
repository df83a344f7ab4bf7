"""Parts of the page that are made when they are opened: most are never looked at."""

from collections.abc import Callable

import streamlit as st

from mtlviz.ui.core import session

_PREFIX = "studio.open."


def folded(
    title: str, name: str, draw: Callable[[], object], is_open: Callable[[], bool] = bool
) -> None:
    """Draw a part that can be folded away; folded, nothing in it costs anything.

    Args:
        title: What stands on it.
        name: What tells it from the others of the page.
        draw: Draws what is in it.
        is_open: Says whether it is open at first; asked once.
    """
    if not session.has(key(name)):
        session.put(key(name), is_open())
    part = st.expander(title, key=key(name), on_change="rerun")
    if part.open:
        with part:
            draw()


def unfold(name: str) -> None:
    """Open a part, before it is drawn."""
    session.set_widget(key(name), True)


def key(name: str) -> str:
    """Where the session keeps whether a part is open."""
    return f"{_PREFIX}{name}"
