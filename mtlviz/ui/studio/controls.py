"""The Studio's controls in their three groups; each says what is wrong with it where it stands."""

from collections.abc import Callable

import streamlit as st
from pydantic.fields import FieldInfo

from mtlviz.engine.choices import check_choices
from mtlviz.engine.config import RunConfig, fields
from mtlviz.engine.presets import preset
from mtlviz.errors import ConfigError
from mtlviz.ui import state
from mtlviz.ui.controls import GROUPS
from mtlviz.ui.studio.choices import METHODS
from mtlviz.ui.studio.options import method_options
from mtlviz.ui.studio.summary import value_at

FIELDS = dict(fields())
_LABELS = {
    "data.batch_size": "Batch size",
    "data.max_length": "Longest input",
    "data.drop_leaked": "Drop leaked examples",
    "capacity.encoder": "Encoder",
    "capacity.width": "Width (capacity)",
    "capacity.depth": "Layers",
    "capacity.dropout": "Dropout",
    "capacity.checkpoint": "Pretrained encoder",
    "capacity.frozen_layers": "Frozen layers",
    "capacity.sharing": "Sharing",
    "optimisation.scheduler": "Scheduler",
    "optimisation.weighting": "Weighting",
    "optimisation.combiner": "Combiner",
    "optimisation.epochs": "Epochs",
    "optimisation.learning_rate": "Learning rate",
    "seed": "Seed",
}
_PRETRAINED = ("capacity.checkpoint", "capacity.frozen_layers")
_OWN = ("capacity.width", "capacity.depth", "capacity.dropout")


def places(config: RunConfig, group: str) -> list[str]:
    """The settings a group shows; those of another encoder are left out."""
    if group == "Data":
        return ["data.batch_size", "data.max_length", "data.drop_leaked"]
    if group == "Capacity":
        own = _PRETRAINED if config.capacity.encoder == "checkpoint" else _OWN
        return ["capacity.encoder", *own, "capacity.sharing"]
    methods = ["optimisation.scheduler", "optimisation.weighting", "optimisation.combiner"]
    return [*methods, "optimisation.epochs", "optimisation.learning_rate", "seed"]


def studio_controls() -> None:
    """All controls, grouped as everywhere in the app."""
    config = state.studio_config()
    for group, meaning in GROUPS.items():
        with st.expander(
            f"**{group}** · {meaning}", expanded=group != "Capacity" or group in problems(config)
        ):
            if group == "Data":
                _tasks(config)
            for place in places(config, group):
                _control(config, place)
            if sentence := problems(config).get(group):
                st.error(sentence)


def problems(config: RunConfig) -> dict[str, str]:
    """What is wrong with the methods chosen, one sentence for the group where it stands."""
    found = {}
    if config.capacity.encoder == "checkpoint" and not config.capacity.checkpoint:
        found["Capacity"] = "The pretrained encoder needs a hub name or a folder."
    try:
        check_choices(config)
    except ConfigError as error:
        found["Optimisation"] = str(error)
    return found


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


def _changed(place: str) -> None:
    # Options belong to the method: another one begins with its own.
    options = {f"{place}_options": {}} if place in METHODS and place != "capacity.encoder" else {}
    if place == "optimisation.weighting" and state.widget(widget_key(place)) == "manual":
        options[f"{place}_options"] = {"values": [1.0] * len(state.studio_config().data.tasks)}
    change(place, state.widget(widget_key(place)), also=options)


def _control(config: RunConfig, place: str) -> None:
    """One control, the help of its method, and what is wrong with what was just entered."""
    key, field = widget_key(place), FIELDS[place]
    value = value_at(config, place)
    state.set_widget(key, value)
    common = {"key": key, "help": field.description or "", "on_change": _changed, "args": (place,)}
    if place in METHODS:
        st.selectbox(_LABELS[place], list(METHODS[place]), format_func=_shown, **common)
        st.caption(METHODS[place][str(value)])
        method_options(config, place, change)
    else:
        _plain(_LABELS[place], value, field)(**common)
    if sentence := state.take(f"problem.{place}"):
        st.error(str(sentence))


def _shown(name: str) -> str:
    return name.replace("_", " ")


def _plain(label: str, value: object, field: FieldInfo) -> Callable[..., object]:
    """A widget for a switch, a text or a number."""
    if isinstance(value, bool):
        return lambda **common: st.toggle(label, **common)
    if isinstance(value, str):
        return lambda **common: st.text_input(label, **common)
    number = type(value)
    low, high = (_bound(field, names) for names in (("ge", "gt"), ("le", "lt")))
    if number is int:
        limits = {
            "min_value": None if low is None else int(low),
            "max_value": None if high is None else int(high),
        }
        return lambda **common: st.number_input(label, step=1, **limits, **common)
    # The ends of a learning rate are for the settings to judge: an open end is no widget's.
    return lambda **common: st.number_input(
        label, step=_step(float(str(value))), format="%g", **common
    )


def _bound(field: FieldInfo, names: tuple[str, ...]) -> float | None:
    found = [getattr(rule, name, None) for rule in field.metadata for name in names]
    return next((bound for bound in found if bound is not None), None)


def _step(value: float) -> float:
    """A tenth of a number's own size, so that small learning rates can be stepped through."""
    return float(f"{value:.0e}") / 10 if value > 0 else 0.1


def _tasks(config: RunConfig) -> None:
    """Which tasks of the experiment take part."""
    key = "studio.tasks"
    names = [task.name for task in preset(state.studio_preset()).data.tasks]
    state.set_widget(key, [task.name for task in config.data.tasks])
    st.pills(
        "Tasks",
        names,
        selection_mode="multi",
        key=key,
        on_change=_take_tasks,
        help="Leave some out to see what they give and take.",
    )
    if sentence := state.take("problem.tasks"):
        st.error(str(sentence))


def _take_tasks() -> None:
    chosen = state.widget("studio.tasks")
    if not chosen:
        state.put("problem.tasks", "A run needs at least one task.")
        return
    every = preset(state.studio_preset()).data.tasks
    kept = [task.model_dump(mode="json") for task in every if task.name in list(chosen)]
    options = state.studio_config().optimisation.weighting_options
    also: dict[str, object] = {}
    if state.studio_config().optimisation.weighting == "manual":
        also["optimisation.weighting_options"] = {**options, "values": [1.0] * len(kept)}
    change("data.tasks", kept, also=also)
