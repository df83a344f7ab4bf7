"""GradNorm's toy: tasks that differ in scale only, and what loss weighting does about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from mtlviz.figures.landscapes import ratio_curves
from mtlviz.toy.landscapes.gradnorm_toy import Curves, GradNormToy, compare_weightings, wide_scales
from mtlviz.ui.component import chart
from mtlviz.ui.core import work
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.page import Panel
from mtlviz.ui.pages.conflict.settings import LOOKING

_NAMES = {
    "equal": "equal weights",
    "gradnorm": "GradNorm",
    "uncertainty": "uncertainty",
    "dwa": "DWA",
}
_SEED = 0
_PURPOSE = "conflict.gradnorm"


@dataclass(frozen=True)
class Stage:
    """How far the comparison is: the share done, between 0 and 1, and the curves up to there."""

    progress: float
    curves: Curves
    stage: str = "Training"


def toy_of(tasks: int) -> GradNormToy:
    """Two tasks of scales 1 and 100, or many of random scales."""
    if tasks == 2:
        return GradNormToy()
    return GradNormToy(scales=wide_scales(tasks, np.random.default_rng(_SEED)))


def stages(toy: GradNormToy) -> Iterator[Stage]:
    """The comparison, stage by stage, for a background job."""
    for progress in compare_weightings(toy, np.random.default_rng(_SEED)):
        yield Stage(progress.done / progress.total, progress.curves)


def section(_: Any) -> None:
    """Compare loss weightings where no direction conflicts, only scales differ."""
    st.markdown(
        "The tasks are noisy copies of one another, one a hundred times as large. Weighting "
        "losses is the older cure: nothing is projected, the loud task is turned down."
    )
    control(LOOKING, "scales", look="segmented")
    tasks = LOOKING.now.scales
    st.button(
        "Compare weightings", key=f"{_PURPOSE}.start", on_click=start, args=(tasks,),
        help="Four networks start alike and see the same batches; some seconds, in the "
        "background. Whoever asks next sees the same comparison.",
    )  # fmt: skip
    job = work.joined((_PURPOSE, tasks), lambda: stages(toy_of(tasks)), _PURPOSE)
    if job is not None:
        work.live(lambda: _show(job), lambda: work.is_watched(job, _PURPOSE))


def start(tasks: int) -> None:
    """Compare, or join whoever does."""
    work.shared((_PURPOSE, tasks), lambda: stages(toy_of(tasks)), _PURPOSE)


def _show(job: work.Job) -> None:
    work.tell(job, _PURPOSE)
    if job.part is None:
        return
    if job.cancelled:
        st.caption(f"Stopped at {job.part.progress:.0%}: the curves end there.")
    curves = job.part.curves
    names = [_NAMES[arm.weighting] for arm in curves.arms]
    if job.done:
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


PANEL = Panel("conflict.gradnorm", "GradNorm’s toy", section,
              folded="When only the scales differ: GradNorm's toy")  # fmt: skip
