"""Every run over its steps: the mean loss, and the numbers of PCGrad's tragic triad."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.conflict import cosines, curvature_bound, magnitude_similarity
from mtlviz.figures.conflicts import method_look
from mtlviz.figures.landscapes import Descent, descents
from mtlviz.toy.landscapes.paths import Paths
from mtlviz.toy.landscapes.triad import Triad, triad
from mtlviz.ui.component import chart
from mtlviz.ui.core import words
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.words import counted
from mtlviz.ui.pages.conflict.settings import LOOKING

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
    folded("At which steps does PCGrad's theorem promise a better step?", "conflict.theorem",
           lambda: _theorem(paths, rate))  # fmt: skip


def _measure(paths: Paths, rate: float) -> None:
    """One of the numbers of PCGrad's tragic triad at every step."""
    control(LOOKING, "measure", look="segmented")
    chosen = LOOKING.now.measure
    title, (of, reading) = LOOKING.control("measure").offered()[chosen], MEASURES[chosen]
    chart(
        descents(paths.steps, _runs(paths, of(paths, rate)), title),
        key="conflict.walk.measured",
        alt=f"{title} over steps, one line per method and start.",
        how_to_read=reading,
        height=300,
        cursor_group=CURSOR,
        filename=f"landscape-{chosen}",
    )


def _of_pair(measure: Callable[[Array], Array]) -> Callable[[Paths, float], Array]:
    """A measure of Gram matrices (..., 2, 2), for the one pair of tasks there is."""

    def of(paths: Paths, _rate: float) -> Array:
        return measure(paths.gradients @ paths.gradients.swapaxes(-1, -2))[..., 0, 1]

    return of


def _share_of_curvature(paths: Paths, rate: float) -> Array:
    found = triad(paths, rate)
    return found.bend / found.greatest


# From the runs and the learning rate to values of shape (M, S, T); and how to read them.
MEASURES: dict[str, tuple[Callable[[Paths, float], Array], str]] = {
    "cosine": (
        _of_pair(cosines),
        "Below zero the tasks conflict. At −1 no step helps both: the run is on the Pareto set, "
        "or stuck.",
    ),
    "magnitude": (
        _of_pair(magnitude_similarity),
        "1: equally long gradients. Near 0: one task dominates the sum.",
    ),
    "bound": (
        _of_pair(lambda grams: np.minimum(curvature_bound(grams), _MOST_BOUND)),
        "The share of the greatest curvature that the theorem asks for. Above 1 it promises "
        f"nothing. Cut off at {_MOST_BOUND:g}.",
    ),
    "curvature": (
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


def _theorem(paths: Paths, rate: float) -> None:
    """At how many of the kept steps each condition holds, method by method."""
    control(LOOKING, "eta", placeholder=f"{rate:g}")
    found = triad(paths, LOOKING.now.eta or rate)
    st.markdown(sentence(found))
    st.markdown(table(paths, found))
    st.caption(
        f"Shares of the {counted(len(paths.steps), 'kept step')} × "
        f"{counted(len(paths.starts), 'start')}, by the "
        "method that walked. (a) cos φ ≤ −Φ, (b) ℓ ≥ ξL, (c) η ≥ 2 / (ℓ − ξL); ℓ is exact, L "
        "the greatest curvature at 9 places of either step. Lower and higher: the summed loss "
        "after PCGrad's step against that after the plain one, computed, not predicted."
    )


def sentence(found: Triad) -> str:
    """Whether the theorem ever speaks here, and what happens where it is silent."""
    conflict = found.cosine < 0
    if not conflict.any():
        return "No step of these runs has a conflict."
    promised = float(found.promised.mean())
    first = (
        f"All three conditions hold at **{promised:.1%}** of the steps."
        if promised
        else "All three conditions hold **nowhere** on these runs."
    )
    if not found.long.any():
        first += (
            " (c) never does: it asks for a step of 2/ℓ or more, where plain descent overshoots."
        )
    lower = float(found.better[conflict].mean())
    return (
        f"{first} Where the tasks conflict, PCGrad's step ends lower than the plain one at "
        f"**{lower:.0%}** of the steps: the theorem's silence is not a verdict."
    )


def table(paths: Paths, found: Triad) -> str:
    """One row per method that walked, as a Markdown table."""
    columns = {
        "conflict": found.cosine < 0,
        "(a)": found.angle,
        "(b)": found.curved,
        "(c)": found.long,
        "all three": found.promised,
        "PCGrad’s step lower": found.better,
        "higher": found.worse,
    }
    rows = [[f"**{method_look(method.name).title}**",
             *(f"{flags[row].mean():.0%}" for flags in columns.values())]
            for row, method in enumerate(paths.methods)]  # fmt: skip
    return words.table(["walked by", *columns], rows)
