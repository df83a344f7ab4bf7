"""The only file that touches the session: named pieces that a page keeps for its visitor."""

import math
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

PIECES = "mtlviz"
"""Where the session keeps what belongs to no widget."""

DRAWN = "take_home:drawn"
"""The piece that holds what the page has drawn so far."""
_KEPT = "mtlviz_pieces"
_REPLACED = "session:replaced"
_MOMENT = 0.7  # Seconds in which a browser may still show what it showed before, and no hand acts.
_APART: ContextVar[dict[str, object] | None] = ContextVar("apart", default=None)


def widget(key: str) -> object:
    """The value a keyed widget has right now; for use in its own callback."""
    return st.session_state[key]


def set_widget(key: str, value: object) -> None:
    """Make a keyed widget show a value, before the widget is drawn in this run.

    The widget has to be drawn with `persist_state="session"`, a table with `selection_default`.
    The browser is told a value once, and a click can come before it has drawn the widget: with
    that it is told again as long as it sends nothing of the widget; else it would show a blank,
    and send it. Where it still shows an earlier value, it sends that one: see `sent_late`.
    """
    if key not in st.session_state or st.session_state[key] != value:
        if key in st.session_state:
            replaced: dict = remember(_REPLACED, {})  # type: ignore[assignment]
            replaced[key] = (st.session_state[key], time.monotonic())
        st.session_state[key] = value


def sent_late(key: str) -> bool:
    """Whether a widget's value is the one that was replaced a moment ago.

    Nobody chose it then: a click elsewhere came before the browser had drawn the new one, and a
    click sends what every widget shows.
    """
    replaced: dict = remember(_REPLACED, {})  # type: ignore[assignment]
    before, when = replaced.get(key, (None, -math.inf))
    return time.monotonic() - when < _MOMENT and widget(key) == before


def when_chosen(key: str, then: Callable[[Any], object]) -> Callable[[], None]:
    """What a widget calls on a change: `then` with its value, unless that was sent late."""

    def changed() -> None:
        if not sent_late(key):
            then(widget(key))

    return changed


def set_to_first(key: str, choices: Sequence[object]) -> None:
    """Make a keyed widget show the first of its choices, unless it shows one of them already."""
    if key not in st.session_state or st.session_state[key] not in choices:
        st.session_state[key] = choices[0]


def has_widget(key: str) -> bool:
    """Whether a keyed widget has a value yet."""
    return key in st.session_state


def remember(key: str, default: object) -> object:
    """A small piece of page state, with the default it starts from."""
    return _pieces().setdefault(key, default)


def get(key: str) -> object:
    """A piece of page state that was put before."""
    return _pieces()[key]


def has(key: str) -> bool:
    """Whether such a piece was ever put."""
    return key in _pieces()


def put(key: str, value: object) -> None:
    """Set a small piece of page state."""
    _pieces()[key] = value


def take(key: str) -> object:
    """A piece of page state that is shown once: returned and forgotten."""
    return _pieces().pop(key, None)


def edit(key: str) -> dict | None:
    """What a hand just did in a picture; for use in its callback, which has to ask once."""
    found = st.session_state[key]
    edit = found.get("edit") if found else None
    if edit is not None:
        number = edit.get("number")
        put(f"answers:{key}", number if isinstance(number, int) else 0)
    return edit


def last_edit(key: str) -> int:
    """The number of the last edit that a picture's data knows of; 0 for none.

    The browser numbers what a hand does, and takes no data older than the last of it.
    """
    return int(str(remember(f"answers:{key}", 0)))


def clicked(key: str) -> dict | None:
    """The point of a chart that was just clicked, read before the chart is drawn; or None."""
    found = st.session_state.get(key)
    return found.get("click") if found else None


@contextmanager
def apart() -> Iterator[None]:
    """Pieces of nobody's, forgotten at the end; a visitor's own stay as they are."""
    before = _APART.set({})
    try:
        yield
    finally:
        _APART.reset(before)


def visitor() -> str:
    """A name for whoever looks at the page: another one in each browser tab."""
    pieces = _pieces()
    if "visitor" not in pieces:
        pieces["visitor"] = uuid.uuid4().hex
    return str(pieces["visitor"])


def _pieces() -> dict[str, object]:
    """All pieces: one entry of the session, for Streamlit walks over every entry at every run.

    A run of the script asks the session for it once: it is looked at a hundred times.
    """
    found = _APART.get()
    if found is not None:
        return found
    run = get_script_run_ctx(suppress_warning=True)
    if run is None or run.script_requests is None:
        return st.session_state.setdefault(PIECES, {})
    kept = getattr(run, _KEPT, None)
    if kept is None:
        kept = st.session_state.setdefault(PIECES, {})
        setattr(run, _KEPT, kept)
    return kept
