"""The Studio's controls in their three groups; each says what is wrong with it where it stands."""

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.ui import state
from mtlviz.ui.controls import GROUPS
from mtlviz.ui.studio import data, problems, repeats
from mtlviz.ui.studio.places import RECORDING, more_places, places
from mtlviz.ui.studio.widgets import control


def studio_controls() -> None:
    """All controls, grouped as everywhere in the app, less those the link hides."""
    config = state.studio_config()
    wrong = problems.problems(config)
    for group, meaning in GROUPS.items():
        if state.is_hidden(group):
            continue
        is_open = group != "Capacity" or group in wrong
        with st.expander(f"**{group}** · {meaning}", expanded=is_open):
            _group(config, group)
            if sentence := wrong.get(group):
                st.error(sentence)


def _group(config: RunConfig, group: str) -> None:
    """The controls of one group, rarely used ones behind one more click."""
    if group == "Data":
        data.tasks(config)
    for place in places(config, group):
        control(config, place)
    if group == "Capacity" and (sentence := problems.note(config)):
        st.info(sentence)
    if group == "Data":
        data.leakage(config)
    if group == "Optimisation":
        repeats.repeats(config)
    _more("More", more_places(config, group), config)
    if group == "Optimisation":
        _more("Recording", list(RECORDING), config)


def _more(title: str, chosen: list[str], config: RunConfig) -> None:
    with st.expander(title):
        for place in chosen:
            control(config, place)
