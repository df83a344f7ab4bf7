"""The parts of a page that the browser draws by itself: each is declared once, by its name."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

# Plotly puts its style sheet into the page, so the chart cannot live in a shadow root.
_OTHERWISE: Mapping[str, Mapping[str, Any]] = {
    "chart": {"isolate_styles": False},
    "chart_library": {"css": "chart.css"},
    "stepper": {"css": "film.css"},
}


@cache
def component(name: str) -> ComponentRenderer:
    """The component of this name, declared on first use: its files are found only in a running app.

    Args:
        name: That of its script and style.
    """
    files = {"css": f"{name}.css", "js": f"{name}.js"}
    return st.components.v2.component(f"mtlviz.{name}", **files | _OTHERWISE.get(name, {}))


def ignored() -> None:
    """Does nothing; Streamlit reports only values that have a callback."""
