"""GradNorm's toy: tasks that differ in scale only, and what loss weighting does about it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mtlviz.figures.landscapes import ratio_curves
from mtlviz.toy.landscapes.gradnorm_toy import Curves, GradNormToy, compare_weightings, wide_scales
from mtlviz.ui.component import chart
from mtlviz.ui.conflict.cached import progress_text, shared, visitor
from mtlviz.ui.jobs import Job

_NAMES = {
    "equal": "equal weights",
    "gradnorm": "GradNorm",
    "uncertainty": "uncertainty",
    "dwa": "DWA",
}
_SEED = 0


@dataclass(frozen=True)
class Stage:
    """How far the comparison is: the share done, between 0 and 1, and the curves up to there."""

    progress: float
    curves: Curves


def toy_of(tasks: int) -> GradNormToy:
    """Two tasks of scales 1 and 100, or many of random scales."""
    if tasks == 2:
        return GradNormToy()
    return GradNormToy(scales=wide_scales(tasks, np.random.default_rng(_SEED)))


def stages(toy: GradNormToy) -> Iterator[Stage]:
    """The comparison, stage by stage, for a background job."""
    for progress in compare_weightings(toy, np.random.default_rng(_SEED)):
        yield Stage(progress.done / progress.total, progress.curves)


def section() -> None:
    """Compare loss weightings where no direction conflicts, only scales differ."""
    shown = st.expander(
        "When only the scales differ: GradNorm's toy", on_change="rerun", key="conflict.gradnorm"
    )
    if not shown.open:
        return
    with shown:
        st.markdown(
            "The tasks are noisy copies of one another, one a hundred times as large. Weighting "
            "losses is the older cure: nothing is projected, the loud task is turned down."
        )
        tasks = st.segmented_control(
            "Tasks", (2, 10), default=2, required=True, key="conflict.gradnorm.tasks",
            help="Two with scales 1 and 100, or ten with random scales.",
        )  # fmt: skip
        key = f"gradnorm {tasks}"
        st.button(
            "Compare weightings", key="conflict.gradnorm.start", on_click=_start, args=(tasks,),
            help="Four networks start alike and see the same batches; some seconds, in the "
            "background. Whoever asks next sees the same comparison.",
        )  # fmt: skip
        job = shared().find(key)
        if job is not None:
            live = job.running
            st.fragment(_show, run_every=0.8 if live else None)(job, key, live)


def _start(tasks: int) -> None:
    shared().start(f"gradnorm {tasks}", visitor(), lambda: stages(toy_of(int(tasks))))


def _show(job: Job, key: str, live: bool) -> None:
    if live and not job.running:
        st.rerun()  # One whole run ends the timer.
    if job.error:
        st.error(job.error)
        return
    share = job.part.progress if job.part else 0.0
    if job.running:
        st.progress(share, text=progress_text(job, "Training"))
        st.button(
            "Stop", key="conflict.gradnorm.stop", on_click=shared().leave, args=(key, visitor()),
            help="Keep what is there. A comparison that others watch goes on for them.",
        )  # fmt: skip
    elif share < 1:
        st.caption(f"Stopped at {share:.0%}: the curves end there.")
    if job.part is None:
        return
    curves = job.part.curves
    names = [_NAMES[arm.weighting] for arm in curves.arms]
    if share == 1:
        st.markdown(_sentence(names, curves.ratio_sums[:, -1], curves.losses.shape[-1]))
    chart(
        ratio_curves(curves.steps, curves.ratio_sums, names),
        key="conflict.gradnorm.chart",
        alt="Sum over tasks of the loss divided by the first loss, over steps, per weighting.",
        how_to_read="Lower is better: all tasks are learned on the whole. Held-out examples, one "
        "seed, smaller networks than the paper's.",
        height=320,
        filename="gradnorm-toy",
    )


def _sentence(names: list[str], ends: np.ndarray, tasks: int) -> str:
    best = int(ends.argmin())
    listed = ", ".join(f"{name} {end:.3g}" for name, end in zip(names, ends, strict=True))
    return (
        f"Of {tasks} (nothing learned) is left at the end: {listed}. "
        f"Least with **{names[best]}**, in this one run (Chen et al., ICML 2018, section 4)."
    )
