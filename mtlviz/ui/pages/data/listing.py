"""Which entries of a long list are on the page in sight."""

import streamlit as st

from mtlviz.ui.core import session
from mtlviz.ui.pages.data.settings import SHOWN


def page_of(count: int, most: int, path: str) -> slice:
    """Which of so many entries are on the page that a setting says, or on the last.

    Args:
        count: How many there are.
        most: How many a page has.
        path: The setting with the page's number, counted from 1.
    """
    page = _page(count, most, path)
    return slice((page - 1) * most, page * most)


def turn_pages(count: int, most: int, path: str, *listed: str) -> None:
    """The control that turns pages; another list is another one, which begins at its own page."""
    if count <= most:
        return
    key = f"data.pages.{path}.{'.'.join(listed)}"
    st.pagination(
        -(-count // most), default=_page(count, most, path), key=key,
        on_change=lambda: SHOWN.change_at(path, int(str(session.widget(key)))),
    )  # fmt: skip


def _page(count: int, most: int, path: str) -> int:
    return min(SHOWN.now.value_at(path), max(1, -(-count // most)))
