"""Every run over its steps: the mean loss, and the numbers of PCGrad's tragic triad."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.conflict import cosines, curvature_bound, magnitude_similarity
from mtlviz.figures.conflicts import method_look
from mtlviz.figures.landscapes import Descent, descents
from mtlviz.toy.landscapes.paths import Paths
from mtlviz.ui.component import chart

CURSOR = "conflict.walk"
_MOST_BOUND = 3.0


def curves(paths: Paths) -> None:
    """Mean loss and one measure of conflict, linked to the film by its step."""
    left, right = st.columns(2)
    with left:
        chart(
            descents(paths.steps, _runs(paths, paths.losses.mean(axis=-1)), "mean of both losses"),
            key="conflict.walk.losses",
            alt="Mean of both losses over steps, one line per method and start.",
            how_to_read="Lower is better. Drag the line to move the film.",
            height=300,
            cursor_group=CURSOR,
            filename="landscape-loss",
        )
    with right:
        _measure(paths)


def _measure(paths: Paths) -> None:
    """One of the numbers of PCGrad's tragic triad at every step."""
    chosen = st.segmented_control(
        "At every step",
        list(_MEASURES),
        default="cosine",
        required=True,
        key="conflict.walk.measure",
        format_func=lambda name: _MEASURES[name].title,
        help="Conflict, alike lengths and the curvature bound: what PCGrad's Theorem 2 asks about.",
    )
    shown = _MEASURES[str(chosen)]
    grams = paths.gradients @ paths.gradients.swapaxes(-1, -2)
    chart(
        descents(paths.steps, _runs(paths, shown.of(grams)[..., 0, 1]), shown.title),
        key="conflict.walk.measured",
        alt=f"{shown.title} over steps, one line per method and start.",
        how_to_read=shown.reading,
        height=300,
        cursor_group=CURSOR,
        filename=f"landscape-{chosen}",
    )


@dataclass(frozen=True)
class _Measure:
    """A number of two gradients over steps."""

    title: str
    of: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    reading: str


_MEASURES = {
    "cosine": _Measure(
        "cosine",
        cosines,
        "Below zero the tasks conflict. At −1 no step helps both: the run is on the Pareto set, "
        "or stuck.",
    ),
    "magnitude": _Measure(
        "lengths alike Φ",
        magnitude_similarity,
        "1: equally long gradients. Near 0: one task dominates the sum.",
    ),
    "bound": _Measure(
        "curvature bound ξ",
        lambda grams: np.minimum(curvature_bound(grams), _MOST_BOUND),
        f"Above 1 PCGrad's theorem promises nothing. Cut off at {_MOST_BOUND:g}.",
    ),
}


def _runs(paths: Paths, values: NDArray[np.float64]) -> list[Descent]:
    return [
        Descent(method_look(method.name), number + 1, row)
        for method, rows in zip(paths.methods, values, strict=True)
        for number, row in enumerate(rows)
    ]
