"""Similarities side by side, with what each can tell; and how many directions tasks need."""

from pathlib import Path

import numpy as np
import streamlit as st

from mtlviz.engine.measures.task_spectra import Analysis
from mtlviz.figures import covariance as figures
from mtlviz.figures.covariance import similarity_heatmap
from mtlviz.ui.component import chart
from mtlviz.ui.core.words import escaped
from mtlviz.ui.pages.covariance.clouds import Clouds

_FEW = 6
"""Tasks whose numbers still fit into a third of the page."""
_MATHEMATICS = Path(__file__).with_name("mathematics.md")


def three_similarities(found: Analysis, names: list[str]) -> None:
    """Equation 5, the normalised variant, and the blog's cosine."""
    st.subheader("Similarity, three ways", anchor="similarity")
    st.markdown(_diagonal_sentence(found, names))
    shown = (
        ("Equation 5", "paper", found.paper, None,
         "The paper's score. Its diagonal is not 1: the more directions a task spreads along, the "
         "lower."),
        ("Normalised", "normalised", found.normalised, found.errors,
         "Equation 5 squared over its diagonal: 1 for identical tasks. Ours, not the paper's."),
        ("Mean cosine", "cosines", found.cosines, None,
         "Of two sentences, one of each task, as the blog compares them. It sees where the tasks "
         "lie, not how they spread."),
    )  # fmt: skip
    for column, (title, key, values, errors, words) in zip(st.columns(3), shown, strict=True):
        with column:
            st.markdown(f"**{title}**")
            chart(
                similarity_heatmap(
                    values,
                    names,
                    revision=f"covariance.{key}",
                    errors=errors,
                    signed=bool((values < -0.005).any()),
                    numbers=len(names) <= _FEW,
                ),
                key=f"covariance.{key}",
                alt=f"{title} between every two tasks.",
                how_to_read=words,
                height=340,
                filename=key,
            )
    with st.expander("The mathematics, with sources"):
        st.markdown(_MATHEMATICS.read_text(encoding="utf-8"))


def _diagonal_sentence(found: Analysis, names: list[str]) -> str:
    own = np.diagonal(found.paper)
    low, high = float(np.nanmin(own)), float(np.nanmax(own))
    between = found.paper[~np.eye(len(names), dtype=bool)]
    highest = f", while different tasks reach {np.nanmax(between):.2f}" if between.size else ""
    return (
        f"A task compared with itself scores {low:.2f} to {high:.2f} by equation 5{highest}. Read "
        "its rows against their own diagonal, or read the normalised score."
    )


def spectra(found: Analysis, clouds: Clouds) -> None:
    """How many directions each task needs."""
    st.subheader("Spectra", anchor="spectra")
    dimensions = [each.effective_dimensions for each in found.spectra]
    few, many = int(np.nanargmin(dimensions)), int(np.nanargmax(dimensions))
    width = clouds.rows[0].shape[1]
    st.markdown(
        f"Of {width} dimensions **{escaped(clouds.names[few])}** uses {dimensions[few]:.1f} "
        f"effectively, **{escaped(clouds.names[many])}** {dimensions[many]:.1f}."
    )
    left, right = st.columns(2)
    with left:
        chart(
            figures.spectra([each.values for each in found.spectra], found.kept, clouds.names),
            key="covariance.spectra",
            alt="Share of the spread of each task along its principal directions.",
            how_to_read="Steep: few directions carry the task. Marker: the last that equation 5 "
            "keeps. Around the origin the first direction says mostly where the task lies.",
            height=320,
            filename="spectra",
        )
    with right:
        st.dataframe(
            {
                "task": clouds.names,
                "examples": [len(rows) for rows in clouds.rows],
                "effective dimensions": dimensions,
                "kept for 99 %": list(found.kept),
                "first direction": [_first_share(each.values) for each in found.spectra],
            },
            hide_index=True,
            key="covariance.dimensions",
            column_config={
                "effective dimensions": st.column_config.NumberColumn(format="%.1f"),
                "first direction": st.column_config.NumberColumn(format="percent"),
            },
        )


def _first_share(values: np.ndarray) -> float:
    total = float(values.sum())
    return float(values[0]) / total if total > 0 else float("nan")
