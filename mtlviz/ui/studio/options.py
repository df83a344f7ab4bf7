"""Controls for the options of the scheduler, weighting and combiner chosen."""

from collections.abc import Callable, Mapping

import streamlit as st

from mtlviz.engine.choices import METHODS
from mtlviz.engine.config import RunConfig
from mtlviz.methods import Option
from mtlviz.ui import state
from mtlviz.ui.core.words import escaped
from mtlviz.ui.studio.number_field import number

Change = Callable[[str, object], None]


def method_options(config: RunConfig, place: str, change: Change) -> None:
    """Draw the options of the method at this place; changes go to `change(place, value)`.

    Options without a plain default (arrays) are the data's business and are not drawn, except the
    weights of the manual weighting, one a task.
    """
    if place not in METHODS:
        return
    group, _, kind = place.partition(".")
    chosen = getattr(config, group)
    name, given = getattr(chosen, kind), getattr(chosen, f"{kind}_options", {})
    if name == "manual":
        _weights(config, change)
    for option in METHODS[place][name].options:
        if isinstance(option.default, int | float | str):
            _option(f"{place}_options.{option.name}", option, given, change)


def _option(place: str, option: Option, given: Mapping[str, object], change: Change) -> None:
    """One option; a value that does not fit is not shown, its group says what is wrong with it."""
    key, value = f"studio.{place}", given.get(option.name, option.default)
    state.set_widget(key, value if option.fits(value) else option.default)
    common = {
        "key": key,
        "help": option.help or None,
        "on_change": lambda: change(place, state.widget(key)),
    }
    if option.choices:
        st.selectbox(option.title, option.choices, **common)
    elif option.kind == "word":
        st.text_input(option.title, **common)
    else:
        whole = option.kind == "integer"
        shown = {"step": 1} if whole else {"step": 0.1, "format": "%g"}
        number(option.title, **shown, **common)
    if sentence := state.take(f"problem.{place}"):
        st.error(str(sentence))


def _weights(config: RunConfig, change: Change) -> None:
    """The manual weights, one a task."""
    place = "optimisation.weighting_options.values"
    tasks, given = config.data.tasks, config.optimisation.weighting_options.get("values")
    fits = isinstance(given, list | tuple) and len(given) == len(tasks)
    for task, weight in zip(tasks, given if fits else [1.0] * len(tasks), strict=True):
        key = f"studio.weight.{task.name}"
        state.set_widget(key, float(weight))
        number(
            f"Weight of {escaped(task.name)}",
            min_value=0.0,
            step=0.1,
            format="%g",
            key=key,
            on_change=lambda: change(place, _all_weights()),
            help="What this task's loss is multiplied by.",
        )


def _all_weights() -> list[object]:
    tasks = state.studio_config().data.tasks
    return [state.widget(f"studio.weight.{task.name}") for task in tasks]
