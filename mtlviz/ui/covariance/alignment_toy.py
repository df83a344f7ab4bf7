"""Two clouds on a plane: turn one by hand or let Algorithm 1 do it, and read the transfer."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import Transfer, paired_interval, transfer
from mtlviz.figures.alignment import Cloud, clouds
from mtlviz.figures.alignment_curves import Band, over_steps, over_turns
from mtlviz.toy.alignment import TURNS, AlignmentToy, run_alignment
from mtlviz.toy.alignment_settings import STEPS, AlignmentConfig
from mtlviz.ui import state
from mtlviz.ui.component import chart
from mtlviz.ui.covariance import alignment_words
from mtlviz.ui.covariance.alignment_controls import grouped_sliders
from mtlviz.ui.state import alignment as chosen

Array = NDArray[np.float64]
_TURNS = "alignment.turns"
_NAMES = ("task 1 (target)", "task 2 (source)")
_GROUPS = {
    "Data": ("direction", "stretch", "angle", "target_examples", "source_examples", "noise"),
    "Capacity": ("capacity",),
    "Optimisation": ("turn", "along", "across", "steps"),
}
_STORIES = {
    "Start": AlignmentConfig(),
    "Same question, other cloud": AlignmentConfig(angle=0, direction=75),
    "Turned to help": AlignmentConfig(turn=-30),
    "Turned to look alike": AlignmentConfig(angle=0, turn=-75),
    "Room for both": AlignmentConfig(capacity=2),
}


@st.cache_data(max_entries=64, show_spinner=False)
def _trained(settings: str) -> AlignmentToy:
    return run_alignment(AlignmentConfig.model_validate_json(settings))


# A fragment: a slider draws these pictures again, and nothing else of the page.
@st.fragment
def toy() -> None:
    """The verdict, the clouds with their controls, transfer over turns and over steps."""
    _take_click()
    config = chosen.alignment()
    found = _trained(config.model_dump_json())
    st.markdown("  \n".join(alignment_words.toy_verdicts(config, transfers(config, found))))
    _stories()
    left, right = st.columns([3, 2], gap="medium")
    with right:
        grouped_sliders(config, _GROUPS, chosen.PREFIX, _change, open_group="Optimisation")
    with left:
        _clouds(config, found)
        st.caption(alignment_words.similarities(found.similar))
    left, right = st.columns(2, gap="medium")
    with left:
        _turns(config, found)
    with right:
        _steps(config, found)
    st.caption(alignment_words.score_and_transfer(*_curve_of_turns(found)))
    state.write_link()


def transfers(config: AlignmentConfig, found: AlignmentToy) -> dict[str, Transfer]:
    """Transfer to the target: shared plainly, with R₂ by hand, after the steps of Algorithm 1."""
    ways = {"plain": found.plain, "hand": found.by_hand, "trained": found.trained[config.steps]}
    return {name: transfer(scores[:, 0], found.alone[:, 0]) for name, scores in ways.items()}


def _take_click() -> None:
    """A click on the curve over turns makes that turn."""
    point = state.clicked(_TURNS)
    if point is not None and isinstance(point.get("x"), int | float):
        _change("turn", float(np.clip(point["x"], TURNS[0], TURNS[-1])))


def _change(name: str, value: object) -> None:
    values = chosen.alignment().model_dump() | {name: value}
    chosen.set_alignment(AlignmentConfig.model_validate(values))


def _stories() -> None:
    with st.container(horizontal=True):
        for name, config in _STORIES.items():
            st.button(
                name,
                key=f"alignment.story.{name}",
                on_click=chosen.set_alignment,
                args=(config,),
                help=alignment_words.STORIES[name],
            )


def _clouds(config: AlignmentConfig, found: AlignmentToy) -> None:
    matrices = found.matrices[config.steps]
    shown = []
    for task, name in enumerate(_NAMES):
        points = found.points[task][np.isfinite(found.labels[task])]
        # Labels x·θ of points z = x R follow the direction R⁻¹θ of z.
        model = np.linalg.solve(matrices[task], found.models[task])
        shown.append(Cloud(name, points, points @ matrices[task], model))
    kept = (
        "The shared module keeps the whole plane: no task stands in the other's way."
        if found.shared is None
        else "The grey line is the one direction the shared module keeps; it serves a task whose "
        "own line lies along it."
    )
    chart(
        clouds(shown, found.shared, revision="alignment.clouds"),
        key="alignment.clouds",
        alt="Points of two tasks on a plane, an ellipse of each before and after R, the direction "
        "that each task's labels follow, and what the shared module keeps.",
        how_to_read=f"{kept} Dashed ellipses: before R. Filled: after. First repetition.",
        height=430,
        filename="alignment-clouds",
    )


def _curve_of_turns(found: AlignmentToy) -> tuple[Array, Array]:
    return 100 * (found.by_turn - found.alone[:, 0]).mean(axis=1), found.similar_by_turn


def _turns(config: AlignmentConfig, found: AlignmentToy) -> None:
    mean, low, high = paired_interval(100 * (found.by_turn - found.alone[:, 0]))
    chart(
        over_turns(
            TURNS, Band("transfer to task 1", mean, low, high, 0), found.similar_by_turn,
            config.turn, revision="alignment.turns",
        ),
        key=_TURNS,
        events=("click",),
        alt="Above: transfer to task 1 for every turn of task 2's cloud by R₂. Below: similarity "
        "of the two clouds by equation 5 after that turn.",
        how_to_read="If similarity decided transfer, both would peak at the same turn. Band: 95 % "
        "interval over repetitions. The turn alone. Click the curve to turn the cloud that far.",
        height=340,
        filename="alignment-turns",
    )  # fmt: skip


def _steps(config: AlignmentConfig, found: AlignmentToy) -> None:
    lines = []
    for task, name in enumerate(_NAMES):
        ends = paired_interval(100 * (found.trained[..., task] - found.alone[:, task]))
        lines.append(Band(name, *ends, task))
    level = np.full(STEPS + 1, float(np.mean(100 * (found.plain - found.alone)[:, 0])))
    control = Band("task 1 with the control", level, level, level, 0)
    chart(
        over_steps(np.arange(STEPS + 1), lines, control, config.steps, revision="alignment.steps"),
        key="alignment.steps",
        alt="Transfer to both tasks over the steps of Algorithm 1, and to task 1 with the control.",
        how_to_read="Step 0: sharing with the R₂ set by hand. Zero: as good as training alone. The "
        "control has as many parameters behind the shared module, where heads already fit best.",
        height=340,
        filename="alignment-steps",
    )
