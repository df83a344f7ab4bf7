"""The stored study or run that a view shows: the link's, or the newest."""

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mtlviz.runs.recorded_runs import Opened
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import link
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.recorded import mark, places
from mtlviz.ui.pages.capacity.settings import SHOWN


def look_at(found: Opened) -> None:
    """Look at an example that was opened."""
    SHOWN.apply(places(found)["capacity"])


def row() -> DeltaGenerator:
    """The line in which stands what is shown, and how."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def labels() -> str:
    """Whether the controls in that line have labels: in a lecture room the picture needs the room.

    There a control's help and what it shows say what it is.
    """
    return "collapsed" if link.lecture() else "visible"


def chosen(path: str, names: Mapping[int, str], missing: str, line: DeltaGenerator) -> int:
    """The number of the link or the newest, chosen in a list; one not there is said once.

    Args:
        path: Which setting of what is shown holds the number.
        names: What can be shown, the newest first, at least one.
        missing: What is said of a number that cannot; `{}` stands for it.
        line: Where the list stands.
    """
    number, newest = SHOWN.now.value_at(path), next(iter(names))
    if number not in names:
        if number is not None:
            st.warning(missing.format(number))
        SHOWN.change(**{path: newest})
    choices = {each: f"{each} · {name}" for each, name in names.items()}
    with line:
        control(SHOWN, path, choices=choices, label_visibility=labels())
    return SHOWN.now.value_at(path) or newest


def told_recorded(runs: Sequence[RunSummary]) -> None:
    """Where recorded runs came from; nothing of runs of this machine."""
    if runs and (told := mark(runs[0])):
        st.caption(told)
