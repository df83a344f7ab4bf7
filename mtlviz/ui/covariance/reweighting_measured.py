"""Reweighting under label noise on real tasks: results kept with the app."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from mtlviz.figures.transfer import TransferBar, transfer_bars
from mtlviz.ui.component import chart
from mtlviz.ui.covariance import reweighting_words
from mtlviz.ui.covariance.alignment_measured import VECTORS, verdict

FILE = Path(__file__).with_name("reweighting_measured.json")
"""Written by `python -m tests.benchmarks.papers_reweighting --keep`."""
_TASKS = {
    "trec, pairs": "TREC, two classes",
    "trec, whole family": "TREC, five classes",
    "cs224n_sst, pairs": "SST, two thresholds",
    "cs224n_sst, whole family": "SST, four thresholds",
}


def section() -> None:
    """What Algorithm 2 changed with 20 % random labels in one task."""
    shown = st.expander(
        "On real tasks: 20 % random labels in one of several tasks on the same sentences",
        on_change="rerun",
        key="reweighting.measured",
    )
    if not shown.open:
        return
    with shown:
        st.markdown(reweighting_words.measured(measured()))
        for vectors, title in VECTORS.items():
            rows = [row for row in measured() if row["vectors"] == vectors]
            if rows:
                _picture(vectors, title, rows)
        st.caption(reweighting_words.how_measured(min(row["seeds"] for row in measured())))


def _picture(vectors: str, title: str, rows: list[dict[str, Any]]) -> None:
    st.markdown(f"**With {title}**")
    figure = transfer_bars([bar(row) for row in rows], revision=f"reweighting.measured.{vectors}")
    figure["layout"]["xaxis"]["title"] = {"text": "change in AUC (points)"}
    chart(
        figure,
        key=f"reweighting.measured.{vectors}",
        alt=f"Change in AUC by reweighting with {title}, for the task with random labels and for "
        "the clean ones.",
        how_to_read="Right of zero reweighting gains. Grey: the 95 % interval crosses zero.",
        height=60 + 34 * len(rows),
        filename=f"reweighting-{vectors}",
    )


def bar(row: dict[str, Any]) -> TransferBar:
    """One bar: which tasks, who is scored, and the change in points of AUC."""
    mean, low, high = row["change"]
    label = f"{_TASKS[row['tasks']]}: {row['scored']}"
    return TransferBar(label, mean, (high - low) / 2, verdict(mean, low, high))


@cache
def measured() -> list[dict[str, Any]]:
    """Changes in AUC by Algorithm 2 at rank 1, in points."""
    return json.loads(FILE.read_text(encoding="utf-8"))["rows"]
