"""Widgets of the toy, made from its one table of controls and grouped as everywhere in the app."""

import streamlit as st

from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.errors import MtlvizError
from mtlviz.figures.theme import task_look
from mtlviz.toy.config import Control, ToyConfig, controls_of, get, replace
from mtlviz.ui import state

GROUPS = {
    "Data": "What the tasks bring.",
    "Capacity": "What the tasks share.",
    "Optimisation": "Who moves the shared weights, and when.",
}
_SLIDER_STEPS = 400
_REGISTRIES = {"scheduler": SCHEDULERS, "combiner": COMBINERS}


def widget_key(key: str) -> str:
    """The key under which a control's widget lives in the session."""
    return f"toy.{key}"


def _changed(key: str) -> None:
    try:
        state.set_toy(replace(state.toy(), {key: state.widget(widget_key(key))}))
    except MtlvizError as error:
        state.put("toy.problem", str(error))


def _shown_name(choice: str) -> str:
    return choice.replace("_", " ")


def _draw(control: Control, config: ToyConfig) -> None:
    """Draw one control, showing the value it has now."""
    key = widget_key(control.key)
    value = get(config, control.key)
    state.set_widget(key, value)
    title = f"{control.title} ({control.unit})" if control.unit else control.title
    common = {"key": key, "help": control.help, "on_change": _changed, "args": (control.key,)}
    if control.kind == "choice":
        st.selectbox(title, control.choices, format_func=_shown_name, **common)
        if control.key in _REGISTRIES:
            st.caption(_REGISTRIES[control.key][str(value)].help)
    elif _fits_a_slider(control):
        number = int if control.kind == "int" else float
        low, high, step = (number(v) for v in (control.low, control.high, control.step))
        st.slider(title, low, high, step=step, format="%g", **common)
    else:
        number = int if control.kind == "int" else float
        bounds = {"min_value": control.low, "max_value": control.high, "step": control.step}
        given = {name: number(v) for name, v in bounds.items() if v is not None}
        st.number_input(title, **given, **common)


def _fits_a_slider(control: Control) -> bool:
    """Whether a slider can reach every value: it has both ends and not too many steps."""
    if control.low is None or control.high is None or control.step is None:
        return False
    return (control.high - control.low) / control.step <= _SLIDER_STEPS


def _is_hidden(control: Control) -> bool:
    return bool({control.key, control.group, control.group.lower()} & state.hidden())


def _chosen_task(config: ToyConfig) -> int:
    """Pick the task whose points and boundary are being set."""
    names = list(range(len(config.tasks)))
    shown = st.segmented_control(
        "Task to change",
        names,
        default=0,
        required=True,
        key="toy.chosen_task",
        format_func=lambda index: f"{task_symbol(index)} {index + 1}",
        help="The sliders below belong to this task. You can also drag its handles in the picture.",
    )
    return min(int(shown or 0), len(names) - 1)


def task_symbol(index: int) -> str:
    """The task's marker as a character, so that it is told apart without colour."""
    symbols = {"circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "cross": "✚"}
    return symbols[task_look(index).marker]


def toy_controls(config: ToyConfig) -> None:
    """All controls of the toy in their three groups, less those the link hides."""
    for group, meaning in GROUPS.items():
        shown = [
            control
            for control in controls_of(config).values()
            if control.group == group and not _is_hidden(control)
        ]
        if not shown:
            continue
        with st.expander(f"**{group}** · {meaning}", expanded=group == "Data"):
            if any(control.task is not None for control in shown):
                task = _chosen_task(config)
                shown = [control for control in shown if control.task in (None, task)]
            for control in shown:
                _draw(control, config)
