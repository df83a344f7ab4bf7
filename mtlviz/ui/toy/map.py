"""The transfer map: pick two controls, watch the map get finer, click a cell to load it."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.figures.transfer import transfer_map
from mtlviz.toy.config import CONTROLS, ToyConfig, replace
from mtlviz.toy.layout import Arm, all_arms, arm_name
from mtlviz.toy.map import DIRECTION, axis_values, map_keys, moved
from mtlviz.toy.map import transfer_map as computed_map
from mtlviz.ui import state
from mtlviz.ui.component import chart
from mtlviz.ui.jobs import Job

_CELLS = 20
_SEEDS = 8
_JOB, _AXES = "toy.map.job", "toy.map.axes"


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


def section(config: ToyConfig, target: int) -> None:
    """Choose two controls and an arm, compute in the background, show what there is so far."""
    st.subheader("Transfer map", anchor="map")
    st.markdown(
        "Two controls at once: every cell trains the task alone and together, over "
        f"{_SEEDS} seeds. Where does sharing turn from help to harm?"
    )
    across, up, arm = _choices(config, target)
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


def _choices(config: ToyConfig, target: int) -> tuple[str, str, Arm]:
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


def _start(config: ToyConfig, across: str, up: str, arm: Arm, target: int) -> None:
    old = state.remember(_JOB, None)
    if isinstance(old, Job):
        old.cancel()
    try:
        if across == up:
            state.put("toy.map.problem", "The map needs two different controls.")
            return
        small = replace(config, {"seeds": _SEEDS})
        rows = (up, axis_values(small, up, _CELLS))
        columns = (across, axis_values(small, across, _CELLS))
        state.put(_AXES, (rows, columns, arm, target))
        state.put(_JOB, Job(computed_map(small, rows, columns, arm, target)))
    except MtlvizError as error:
        state.put("toy.map.problem", str(error))


def _show(job: Job, live: bool) -> None:
    if live and not job.running:
        st.rerun()  # One whole run ends the timer.
    rows, columns, arm, target = state.remember(_AXES, None)
    if job.error:
        st.error(job.error)
        return
    share = job.part.progress if job.part else 0.0
    if job.running:
        st.progress(share, text=_progress_text(job))
    elif share < 1:
        st.caption(f"Stopped at {share:.0%}; blank cells were not computed.")
    if job.part is None:
        return
    events = chart(
        transfer_map(
            np.array(columns[1]), np.array(rows[1]), job.part.transfer, job.part.half_width,
            axis_title(columns[0]), axis_title(rows[0]), revision=f"{rows[0]} {columns[0]}",
        ),
        key="toy.map.chart",
        alt=f"Heatmap of transfer to task {target + 1} in the arm {arm_name(arm)} over "
        f"{axis_title(columns[0])} and {axis_title(rows[0])}.",
        how_to_read="Blue: training together helps. Orange: it hurts. A dot: the 95 % interval "
        "crosses zero. Click a cell to load its setting above.",
        height=440,
        events=("click",),
        filename="transfer-map",
    )  # fmt: skip
    if events.click:
        _load(rows[0], columns[0], events.click)


def _load(row: str, column: str, click: dict) -> None:
    try:
        state.set_toy(moved(state.toy(), {column: float(click["x"]), row: float(click["y"])}))
    except MtlvizError as error:
        state.put("toy.map.problem", str(error))
    st.rerun(scope="app")


def _progress_text(job: Job) -> str:
    if job.waiting:
        return "Waiting for another map to finish …"
    left = job.seconds_left()
    return "Computing …" if left is None else f"Computing … about {max(1, round(left))} s left"
