"""A button that hands out what is on screen as one file, made when it is pressed."""

from collections.abc import Callable, Sequence

import streamlit as st

from mtlviz.ui.component.take_home import LARGEST, Piece, page
from mtlviz.ui.core import link
from mtlviz.ui.core.page import address


def take_home(
    name: str, title: str, sentences: Sequence[str], pieces: Callable[[], Sequence[Piece]]
) -> None:
    """Offer a page's pictures as one HTML file.

    Args:
        name: The page's folder, also the stem of the file.
        title: What the file is called.
        sentences: What the page says, as Markdown.
        pieces: Makes the pictures.
    """
    where = address(st.context.url or "", link.write_link())
    st.download_button(
        "Take it home",
        lambda: page(title, sentences, pieces(), where),
        f"mtlviz-{name}.html",
        "text/html",
        key=f"{name}.take_home",
        on_click="ignore",
        help="One HTML file that opens without a server and without a network, with its pictures "
        f"alive; at most {LARGEST // 10**6} MB.",
    )
