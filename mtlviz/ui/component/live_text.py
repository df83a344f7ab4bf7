"""Sentences and tables that keep themselves up to date, and say when the page must."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer


@cache
def declared() -> ComponentRenderer:
    """The component, declared on first use: its files are found only inside a running app."""
    return st.components.v2.component("mtlviz.live_text", css="live_text.css", js="live_text.js")


def live_text(
    said: Mapping[str, Any],
    *,
    key: str,
    feed: Mapping[str, str | float],
) -> None:
    """Show sentences and a progress bar, renewed by the browser from what the feed has `told`.

    The page runs once the feed's stage is another than that given here.

    Args:
        said: `lines`, sentences with Markdown's bold, escapes and colours; `notes`, sentences to
            be marked; `progress` from 0 to 1, or None; `stage`, a text; and perhaps `tables`, each
            with `header`, `rows` and a `caption`, below them.
        key: Name on the page; the same key keeps the same node.
        feed: Where others are found, as `Feed.described` or `CursorFeed.described` says it.
    """
    # Streamlit reports only values that have a callback.
    data = {"said": dict(said), "feed": dict(feed)}
    declared()(key=key, data=data, on_turned_change=lambda: None)
