"""The transfer map: pick two controls, watch the map get finer, click a cell to load it."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mtlviz.errors import MtlvizError
from mtlviz.figures.transfer import transfer_map
from mtlviz.toy.axes import DIRECTION, axis_value, axis_values, map_keys, moved
from mtlviz.toy.config import CONTROLS, ToyConfig, to_json
from mtlviz.toy.layout import Arm, arm_name
from mtlviz.toy.map import MapPart
from mtlviz.toy.map import transfer_map as computed_map
from mtlviz.toy.presets import PRESETS
from mtlviz.ui.component import chart
from mtlviz.ui.core import session, work
from mtlviz.ui.core.controls import control, show_problem
from mtlviz.ui.core.page import Panel
from mtlviz.ui.pages.toy.settings import CURSOR, LOOKING, TOY, arms, target

_CELLS = 20
_SEEDS = 8
_PURPOSE, _SHOWN = "toy.map", "toy.map.shown"
_WHAT = (
    "Two controls at once: where does sharing turn from help to harm? "
    f"{_CELLS} × {_CELLS} settings, {_SEEDS} seeds each, in the background."
)
_AXES = ("map_across", "map_up", "map_arm")


@dataclass(frozen=True)
class _About:
    """What a map was computed for: the settings, the two axes with their values, arm and task."""

    config: ToyConfig
    up: tuple[str, tuple[float, ...]]
    across: tuple[str, tuple[float, ...]]
    arm: Arm
    target: int

    def at(self, config: ToyConfig, up: float, across: float) -> ToyConfig:
        """Settings with the two axes set."""
        return moved(config, {self.up[0]: up, self.across[0]: across})

    def covers(self, config: ToyConfig) -> bool:
        """Whether settings differ from the map's only along its axes, and in seeds."""
        try:
            corner = self.up[1][0], self.across[1][0]
            seeds = {"seeds": _SEEDS, "seed": self.config.seed}
            return self.at(config.with_values(seeds), *corner) == self.at(self.config, *corner)
        except MtlvizError:
            return False


def section(row: DeltaGenerator) -> None:
    """Choose two controls and an arm, compute in the background, show what there is so far.

    Args:
        row: Where the buttons go.
    """
    with row:
        with st.popover("Map of…", help=_WHAT):
            chosen = _choose()
        # Without a help: it would lie over the picture for as long as the pointer rests here.
        st.button(
            "Compute the map",
            key="toy.map.start",
            on_click=_start,
            args=(TOY.now, chosen, target()),
        )
    show_problem(LOOKING, "map")
    shown = session.remember(_SHOWN, None)
    if not isinstance(shown, tuple):
        st.caption(_WHAT)
        return
    job, about = shown
    work.live(lambda: _show(job, about), lambda: work.is_watched(job, _PURPOSE))


def _choose() -> dict[str, str]:
    """The controls across and up, and the name of the arm trained together."""
    names = {key: axis_title(key) for key in map_keys(TOY.now)}
    together = {name: f"tasks {name.replace('+', ' + ')}" for name in arms(target())}
    defaults, chosen = _defaults(TOY.now, target()), {}
    for name in _AXES:
        choices, linked = together if name == "map_arm" else names, LOOKING.now.value_at(name)
        chosen[name] = linked if linked in choices else defaults[name]
        control(LOOKING, name, choices=choices, value=chosen[name])
    return chosen


def axis_title(key: str) -> str:
    """Name of a control as an axis: `Task 3: where its cloud lies (°)`."""
    task, _, name = key.partition(".")
    if name == DIRECTION:
        return f"Task {task.removeprefix('t')}: where its cloud lies (°)"
    found = TOY.now.controls().get(key, CONTROLS.get(key))
    if found is None:
        return key.replace(".", ": ").replace("_", " ")
    return f"{found.title} (°)" if found.unit == "°" else found.title


def _defaults(config: ToyConfig, task: int) -> dict[str, str]:
    """What the story's own map is about, else the last task's cloud and boundary, as a pair."""
    keys = map_keys(config)
    story = PRESETS[TOY.preset].map
    if story is not None and task in story[2] and {story[0], story[1]} <= set(keys):
        return {"map_up": story[0], "map_across": story[1], "map_arm": arm_name(story[2])}
    last = len(config.tasks)
    other = last - 1 if task != last - 1 else last - 2
    places = {"map_across": f"t{last}.{DIRECTION}", "map_up": f"t{last}.angle"}
    # A table has no clouds to move: then the first two controls that can be an axis.
    found = {name: place if place in keys else keys[number]
             for number, (name, place) in enumerate(places.items())}  # fmt: skip
    return found | {"map_arm": arm_name(tuple(sorted((task, other))))}


def _start(config: ToyConfig, chosen: dict[str, str], task: int) -> None:
    across, up, name = (chosen[axis] for axis in _AXES)
    if across == up:
        LOOKING.tell("The map needs two different controls.", "map")
        return
    arm = tuple(int(number) - 1 for number in name.split("+"))
    try:
        small = config.with_values({"seeds": _SEEDS})
        values = {axis: (axis, axis_values(small, axis, _CELLS)) for axis in (up, across)}
        about = _About(small, values[up], values[across], arm, task)
    except MtlvizError as error:
        LOOKING.tell(str(error), "map")
        return
    key = ("toy.map", to_json(small), up, across, arm, task)
    parts = computed_map(small, about.up, about.across, arm, task)
    session.put(_SHOWN, (work.shared(key, lambda: parts, _PURPOSE), about))


def _show(job: work.Job, about: _About) -> None:
    work.tell(job, _PURPOSE)
    if not isinstance(job.part, MapPart):
        return
    if job.part.progress < 1 and not work.is_watched(job, _PURPOSE):
        st.caption(f"Stopped at {job.part.progress:.0%}; blank cells were not computed.")
    _draw(job.part, about)


def _draw(part: MapPart, about: _About) -> None:
    up, across = axis_title(about.up[0]), axis_title(about.across[0])
    together = arm_name(about.arm).replace("+", " + ")
    st.caption(f"Gain of **task {about.target + 1}** in **{together}**")
    here = None
    if about.covers(TOY.now):
        here = tuple(axis_value(TOY.now, key) for key in (about.across[0], about.up[0]))
    else:
        st.warning("This map was computed for other settings; a click goes back to them.")
    seen = here is not None and about.target == target()  # The panels compare this task.
    pointed = "Point at a cell, or use the arrow keys: the panels show it. " if seen else ""
    star = "" if here is None else "★ is here. "
    events = chart(
        transfer_map(
            np.array(about.across[1]), np.array(about.up[1]), part.transfer, part.half_width,
            across, up, revision=f"{up} {across}", here=here,
        ),
        key="toy.map.chart",
        preview={
            "group": CURSOR, "axes": (about.across[0], about.up[0]), "arm": arm_name(about.arm),
        } if seen else None,
        alt=f"Heatmap of transfer to task {about.target + 1} in the arm {arm_name(about.arm)} "
        f"over {across} and {up}.",
        how_to_read=f"Points: blue helps, orange hurts, a dot: not told from zero. {star}{pointed}"
        "Click, or Enter, goes there.",
        height=270,
        fit=True,
        events=("click",),
        filename="transfer-map",
    )  # fmt: skip
    if events.click:
        _load(about, events.click)


def _load(about: _About, click: dict) -> None:
    """Load a cell: the map's own settings, with the visitor's number of seeds."""
    try:
        cell = about.at(about.config, float(click["y"]), float(click["x"]))
        TOY.put(cell.with_values({"seeds": TOY.now.seeds}))
        LOOKING.change(target=about.target)
        st.toast("Loaded this cell's setting into the pictures.")
    except MtlvizError as error:
        LOOKING.tell(str(error), "map")
    st.rerun(scope="app")


MAP = Panel("map", "The transfer map", section, reveals="answer")
