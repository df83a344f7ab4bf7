"""A button that hands out what is on screen as one file, made when it is pressed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from mtlviz.ui.component.drawn import listen
from mtlviz.ui.component.take_home import LARGEST, Piece, page
from mtlviz.ui.core import link, session
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


def take_pictures_home(name: str, title: str, sentences: Sequence[str]) -> None:
    """Offer every picture that the page has drawn, as it stands there, as one HTML file.

    Args:
        name: What the page or view is called in links, also the stem of the file.
        title: What the file is called.
        sentences: What the page says, as Markdown.
    """
    drawn = _drawn()
    # Asked for when it is pressed: what is drawn below, or anew by a part of the page, is in it.
    take_home(name, title, sentences, lambda: list(drawn.values()))


def _drawn() -> dict[str, Piece]:
    """By key: what a part of the page draws anew takes the place of what it drew before."""
    return session.remember(session.DRAWN, {})  # type: ignore[return-value]


def _note(component: str, key: str, data: Mapping[str, Any]) -> None:
    # Nobody answers an edit there; the note below arrows says how to make one.
    still = {"editable": False, **({"note": ""} if component == "arrows" else {})}
    _drawn()[key] = Piece(component, {**data, **still})


listen(_note)
