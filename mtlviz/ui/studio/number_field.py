"""A field for a number that keeps to what it was given when somebody empties it."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from mtlviz.ui import state


def number(
    label: str,
    *,
    key: str,
    on_change: Callable[..., object],
    args: tuple[object, ...] = (),
    may_be_none: bool = False,
    **given: Any,
) -> None:
    """Draw a field for a number; the session says what it shows.

    Emptied, it becomes none where that is allowed and shows its number again elsewhere. If it had a
    default of its own, the browser would put that in: the least number allowed, one update say.

    Args:
        label: What stands above it.
        key: Its name in the session.
        on_change: Called after another number was entered.
        args: What it is called with.
        may_be_none: Whether no number is a value as well.
        given: What else Streamlit's field takes.
    """

    def entered() -> None:
        if may_be_none or state.widget(key) is not None:
            on_change(*args)

    placeholder = "none" if may_be_none else None
    st.number_input(label, value=None, key=key, on_change=entered, placeholder=placeholder, **given)
