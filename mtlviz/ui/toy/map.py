"""The transfer map: pick two controls, watch the map get finer, click a cell to load it."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.figures.transfer import transfer_map
from mtlviz.toy.axes import axis_value, axis_values, moved
from mtlviz.toy.config import ToyConfig, replace
from mtlviz.toy.layout import Arm, arm_name
from mtlviz.toy.map import MapPart
from mtlviz.toy.map import transfer_map as computed_map
from mtlviz.ui import state
from mtlviz.ui.component import chart
from mtlviz.ui.jobs import Job
from mtlviz.ui.toy.map_choices import axis_title, choose

_CELLS = 20
_SEEDS = 8
_JOB, _ABOUT = "toy.map.job", "toy.map.about"


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
            return self.at(replace(config, seeds), *corner) == self.at(self.config, *corner)
        except MtlvizError:
            return False


def section(config: ToyConfig, target: int) -> None:
    """Choose two controls and an arm, compute in the background, show what there is so far."""
    if state.is_hidden("map"):
        return
    st.subheader("Transfer map", anchor="map")
    st.markdown(
        "Two controls at once: every cell trains the task alone and together, over "
        f"{_SEEDS} seeds. Where does sharing turn from help to harm?"
    )
    across, up, arm = choose(config, target)
    job = state.remember(_JOB, None)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Compute the map",
            key="toy.map.start",
            type="primary",
            on_click=_start,
            args=(config, across, up, arm, target),
            help=f"{_CELLS} × {_CELLS} settings, coarse to fine, in the background.",
        )
        if isinstance(job, Job) and job.running:
            st.button("Stop", key="toy.map.stop", on_click=job.cancel, help="Keep what is there.")
    problem = state.take("toy.map.problem")
    if problem:
        st.error(str(problem))
    if isinstance(job, Job):
        live = job.running
        st.fragment(_show, run_every=0.7 if live else None)(job, live)


def _start(config: ToyConfig, across: str, up: str, arm: Arm, target: int) -> None:
    old = state.remember(_JOB, None)
    if isinstance(old, Job):
        old.cancel()
    try:
        if across == up:
            state.put("toy.map.problem", "The map needs two different controls.")
            return
        small = replace(config, {"seeds": _SEEDS})
        about = _About(
            small,
            (up, axis_values(small, up, _CELLS)),
            (across, axis_values(small, across, _CELLS)),
            arm,
            target,
        )
        state.put(_ABOUT, about)
        state.put(_JOB, Job(computed_map(small, about.up, about.across, arm, target)))
    except MtlvizError as error:
        state.put("toy.map.problem", str(error))


def _show(job: Job, live: bool) -> None:
    if live and not job.running:
        st.rerun()  # One whole run ends the timer.
    if job.error:
        st.error(job.error)
        return
    share = job.part.progress if job.part else 0.0
    if job.running:
        st.progress(share, text=_progress_text(job))
    elif share < 1:
        st.caption(f"Stopped at {share:.0%}; blank cells were not computed.")
    if isinstance(job.part, MapPart):
        _draw(job.part, state.remember(_ABOUT, None))


def _draw(part: MapPart, about: _About) -> None:
    up, across = axis_title(about.up[0]), axis_title(about.across[0])
    st.markdown(f"Transfer to **task {about.target + 1}** from training tasks "
                f"**{arm_name(about.arm).replace('+', ' + ')}** together")  # fmt: skip
    here = None
    if about.covers(state.toy()):
        here = tuple(axis_value(state.toy(), key) for key in (about.across[0], about.up[0]))
    else:
        st.warning("This map was computed for other settings; a click goes back to them.")
    events = chart(
        transfer_map(
            np.array(about.across[1]), np.array(about.up[1]), part.transfer, part.half_width,
            across, up, revision=f"{up} {across}", here=here,
        ),
        key="toy.map.chart",
        alt=f"Heatmap of transfer to task {about.target + 1} in the arm {arm_name(about.arm)} "
        f"over {across} and {up}.",
        how_to_read="Blue: training together helps. Orange: it hurts. A dot: the 95 % interval "
        "crosses zero. The star is the setting above; click a cell to load another.",
        height=440,
        events=("click",),
        filename="transfer-map",
    )  # fmt: skip
    if events.click:
        _load(about, events.click)


def _load(about: _About, click: dict) -> None:
    """Load a cell: the map's own settings, with the visitor's number of seeds."""
    try:
        cell = about.at(about.config, float(click["y"]), float(click["x"]))
        state.set_toy(replace(cell, {"seeds": state.toy().seeds}))
        state.set_target(about.target)
        st.toast("Loaded this cell's setting into the pictures above.")
    except MtlvizError as error:
        state.put("toy.map.problem", str(error))
    st.rerun(scope="app")


def _progress_text(job: Job) -> str:
    if job.waiting:
        return "Waiting for another map to finish …"
    left = job.seconds_left()
    return "Computing …" if left is None else f"Computing … about {max(1, round(left))} s left"
