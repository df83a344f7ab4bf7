"""The Studio's controls in their three groups; each says what is wrong with it where it stands."""

from collections.abc import Iterable
from functools import partial

import streamlit as st

from mtlviz.engine.choices import METHODS, nothing_later, nothing_shared
from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.errors import ConfigError
from mtlviz.settings import GROUPS
from mtlviz.ui.core import controls, session
from mtlviz.ui.core.controls import group_title, option_control
from mtlviz.ui.core.link import is_hidden
from mtlviz.ui.core.page import folded, unfold
from mtlviz.ui.core.words import escaped, sentence
from mtlviz.ui.pages.studio import data, expected, problems
from mtlviz.ui.pages.studio.places import RECORDING, more_places, places
from mtlviz.ui.pages.studio.settings import REPEATS, RUN, change


def studio_controls() -> None:
    """All controls, grouped as everywhere in the app, less those the link hides."""
    config = RUN.now
    wrong = problems.problems(config)
    for group in GROUPS:
        if is_hidden(group):
            continue
        if group in wrong:
            unfold(f"studio.{group}")
        draw = partial(_group, config, group, wrong.get(group, ""))
        folded(group_title(group), f"studio.{group}", draw, group != "Capacity")


def _group(config: RunConfig, group: str, wrong: str) -> None:
    """The controls of one group, rarely used ones behind one more click, and what is wrong."""
    if group == "Data":
        data.tasks(config)
    _controls(places(config, group))
    if group == "Capacity" and (told := problems.note(config)):
        st.info(sentence(told))
    if group == "Data":
        data.leakage(config)
    if group == "Optimisation":
        controls.control(REPEATS, "seeds", look="field", key="studio.how_many")
        if len(config.data.tasks) > 1:
            controls.control(REPEATS, "alone", key="studio.train_alone")
    folded("More", f"studio.{group}.more", lambda: _controls(more_places(config, group)))
    if group == "Optimisation":
        folded("Recording", "studio.recording", lambda: _recording(config))
    if wrong:
        st.error(sentence(wrong))


def _recording(config: RunConfig) -> None:
    """What is recorded, and what the dearest of it costs."""
    _controls(RECORDING)
    if told := expected.recording(config, problems.facts(config)):
        st.caption(told)


def _controls(chosen: Iterable[str]) -> None:
    for place in chosen:
        control(place)


def control(place: str) -> None:
    """One control, and below a method its help and its options."""
    if place in METHODS:
        _method(place)
    elif place == "capacity.pooling":
        known = ENCODERS[RUN.now.capacity.encoder].method.poolings
        controls.control(RUN, place, choices={name: name for name in known})
    else:
        # What a number may be is for the settings to judge, which say so in a sentence: a field
        # with ends of its own turns orange, says nothing and keeps the number to itself.
        controls.control(RUN, place, look="field")


def _method(place: str) -> None:
    """The choice of a method, what it does, and its options."""
    if controls.is_hidden(RUN, RUN.control(place)):
        return
    if place == "optimisation.combiner" and (reason := _isolated(RUN.now)):
        st.info(reason)
        return
    titles = {name: METHODS[place][name].title for name in METHODS[place]}
    controls.control(RUN, place, choices=titles, changed=partial(_begin_anew, place))
    chosen = str(RUN.now.value_at(place))
    spec = METHODS[place][chosen]
    st.caption(spec.help)
    if place == "continual.method" and (reason := _acts_on_nothing(RUN.now)):
        st.info(reason)
    if chosen == "manual":
        _weights(RUN.now)
    for option in spec.options:
        if isinstance(option.default, int | float | str) or option.kind in ("integer", "number"):
            option_control(RUN, f"{place}_options", option)


def _isolated(config: RunConfig) -> str:
    """Why a combiner would have nothing to combine; empty if it has, or settings are wrong."""
    try:
        return nothing_shared(config) if len(config.data.tasks) > 1 else ""
    except ConfigError:
        return ""


def _acts_on_nothing(config: RunConfig) -> str:
    """Why a method against forgetting does nothing; empty if it acts, or settings are wrong."""
    try:
        return nothing_later(config)
    except ConfigError:
        return ""


def _begin_anew(place: str) -> None:
    """What belongs to a method begins anew with another one."""
    config = RUN.now
    if place == "capacity.encoder":
        known = ENCODERS[config.capacity.encoder].method.poolings
        if config.capacity.pooling not in known:
            change({"capacity.pooling": known[0]}, place)
        return
    is_manual = config.optimisation.weighting == "manual" and place == "optimisation.weighting"
    options = {"values": [1.0] * len(config.data.tasks)} if is_manual else {}
    change({f"{place}_options": options}, place)


def _weights(config: RunConfig) -> None:
    """The manual weights, one a task."""
    place = "optimisation.weighting_options.values"
    names = [task.name for task in config.data.tasks]
    given = config.optimisation.weighting_options.get("values")
    fits = isinstance(given, list | tuple) and len(given) == len(names)

    def take() -> None:
        values = [session.widget(f"studio.weight.{name}") for name in names]
        if None not in values:  # An emptied field keeps the number it had.
            change({place: values}, place)

    for name, weight in zip(names, given if fits else [1.0] * len(names), strict=True):
        key = f"studio.weight.{name}"
        session.set_widget(key, float(weight))
        st.number_input(
            f"Weight of {escaped(name)}",
            value=None,
            min_value=0.0,
            step=0.1,
            format="%g",
            key=key,
            persist_state="session",
            on_change=take,
            help="What this task's loss is multiplied by.",
        )
