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
from mtlviz.toy.landscapes.triad import triad
from mtlviz.ui.component import chart
from mtlviz.ui.conflict import theorem

Array = NDArray[np.float64]

CURSOR = "conflict.walk"
_MOST_BOUND = 3.0


def curves(paths: Paths, rate: float) -> None:
    """Mean loss and one measure of conflict, linked to the film by its step.

    Args:
        paths: The runs.
        rate: The walk's learning rate, the step size that the theorem is first asked about.
    """
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
        _measure(paths, rate)
    theorem.section(paths, rate)


def _measure(paths: Paths, rate: float) -> None:
    """One of the numbers of PCGrad's tragic triad at every step."""
    chosen = st.segmented_control(
        "At every step",
        list(MEASURES),
        default="cosine",
        required=True,
        key="conflict.walk.measure",
        format_func=lambda name: MEASURES[name].title,
        help="Conflict, unequal lengths, curvature: PCGrad's “tragic triad”, and what its Theorem "
        "2 asks about.",
    )
    shown = MEASURES[str(chosen)]
    chart(
        descents(paths.steps, _runs(paths, shown.of(paths, rate)), shown.title),
        key="conflict.walk.measured",
        alt=f"{shown.title} over steps, one line per method and start.",
        how_to_read=shown.reading,
        height=300,
        cursor_group=CURSOR,
        filename=f"landscape-{chosen}",
    )


@dataclass(frozen=True)
class Measure:
    """A number of two gradients over steps.

    Attributes:
        title: What it is called.
        of: From the runs and the learning rate to its values, shape (M, S, T).
        reading: How to read it.
    """

    title: str
    of: Callable[[Paths, float], Array]
    reading: str


def _of_pair(measure: Callable[[Array], Array]) -> Callable[[Paths, float], Array]:
    """A measure of Gram matrices (..., 2, 2), for the one pair of tasks there is."""

    def of(paths: Paths, _rate: float) -> Array:
        return measure(paths.gradients @ paths.gradients.swapaxes(-1, -2))[..., 0, 1]

    return of


def _share_of_curvature(paths: Paths, rate: float) -> Array:
    found = triad(paths, rate)
    return found.bend / found.greatest


MEASURES = {
    "cosine": Measure(
        "cosine",
        _of_pair(cosines),
        "Below zero the tasks conflict. At −1 no step helps both: the run is on the Pareto set, "
        "or stuck.",
    ),
    "magnitude": Measure(
        "lengths alike Φ",
        _of_pair(magnitude_similarity),
        "1: equally long gradients. Near 0: one task dominates the sum.",
    ),
    "bound": Measure(
        "curvature bound ξ",
        _of_pair(lambda grams: np.minimum(curvature_bound(grams), _MOST_BOUND)),
        "The share of the greatest curvature that the theorem asks for. Above 1 it promises "
        f"nothing. Cut off at {_MOST_BOUND:g}.",
    ),
    "curvature": Measure(
        "curvature ℓ ÷ L",
        _share_of_curvature,
        "How much the summed loss bends along a plain step, as a share of the greatest curvature "
        "on the way. The theorem asks that it be at least ξ.",
    ),
}


def _runs(paths: Paths, values: NDArray[np.float64]) -> list[Descent]:
    return [
        Descent(method_look(method.name), number + 1, row)
        for method, rows in zip(paths.methods, values, strict=True)
        for number, row in enumerate(rows)
    ]
