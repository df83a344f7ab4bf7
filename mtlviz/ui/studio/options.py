"""Controls for the options of the scheduler, weighting and combiner chosen."""

from collections.abc import Callable

import streamlit as st

from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.config import RunConfig
from mtlviz.engine.schedulers import SCHEDULERS, allowed, option_help
from mtlviz.engine.schedulers import options as options_of
from mtlviz.engine.weightings import WEIGHTINGS
from mtlviz.ui import state

Change = Callable[[str, object], None]
_REGISTRIES = {
    "optimisation.scheduler": SCHEDULERS,
    "optimisation.weighting": WEIGHTINGS,
    "optimisation.combiner": COMBINERS,
}


def method_options(config: RunConfig, place: str, change: Change) -> None:
    """Draw the options of the method at this place; changes go to `change(place, value)`.

    Options without a plain default (arrays) are the data's business and are not drawn, except the
    weights of the manual weighting, one a task.
    """
    if place not in _REGISTRIES:
        return
    kind = place.removeprefix("optimisation.")
    name = getattr(config.optimisation, kind)
    given = getattr(config.optimisation, f"{kind}_options")
    if name == "manual":
        _weights(config, change)
    method = _REGISTRIES[place][name]
    for option, default in options_of(method).items():
        if isinstance(default, int | float | str):
            value = given.get(option, default)
            _option(f"{place}_options.{option}", method, option, value, change)


def _option(
    place: str, method: Callable[..., object], option: str, value: object, change: Change
) -> None:
    key = f"studio.{place}"
    state.set_widget(key, value)
    label = option.replace("_", " ").capitalize()
    common = {
        "key": key,
        "help": option_help(method, option) or None,
        "on_change": lambda: change(place, state.widget(key)),
    }
    if choices := allowed(method, option):
        st.selectbox(label, choices, **common)
    elif isinstance(value, str):
        st.text_input(label, **common)
    else:
        step = 1 if isinstance(value, int) else 0.1
        shown = {} if isinstance(value, int) else {"format": "%g"}
        st.number_input(label, step=step, **shown, **common)
    if sentence := state.take(f"problem.{place}"):
        st.error(str(sentence))


def _weights(config: RunConfig, change: Change) -> None:
    """The manual weights, one a task."""
    place = "optimisation.weighting_options.values"
    for task, weight in zip(
        config.data.tasks, config.optimisation.weighting_options["values"], strict=True
    ):
        key = f"studio.weight.{task.name}"
        state.set_widget(key, float(weight))
        st.number_input(
            f"Weight of {task.name}",
            min_value=0.0,
            step=0.1,
            format="%g",
            key=key,
            on_change=lambda: change(
                place,
                [state.widget(f"studio.weight.{each.name}") for each in state.studio_config().data.tasks],
            ),
            help="What this task's loss is multiplied by.",
        )
