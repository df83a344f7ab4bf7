"""Pairs of tasks, each where the two differ most: which of them spread alike, to be seen."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.covariance import outline, overlap, where_they_differ
from mtlviz.engine.measures.task_spectra import Analysis
from mtlviz.figures.covariance import Pair, pair_outlines
from mtlviz.ui.component import chart
from mtlviz.ui.core import guess
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.words import escaped
from mtlviz.ui.pages.covariance.clouds import Clouds
from mtlviz.ui.pages.covariance.questions import offered_pairs

Array = NDArray[np.float64]
_PAIRS = Memo(64)
_WIDE, _NARROW = 4, 2  # Panels in a row.
_HOW = (
    "The more of their area two outlines both cover, the more alike the two tasks spread. Sizes "
    "are made equal; each panel is the plane in which its two tasks differ most, stretched to fit."
)
_NUMBERS = " Number: normalised similarity over all directions."


def pairs(found: Analysis, clouds: Clouds, centred: bool) -> None:
    """The pairs that the question offers, as outlines of one size."""
    offered = offered_pairs(found)
    if not offered:
        return
    matrices = [_in_a_plane(found, clouds, pair, centred) for pair in offered]
    drawn = [_drawn(found, *each) for each in zip(offered, matrices, strict=True)]
    wide, narrow = (
        pair_outlines(drawn, clouds.names, min(columns, len(drawn)), revision=f"pairs {columns}")
        for columns in (_WIDE, _NARROW)
    )
    narrow["layout"]["height"] = 60 + 150 * -(-len(drawn) // _NARROW)
    chart(
        wide,
        key="covariance.pairs",
        alt=f"Outlines of the spread of {len(drawn)} pairs of tasks, two in each panel, all of one "
        "size.",
        how_to_read=_HOW if guess.covers("answer") else _HOW + _NUMBERS,
        height=300,
        fit=True,
        narrow=narrow,
        filename="pairs",
    )
    if not guess.covers("answer") and (other := seen_otherwise(found, offered, matrices)):
        names = " and ".join(escaped(clouds.names[task]) for task in other)
        st.caption(f"In these planes {names} look most alike; over all directions they are not.")


def seen_otherwise(
    found: Analysis, offered: list[tuple[int, int]], matrices: list[tuple[Array, Array]]
) -> tuple[int, int] | None:
    """The pair that the picture shows as most alike, where the numbers say another."""
    seen = max(range(len(offered)), key=lambda place: overlap(*matrices[place]))
    best = max(offered, key=lambda pair: found.normalised[pair])
    return None if offered[seen] == best else offered[seen]


def _in_a_plane(
    found: Analysis, clouds: Clouds, pair: tuple[int, int], centred: bool
) -> tuple[Array, Array]:
    key = (*(clouds.keys[task] for task in pair), centred)
    return _PAIRS.once(key, (), lambda: where_they_differ(*(found.spectra[task] for task in pair)))


def _drawn(found: Analysis, pair: tuple[int, int], matrices: tuple[Array, Array]) -> Pair:
    note = "" if guess.covers("answer") else f"{found.normalised[pair]:.2f}"
    return Pair(pair, (outline(matrices[0]), outline(matrices[1])), note)
