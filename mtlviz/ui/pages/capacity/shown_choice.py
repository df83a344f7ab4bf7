"""The stored study or run that a view shows: the link's, or the newest."""

from collections.abc import Mapping

import streamlit as st

from mtlviz.runs.recorded_runs import Opened
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.recorded import places
from mtlviz.ui.pages.capacity.settings import SHOWN


def look_at(found: Opened) -> None:
    """Look at an example that was opened."""
    SHOWN.apply(places(found)["capacity"])


def chosen(path: str, names: Mapping[int, str], missing: str) -> int:
    """The number of the link or the newest, chosen in a list; one not there is said once.

    Args:
        path: Which setting of what is shown holds the number.
        names: What can be shown, the newest first, at least one.
        missing: What is said of a number that cannot; `{}` stands for it.
    """
    number, newest = SHOWN.now.value_at(path), next(iter(names))
    if number not in names:
        if number is not None:
            st.warning(missing.format(number))
        SHOWN.change(**{path: newest})
    control(SHOWN, path, choices={each: f"{each} · {name}" for each, name in names.items()})
    return SHOWN.now.value_at(path) or newest
