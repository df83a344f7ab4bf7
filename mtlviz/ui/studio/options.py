"""Controls for the options of the scheduler, weighting and combiner chosen."""

from collections.abc import Callable

import streamlit as st

from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.config import RunConfig
from mtlviz.engine.schedulers import SCHEDULERS, allowed, option_help
from mtlviz.engine.schedulers import options as options_of
from mtlviz.engine.weightings import WEIGHTINGS
from mtlviz.ui import state
from mtlviz.ui.core.words import escaped
from mtlviz.ui.studio.choices import VARIANTS, WITH_VARIANT
from mtlviz.ui.studio.number_field import number

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
    if place == "capacity.sharing" and config.capacity.sharing in WITH_VARIANT:
        _variant(config, change)
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
        number(label, step=step, **shown, **common)
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


def _variant(config: RunConfig, change: Change) -> None:
    """Whether the shared encoder trains beside what the sharing gives to each task."""
    place = "capacity.sharing_options.variant"
    key = f"studio.{place}"
    state.set_widget(key, config.capacity.sharing_options.get("variant", "joint"))
    st.selectbox(
        "Shared encoder",
        list(VARIANTS),
        format_func=lambda name: VARIANTS[name],
        key=key,
        on_change=lambda: change(place, state.widget(key)),
        help="The algorithm as it is written keeps the shared encoder and trains each task's part.",
    )
