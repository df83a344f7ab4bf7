"""The landscape: choose a surface, methods and starts; walk in the background; watch."""

from functools import cache
from typing import Any

import numpy as np
import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.figures.arrays import packed
from mtlviz.figures.conflicts import method_look
from mtlviz.toy.landscapes.functions import LANDSCAPES
from mtlviz.toy.landscapes.methods import METHODS
from mtlviz.toy.landscapes.paths import Paths
from mtlviz.toy.landscapes.settings import WalkConfig
from mtlviz.toy.landscapes.trajectories import Walk
from mtlviz.ui.component import arrows
from mtlviz.ui.core import link, session, work
from mtlviz.ui.core.controls import control, show_problem
from mtlviz.ui.core.page import Panel
from mtlviz.ui.core.words import counted
from mtlviz.ui.pages.conflict import endings, walks
from mtlviz.ui.pages.conflict.settings import WALK
from mtlviz.ui.pages.conflict.walk_curves import CURSOR, curves

_FILM, _PURPOSE = "conflict.walk.film", "conflict.walk"
_FRAMES = 200
_CELLS = 90
_HELP = (
    "All methods from all starts side by side, in the background. Whoever opens the same settings "
    "sees the same walk."
)
_NOTE = (
    "Shading and lines: the loss, dark is high. Thick grey line: the Pareto set. At the cursor, "
    "hue: where each task pulls (one scale); thick: where the marked method goes (direction only)."
)
SETTINGS = Panel("conflict.walk-settings", "Landscape: settings and clicks", group="Optimisation")
ENDS = Panel("conflict.walk-ends", "Landscape: where the runs ended")
CURVES = Panel("conflict.walk-curves", "Landscape: curves and the theorem")


def section(_: Any) -> None:
    """The story, the settings, and the film of all runs with where they ended."""
    config = WALK.now
    st.subheader("What it does to training", anchor="landscape")
    landscape = LANDSCAPES[config.landscape]
    st.markdown(f"{landscape.story} Two losses over one plane; every method starts alike.")
    show_problem(WALK, "walk")
    job = job_of(config)
    if SETTINGS.shown:
        _settings(config)
    work.live(lambda: _show(config, job), lambda: work.is_watched(job, _PURPOSE))
    st.caption(f"Formulas, starts and steps: {landscape.source}.")


def _settings(config: WalkConfig) -> None:
    with st.expander("Landscape, methods, starts and optimiser"):
        left, right = st.columns(2)
        with left:
            control(WALK, "landscape", changed=_bring_its_own)
            control(WALK, "walkers", choices={name: method_look(name).title for name in METHODS})
        with right:
            control(WALK, "starts", value=config.walk_starts)
            with st.container(horizontal=True):
                control(WALK, "optimiser")
                control(WALK, "steps", look="field")
                control(WALK, "rate", look="field")
        st.button("Walk", key="conflict.walk.again", on_click=start, help=_HELP)


def _bring_its_own() -> None:
    WALK.change(starts=(), steps=LANDSCAPES[WALK.now.landscape].steps)


def start() -> None:
    """Walk with the settings as they are, or join whoever does; leave the walk before."""
    try:
        asked = WALK.now.walk(_FRAMES)
        work.shared(asked_for(asked), lambda: walks.stages(asked), _PURPOSE)
    except MtlvizError as error:
        WALK.tell(str(error), "walk")


def job_of(config: WalkConfig) -> work.Job | None:
    """The walk of these very settings, if this visitor or anybody before asked for it."""
    try:
        asked = config.walk(_FRAMES)
    except MtlvizError:
        return None  # `_paths` says why.
    return work.joined(asked_for(asked), lambda: walks.stages(asked), _PURPOSE)


def asked_for(walk: Walk) -> str:
    """The name of a walk among all that are computed."""
    return f"walk {walk!r}"


def _show(config: WalkConfig, job: work.Job | None) -> None:
    paths = _paths(config, job)
    done = walks.is_first(config) if job is None else job.done
    _say_how_far(job, done)
    if done and ENDS.shown:
        st.markdown(endings.verdict(paths))
    _film(paths, done)
    for note in paths.notes():
        st.warning(note)
    if done and ENDS.shown:
        st.markdown(endings.table(paths))
        if config.landscape == "cagrad":
            endings.explanation()
    if done and CURVES.shown:
        curves(paths, config.rate)
    link.write_link()


def _say_how_far(job: work.Job | None, done: bool) -> None:
    """The progress, or a button that walks."""
    if job is not None:
        work.tell(job, _PURPOSE)
    if job is not None and job.cancelled:
        _offer(f"Stopped at {job.part.progress if job.part else 0:.0%}: the paths end there.")
    elif job is None and not done:
        _offer("Nobody has walked with these settings yet: only the starts are shown.")


def _paths(config: WalkConfig, job: work.Job | None) -> Paths:
    if job is not None and job.part is not None:
        return job.part.paths  # type: ignore[attr-defined]
    return walks.kept() if walks.is_first(config) else walks.glance(config.walk(_FRAMES))


def _offer(state_of_things: str) -> None:
    """A button that walks, and why there is no whole walk yet."""
    if st.button("Walk", key="conflict.walk.start", type="primary", on_click=start, help=_HELP):
        st.rerun()
    st.caption(state_of_things)


def _film(paths: Paths, done: bool) -> None:
    names = ", ".join(method_look(method.name).title for method in paths.methods)
    text = f"Paths of {names} from {counted(len(paths.starts), 'start')} over the contours."
    if done and ENDS.shown:
        text += f" {endings.verdict(paths).replace('*', '')}"
    events = arrows(
        film(paths, growing=not done, pickable=SETTINGS.shown),
        key=_FILM,
        alt=text,
        cursor_group=CURSOR,
        view="paths",
        on_edit=_take_start,
    )
    if events.edit is not None:
        st.rerun()  # The settings changed, so the whole page does.


def _take_start() -> None:
    edit = session.edit(_FILM)
    if edit is not None and WALK.change(starts=(*WALK.now.walk_starts, tuple(edit["start"]))):
        start()


def film(paths: Paths, *, growing: bool, pickable: bool = True) -> dict[str, Any]:
    """The payload of the paths.

    Args:
        paths: The runs.
        growing: Whether more of them is still being computed.
        pickable: Whether a click adds a start.
    """
    landscape = LANDSCAPES[paths.landscape]
    looks = [{"name": each.name, **vars(method_look(each.name))} for each in paths.methods]
    return {
        "titles": ["Loss of task 1", "Loss of task 2", "Mean of both"],
        "grids": grids(paths.landscape),
        "box": [list(side) for side in landscape.box],
        "steps": paths.steps.tolist(),
        "methods": looks,
        "points": packed(paths.points),
        "gradients": packed(paths.gradients),
        "weights": packed(paths.weights),
        "front": packed(landscape.pareto_set(101)),
        "note": _NOTE + (" Click a picture to add a start." if pickable else ""),
        "pickable": pickable,
        "growing": growing,
    }


@cache
def grids(name: str) -> dict[str, str]:
    """Both losses and their mean on a grid of the picture, packed (3, rows, columns)."""
    landscape = LANDSCAPES[name]
    first, second = (np.linspace(low, high, _CELLS) for low, high in landscape.box)
    x, y = np.meshgrid(first, second)
    both = landscape.losses(np.stack([x, y], axis=-1)).transpose(2, 0, 1)
    return packed(np.concatenate([both, both.mean(axis=0, keepdims=True)]))


PANEL = Panel(
    "conflict.landscape", "The landscapes, all of them", section, parts=(SETTINGS, ENDS, CURVES)
)
