"""Predicted against measured transfer over pairs of real tasks: results kept with the app."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from mtlviz.figures.alignment_pairs import Pair, predicted_measured
from mtlviz.ui.component import chart
from mtlviz.ui.covariance import alignment_words

FILE = Path(__file__).with_name("alignment_measured.json")
"""Written by `python -m tests.benchmarks.papers_alignment --keep`."""
PREDICTORS = {
    "score": "similarity (eq. 5)",
    "normalised": "similarity, normalised",
    "cosine": "cosine of the mean vectors",
}
VECTORS = {"words": "mean word vectors", "checkpoint": "a pretrained encoder’s vectors"}


def section() -> None:
    """The verdicts, and each pair as a dot."""
    shown = st.expander(
        "On real tasks: does similarity predict transfer, and does alignment help?",
        on_change="rerun",
        key="alignment.measured",
    )
    if not shown.open:
        return
    with shown:
        _measured()


@st.fragment
def _measured() -> None:
    cells = measured()
    with st.container(horizontal=True):
        place = st.selectbox(
            "Measured with", range(len(cells)), key="alignment.measured.cell",
            format_func=lambda at: f"{VECTORS[cells[at]['kind']]}, capacity {cells[at]['width']}",
            help="What the shared layer reads, and how wide it is.",
        )  # fmt: skip
        predictor = st.selectbox(
            "Predicted by", list(PREDICTORS), key="alignment.measured.by",
            format_func=PREDICTORS.get, help="Taken before any training, from inputs alone.",
        )  # fmt: skip
    cell = cells[place]
    st.markdown("  \n".join(alignment_words.measured_verdicts(cell, predictor, PREDICTORS)))
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
    st.caption(alignment_words.how_measured(cell["seeds"]))


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
