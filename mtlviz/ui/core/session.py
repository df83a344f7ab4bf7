"""The only file that touches the session: named pieces that a page keeps for its visitor."""

import uuid

import streamlit as st


def widget(key: str) -> object:
    """The value a keyed widget has right now; for use in its own callback."""
    return st.session_state[key]


def set_widget(key: str, value: object) -> None:
    """Make a keyed widget show a value, before the widget is drawn in this run."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def remember(key: str, default: object) -> object:
    """A small piece of page state, with the default it starts from."""
    return st.session_state.setdefault(key, default)


def get(key: str) -> object:
    """A piece of page state that was put before."""
    return st.session_state[key]


def has(key: str) -> bool:
    """Whether such a piece was ever put."""
    return key in st.session_state


def put(key: str, value: object) -> None:
    """Set a small piece of page state."""
    st.session_state[key] = value


def take(key: str) -> object:
    """A piece of page state that is shown once: returned and forgotten."""
    return st.session_state.pop(key, None)


def component_event(key: str, name: str) -> dict | None:
    """What a browser component just reported under a name; for use in its callback."""
    found = st.session_state[key]
    return found.get(name) if found else None


def clicked(key: str) -> dict | None:
    """The point of a chart that was just clicked, read before the chart is drawn; or None."""
    found = st.session_state.get(key)
    return found.get("click") if found else None


def visitor() -> str:
    """A name for whoever looks at the page: another one in each browser tab."""
    name = st.session_state.get("visitor")
    if name is None:
        name = st.session_state["visitor"] = uuid.uuid4().hex
    return name
