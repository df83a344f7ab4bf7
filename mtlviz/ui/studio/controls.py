"""The Studio's controls in their three groups; each says what is wrong with it where it stands."""

from collections.abc import Iterable
from functools import partial

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.settings import GROUPS
from mtlviz.ui import state
from mtlviz.ui.studio import data, problems, repeats
from mtlviz.ui.studio.folding import folded, unfold
from mtlviz.ui.studio.places import RECORDING, more_places, places
from mtlviz.ui.studio.widgets import control


def studio_controls() -> None:
    """All controls, grouped as everywhere in the app, less those the link hides."""
    config = state.studio_config()
    wrong = problems.problems(config)
    for group, meaning in GROUPS.items():
        if state.is_hidden(group):
            continue
        if group in wrong:
            unfold(group)
        draw = partial(_group, config, group, wrong.get(group, ""))
        folded(f"**{group}** · {meaning}", group, draw, partial(bool, group != "Capacity"))


def _group(config: RunConfig, group: str, wrong: str) -> None:
    """The controls of one group, rarely used ones behind one more click, and what is wrong."""
    if group == "Data":
        data.tasks(config)
    _controls(config, places(config, group))
    if group == "Capacity" and (sentence := problems.note(config)):
        st.info(sentence)
    if group == "Data":
        data.leakage(config)
    if group == "Optimisation":
        repeats.repeats(config)
    folded("More", f"{group}.more", lambda: _controls(config, more_places(config, group)))
    if group == "Optimisation":
        folded("Recording", "recording", lambda: _controls(config, RECORDING))
    if wrong:
        st.error(wrong)


def _controls(config: RunConfig, chosen: Iterable[str]) -> None:
    for place in chosen:
        control(config, place)
