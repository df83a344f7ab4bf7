"""Sentences and tables that keep themselves up to date, and say when the page must."""

from collections.abc import Mapping
from typing import Any

from mtlviz.ui.component.browser import component, ignored


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
    data = {"said": dict(said), "feed": dict(feed)}
    component("live_text")(key=key, data=data, on_turned_change=ignored)
