"""Which two controls and which arm the transfer map is about."""

from collections.abc import Callable

import streamlit as st

from mtlviz.toy.config import CONTROLS, ToyConfig
from mtlviz.toy.layout import Arm, all_arms, arm_name
from mtlviz.toy.map import DIRECTION, map_keys
from mtlviz.ui import state


def axis_title(key: str) -> str:
    """Name of a control as an axis: `Task 3: cloud direction (°)`."""
    task, _, name = key.partition(".")
    if name == DIRECTION:
        return f"Task {task.removeprefix('t')}: where its cloud lies (°)"
    control = CONTROLS.get(key)
    if control is None:
        return key.replace(".", ": ").replace("_", " ")
    unit = f" ({control.unit})" if control.unit == "°" else ""
    return control.label + unit


def choose(config: ToyConfig, target: int) -> tuple[str, str, Arm]:
    """The controls across and up, and the tasks trained together."""
    keys = list(map_keys(config))
    partners = [arm for arm in all_arms(len(config.tasks)) if target in arm and len(arm) > 1]
    last = len(config.tasks)
    columns = st.columns(3)
    with columns[0]:
        across = _choice("map_across", "Across", keys, f"t{last}.{DIRECTION}", axis_title)
    with columns[1]:
        up = _choice("map_up", "Up", keys, f"t{last}.angle", axis_title)
    with columns[2]:
        names = [arm_name(arm) for arm in partners]
        pair = arm_name(partners[min(len(partners), last - 1) - 1])
        arm = _choice("map_arm", "Trained together", names, pair, _arm_title)
    chosen = {"map_across": across, "map_up": up, "map_arm": arm}
    defaults = {"map_across": f"t{last}.{DIRECTION}", "map_up": f"t{last}.angle",
                "map_arm": pair}  # fmt: skip
    state.set_map_link({k: v for k, v in chosen.items() if v != defaults[k]})
    return across, up, partners[names.index(arm)]


_HELP = {
    "map_across": "The control along the horizontal axis.",
    "map_up": "The control along the vertical axis.",
    "map_arm": "Compared with training the task alone.",
}


def _choice(
    name: str, label: str, options: list[str], default: str, shown: Callable[[str], str]
) -> str:
    """One of the map's choices, starting from the link's where it is possible."""
    linked = state.map_link().get(name, default)
    start = linked if linked in options else default
    return st.selectbox(
        label, options, index=options.index(start), key=f"toy.{name}",
        format_func=shown, help=_HELP[name],
    )  # fmt: skip


def _arm_title(name: str) -> str:
    return f"tasks {name.replace('+', ' + ')}"
