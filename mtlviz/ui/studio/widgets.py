"""One widget per setting: what kind of value it takes decides which."""

from collections.abc import Callable
from typing import Any, get_args

import streamlit as st
from pydantic.fields import FieldInfo

from mtlviz.engine.choices import METHODS
from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.errors import ConfigError
from mtlviz.ui import state
from mtlviz.ui.studio.number_field import number
from mtlviz.ui.studio.options import method_options
from mtlviz.ui.studio.places import FIELDS, LABELS, general, value_at


def widget_key(place: str) -> str:
    """The key under which a setting's widget lives in the session."""
    return f"studio.{place}"


def change(place: str, value: object, *, also: dict[str, object] | None = None) -> None:
    """Change a setting, or keep the sentence that says why not."""
    try:
        config = state.studio_config().changed(place, value)
        for other, given in (also or {}).items():
            config = config.changed(other, given)
        state.set_studio(config)
    except ConfigError as error:
        state.put(f"problem.{place}", str(error))


def control(config: RunConfig, place: str) -> None:
    """One control, the help of its method, and what is wrong with what was just entered."""
    if state.is_hidden(widget_key(place), place):
        return
    key, field, value = widget_key(place), FIELDS[general(place)], value_at(config, place)
    state.set_widget(key, value)
    common = {"key": key, "help": field.description or "", "on_change": _changed, "args": (place,)}
    label = LABELS[general(place)]
    if place in METHODS:
        st.selectbox(label, list(METHODS[place]), format_func=shown, **common)
        st.caption(METHODS[place][str(value)].help)
        method_options(config, place, change)
    else:
        _plain(config, place, label, value, field)(**common)
    show_problem(place)


def show_problem(place: str) -> None:
    """The sentence on what was just entered here and could not be used, once."""
    if sentence := state.take(f"problem.{place}"):
        st.error(str(sentence))


def shown(name: str) -> str:
    """A method's name as a person reads it."""
    return str(name).replace("_", " ")


def _changed(place: str) -> None:
    value = state.widget(widget_key(place))
    change(place, value, also=_with_it(place, value))


def _with_it(place: str, value: object) -> dict[str, object]:
    """What belongs to a method and begins anew with another one."""
    config = state.studio_config()
    if place == "capacity.encoder":
        known = ENCODERS[str(value)].method.poolings
        return {} if config.capacity.pooling in known else {"capacity.pooling": known[0]}
    if place not in METHODS:
        return {}
    is_manual = place == "optimisation.weighting" and value == "manual"
    options = {"values": [1.0] * len(config.data.tasks)} if is_manual else {}
    return {f"{place}_options": options}


def _plain(
    config: RunConfig, place: str, label: str, value: object, field: FieldInfo
) -> Callable[..., object]:
    """A widget for a switch, a choice, a text or a number that may be left out.

    What a number may be is for the settings to judge, which say so in a sentence: a field with ends
    of its own turns orange, says nothing and keeps the number to itself.
    """
    choices = _choices(config, place, field)
    if choices:
        return lambda **common: st.selectbox(label, choices, format_func=shown, **common)
    if field.annotation is bool:
        return lambda **common: st.toggle(label, **common)
    if field.annotation is str:
        return lambda **common: st.text_input(label, **common)
    kinds = get_args(field.annotation) or (field.annotation,)
    may_be_none = type(None) in kinds
    if int in kinds:
        return lambda **common: number(label, may_be_none=may_be_none, step=1, **common)
    return lambda **common: number(
        label, may_be_none=may_be_none, step=_step(value), format="%g", **common
    )


def _choices(config: RunConfig, place: str, field: FieldInfo) -> tuple[Any, ...]:
    """The values a setting is limited to, or none where it is free."""
    if place == "capacity.pooling":
        known = ENCODERS[config.capacity.encoder].method.poolings
        # A pooling that does not fit stays in sight with the sentence that says so.
        return known if config.capacity.pooling in known else (*known, config.capacity.pooling)
    values = get_args(field.annotation)
    return values if values and all(isinstance(value, str) for value in values) else ()


def _step(value: object) -> float:
    """A tenth of a number's own size, so that small learning rates can be stepped through."""
    number = float(value) if isinstance(value, int | float) else 0.0
    return float(f"{number:.0e}") / 10 if number > 0 else 0.1
