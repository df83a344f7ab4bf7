"""How the curves of a run are drawn: what lies across, how far they are smoothed."""

import streamlit as st

from mtlviz.ui.core import session
from mtlviz.ui.run.axes import NAMES
from mtlviz.ui.state import run as chosen


def curve_controls() -> None:
    """What lies across under all curves, and the reach of their running average."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        session.set_widget("run.across", chosen.axis())
        st.segmented_control(
            "Across",
            list(NAMES),
            key="run.across",
            required=True,
            format_func=NAMES.get,
            on_change=lambda: chosen.set_axis(str(session.widget("run.across"))),
            help="Updates count steps of the shared weights. Epochs count passes over the data. "
            "Time counts the work alone: pauses between two sittings of a run are left out.",
        )
        low, high = chosen.SMOOTHING
        session.set_widget("run.averaged", chosen.smoothing())
        st.slider(
            "Smoothing",
            low,
            high,
            step=5,
            key="run.averaged",
            on_change=lambda: chosen.set_smoothing(int(str(session.widget("run.averaged")))),
            help="How many updates back the running average reaches. It never looks ahead, so it "
            "lags behind a change by about as many. 0 shows the curves as measured.",
            width=260,
        )
