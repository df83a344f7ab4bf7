"""Which two controls and which arm the transfer map is about."""

from collections.abc import Callable

import streamlit as st

from mtlviz.toy.config import CONTROLS, ToyConfig
from mtlviz.toy.layout import Arm, all_arms, arm_name
from mtlviz.toy.map import DIRECTION, map_keys
from mtlviz.toy.presets import PRESETS
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
    names = [arm_name(arm) for arm in partners]
    defaults = _defaults(config, target)
    columns = st.columns(3)
    with columns[0]:
        across = _choice("map_across", "Across", keys, defaults["map_across"], axis_title)
    with columns[1]:
        up = _choice("map_up", "Up", keys, defaults["map_up"], axis_title)
    with columns[2]:
        arm = _choice("map_arm", "Trained together", names, defaults["map_arm"], _arm_title)
    chosen = {"map_across": across, "map_up": up, "map_arm": arm}
    state.set_map_link({k: v for k, v in chosen.items() if v != defaults[k]})
    return across, up, partners[names.index(arm)]


def _defaults(config: ToyConfig, target: int) -> dict[str, str]:
    """What the story's own map is about, else the last task's cloud and boundary, as a pair."""
    keys = map_keys(config)
    story = PRESETS[state.toy_preset()].map
    if story is not None and target in story[2] and {story[0], story[1]} <= set(keys):
        return {"map_up": story[0], "map_across": story[1], "map_arm": arm_name(story[2])}
    last = len(config.tasks)
    other = last - 1 if target != last - 1 else last - 2
    places = {"map_across": f"t{last}.{DIRECTION}", "map_up": f"t{last}.angle"}
    # A table has no clouds to move: then the first two controls that can be an axis.
    across, up = (places[name] if places[name] in keys else keys[place]
                  for place, name in enumerate(("map_across", "map_up")))  # fmt: skip
    pair = arm_name(tuple(sorted((target, other))))
    return {"map_across": across, "map_up": up, "map_arm": pair}


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
