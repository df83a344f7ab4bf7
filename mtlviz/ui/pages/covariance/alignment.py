"""Alignment: turn one task's inputs before they enter the shared module, and see transfer."""

import json
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import Transfer, paired_interval, transfer
from mtlviz.figures.alignment import Band, Cloud, clouds, over_steps, over_turns
from mtlviz.figures.alignment_pairs import Pair, predicted_measured
from mtlviz.questions import Question
from mtlviz.toy.alignment import TURNS, AlignmentToy, run_alignment
from mtlviz.toy.alignment_settings import STEPS, AlignmentConfig
from mtlviz.ui.component import chart
from mtlviz.ui.component.chart import chart_data
from mtlviz.ui.component.take_home import Piece, Shown
from mtlviz.ui.core import guess, session
from mtlviz.ui.core.controls import asked_controls, control, controls, show_problem
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.take_home import take_pictures_home
from mtlviz.ui.pages.covariance import words
from mtlviz.ui.pages.covariance.questions import ALIGN_QUESTIONS, ANY, with_answer
from mtlviz.ui.pages.covariance.settings import ALIGN, MEASURED, PREDICTORS

Array = NDArray[np.float64]
FILE = Path(__file__).with_name("alignment_measured.json")
"""Written by `python -m tests.benchmarks.papers_alignment --keep`."""
VECTORS = {"words": "mean word vectors", "checkpoint": "a pretrained encoder’s vectors"}
_TRAINED = Memo(64)
_TURNS = "alignment.turns"
_NAMES = ("task 1 (target)", "task 2 (source)")


def sidebar() -> None:
    """What moves the clouds; a click on the curve over turns is taken first, and can be undone."""
    _take_click()
    enter()
    in_sight = asked_controls(ALIGN, "covariance")
    rest = tuple(path for path in ALIGN.now.controls() if path not in in_sight)
    controls(ALIGN, opened="Optimisation", only=rest)
    show_problem(ALIGN)


def _question() -> Question:
    """The story's question, or one that fits what was made of it."""
    return guess.fitting(ALIGN_QUESTIONS[ALIGN.preset], ANY, not ALIGN.is_preset)


def enter() -> None:
    """Say which question the view asks, before anything is drawn."""
    guess.enter(_question().name, ALIGN.began_as_preset)


def toy() -> None:
    """The verdict, the clouds beside transfer over turns, and transfer over steps."""
    enter()
    config, question = ALIGN.now, _question()
    note = guess.changed_from(ALIGN.preset, not ALIGN.is_preset)
    if guess.covers("picture"):
        guess.ask(question, note=note)
        return
    found = _TRAINED.once(config, (), lambda: run_alignment(config))
    gains = transfers(config, found)
    again = partial(ALIGN.open_preset, question.again) if question.again else None
    guess.ask(with_answer(question, gains), again, note)
    if not guess.covers("answer"):
        st.markdown("  \n".join(words.toy_verdicts(config, gains)))
    left, right = st.columns(2, gap="medium")
    with left:
        chart(key="alignment.clouds", fit=True, **_clouds(config, found))
        st.caption(words.similarities(found.similar))
    with right:
        turns = _turns(config, found)
        turns["how_to_read"] += " Click the curve to turn the cloud that far."
        chart(key=_TURNS, events=("click",), fit=True, **turns)
        if not guess.covers("answer"):
            st.caption(words.score_and_transfer(*_curve_of_turns(found)))
    chart(key="alignment.steps", **_steps(config, found))
    if not guess.covers("answer"):
        told = words.toy_verdicts(config, gains)
        take_pictures_home("alignment", "Covariance lab: alignment", told)


def shown() -> Shown:
    """What this view shows now."""
    if guess.covers("picture"):
        return Shown()
    config = ALIGN.now
    found = _TRAINED.once(config, (), lambda: run_alignment(config))
    covered = guess.covers("answer")
    told = () if covered else words.toy_verdicts(config, transfers(config, found))
    drawn = {"clouds": _clouds, "turns": _turns, "steps": _steps}
    return Shown(told, {name: Piece("chart", chart_data(**make(config, found)))
                        for name, make in drawn.items()})  # fmt: skip


def transfers(config: AlignmentConfig, found: AlignmentToy) -> dict[str, Transfer]:
    """Transfer to the target: shared plainly, with R₂ by hand, after the steps of Algorithm 1."""
    ways = {"plain": found.plain, "hand": found.by_hand, "trained": found.trained[config.steps]}
    return {name: transfer(scores[:, 0], found.alone[:, 0]) for name, scores in ways.items()}


def _take_click() -> None:
    """A click on the curve over turns makes that turn."""
    point = session.clicked(_TURNS)
    if point is not None and isinstance(point.get("x"), int | float):
        ALIGN.move(ALIGN.now.changed(turn=float(np.clip(point["x"], TURNS[0], TURNS[-1]))))


def _clouds(config: AlignmentConfig, found: AlignmentToy) -> dict[str, Any]:
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
    return {
        "figure": clouds(shown, found.shared, revision="alignment.clouds"),
        "alt": "Points of two tasks on a plane, an ellipse of each before and after R, the "
        "direction that each task's labels follow, and what the shared module keeps.",
        "how_to_read": f"{kept} Dashed ellipses: before R. Filled: after. First repetition.",
        "height": 430,
        "filename": "alignment-clouds",
    }


def _curve_of_turns(found: AlignmentToy) -> tuple[Array, Array]:
    return 100 * (found.by_turn - found.alone[:, 0]).mean(axis=1), found.similar_by_turn


def _turns(config: AlignmentConfig, found: AlignmentToy) -> dict[str, Any]:
    mean, low, high = paired_interval(100 * (found.by_turn - found.alone[:, 0]))
    return {
        "figure": over_turns(
            TURNS, Band("transfer to task 1", mean, low, high, 0), found.similar_by_turn,
            config.turn, revision="alignment.turns",
        ),
        "alt": "Above: transfer to task 1 for every turn of task 2's cloud by R₂. Below: "
        "similarity of the two clouds by equation 5 after that turn.",
        "how_to_read": "If similarity decided transfer, both would peak at the same turn. Band: "
        "95 % interval over repetitions. The turn alone; similarity by equation 5 of the paper.",
        "height": 430,
        "filename": "alignment-turns",
    }  # fmt: skip


def _steps(config: AlignmentConfig, found: AlignmentToy) -> dict[str, Any]:
    lines = []
    for task, name in enumerate(_NAMES):
        ends = paired_interval(100 * (found.trained[..., task] - found.alone[:, task]))
        lines.append(Band(name, *ends, task))
    level = np.full(STEPS + 1, float(np.mean(100 * (found.plain - found.alone)[:, 0])))
    control = Band("task 1 with the control", level, level, level, 0)
    return {
        "figure": over_steps(
            np.arange(STEPS + 1), lines, control, config.steps, revision="alignment.steps"
        ),
        "alt": "Transfer to both tasks over the steps of Algorithm 1, and to task 1 with the "
        "control.",
        "how_to_read": "Algorithm 1 of the paper. Step 0: sharing with the R₂ set by "
        "hand. Zero: as good as training alone. "
        "The control has as many parameters behind the shared module, where heads already fit "
        "best.",
        "height": 340,
        "filename": "alignment-steps",
    }


@st.fragment
def measured_alignment() -> None:
    """On pairs of real tasks: whether a score predicted transfer; each pair as a dot."""
    cells = measured()
    with st.container(horizontal=True):
        control(MEASURED, "cell", choices={
            place: f"{VECTORS[cell['kind']]}, capacity {cell['width']}"
            for place, cell in enumerate(cells)
        })  # fmt: skip
        control(MEASURED, "by")
    place, predictor = MEASURED.now.cell, MEASURED.now.by
    cell = cells[place]
    st.markdown("  \n".join(words.measured_alignment(cell, predictor, PREDICTORS)))
    chart(
        predicted_measured(pairs(cell, predictor), PREDICTORS[predictor],
                           revision=f"alignment.measured.{place}.{predictor}"),
        key="alignment.measured.chart",
        alt="One dot for each pair of tasks: how alike their inputs are before training, and the "
        "transfer that sharing then gave, with 95 % intervals.",
        how_to_read="If the score predicts transfer, dots rise from left to right. Bars: 95 % "
        "interval over paired seeds; grey cannot be told apart from zero.",
        height=380,
        filename="predicted-measured",
    )  # fmt: skip
    st.caption(words.how_alignment_was_measured(cell["seeds"]))


@cache
def measured() -> list[dict[str, Any]]:
    """Results by kind of vectors and capacity."""
    return json.loads(FILE.read_text(encoding="utf-8"))["cells"]


def pairs(cell: dict[str, Any], predictor: str) -> list[Pair]:
    """Every pair with its score and its transfer."""
    return [
        Pair(
            " and ".join(each["tasks"]),
            each[predictor],
            *each["transfer"],
            verdict(*each["transfer"]),
        )
        for each in cell["pairs"]
    ]


def verdict(mean: float, low: float, high: float) -> str:
    """Which side of zero an interval lies on."""
    if low > 0:
        return "helps"
    return "hurts" if high < 0 else "undecided"
