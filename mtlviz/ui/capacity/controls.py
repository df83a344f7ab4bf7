"""The side bar of the capacity view, in the groups of every page."""

from collections.abc import Callable

import streamlit as st

from mtlviz.toy.capacity import KINDS, CapacityToyConfig
from mtlviz.ui.capacity.settings import MEASURED
from mtlviz.ui.capacity.widgets import bounds, common
from mtlviz.ui.controls import GROUPS
from mtlviz.ui.core import link
from mtlviz.ui.core.words import escaped
from mtlviz.ui.state import capacity as chosen

_DATA = ("tasks", "questions", "alike", "examples", "noise")
_OPTIMISATION = ("seeds", "seed")


def measured_on() -> None:
    """Choose between the toy and text."""
    st.segmented_control(
        "Measured on",
        list(MEASURED),
        required=True,
        format_func=MEASURED.get,
        **common(chosen.shown(), "measured"),
    )


def groups(parts: dict[str, Callable[[], None]]) -> None:
    """Groups of controls, less those the link hides; below them what could not be changed."""
    for group, draw in parts.items():
        if not link.is_hidden(group, f"capacity.{group.lower()}"):
            with st.expander(f"**{group}** · {GROUPS[group]}", expanded=True):
                draw()
    if problem := chosen.problem():
        st.error(escaped(problem))


def toy_controls() -> None:
    """The toy's controls. Its width is no control: it is the axis of the picture."""
    groups({"Data": _data, "Capacity": _capacity, "Optimisation": _optimisation})


def _data() -> None:
    for name in _DATA:
        _slider(name)


def _capacity() -> None:
    st.selectbox("Toy", list(KINDS), format_func=KINDS.get, **common(chosen.toy(), "kind"))
    st.caption("The width is the axis of the picture: every width is trained.")


def _optimisation() -> None:
    for name in _OPTIMISATION:
        _slider(name)


def _slider(name: str) -> None:
    field = CapacityToyConfig.model_fields[name]
    low, high = bounds(field)
    step = 0.05 if isinstance(low, float) else 1
    st.slider(field.title or name, low, high, step=step, **common(chosen.toy(), name))
