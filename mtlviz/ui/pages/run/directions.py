"""The gradients of one update in a plane of the visitor's choice, with the update they made."""

from itertools import combinations

import numpy as np
import streamlit as st

from mtlviz.engine.counterfactual import Moment
from mtlviz.engine.measures.gradient_planes import RECORDED, TITLES, Projection, projected
from mtlviz.engine.records import Plane
from mtlviz.errors import DataError
from mtlviz.figures import one_update as figures
from mtlviz.ui.component import chart
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.run_choice import CHOICE

_HOW = {
    "most": "Principal components of the Gram matrix.",
    "parameters": "The plane of two shared parameters, the same through the run; it keeps little "
    "of a gradient, so that angles in it say little about the gradients'.",
    "directions": "Two random directions at right angles, the same through the run; like two "
    "parameters they keep little of a gradient.",
    "pair": "The plane of two tasks keeps both whole.",
}
_HEIGHT = 340


def directions(
    seen: Moment, planes: dict[str, Plane], names: list[str], prefix: str = "run.plane"
) -> None:
    """Each task's downhill direction and the update's, with the share that the plane keeps."""
    control(CHOICE, "plane", look="segmented", key=f"{prefix}.name")
    name = CHOICE.now.plane
    pair = _pair(seen, names, prefix) if name == "pair" else (0, 1)
    try:
        found = projected(name, seen, planes, pair)
    except DataError as error:
        st.info(f"{error} {_advice(name)}")
        return
    due = [names[task] for task in seen.due]
    chart(
        figures.downhill(found.arrows, found.update, due, seen.due.tolist(), found.titles),
        key=f"{prefix}.arrows",
        alt=f"Each task's downhill direction and the update's. Plane: {TITLES[name].lower()}.",
        how_to_read="Arrows point to where each task's loss falls; grey is the update before "
        f"clipping; one scale. {_HOW[name]} {_kept(found, due)}",
        height=_HEIGHT,
        filename="directions",
    )


def _pair(seen: Moment, names: list[str], prefix: str) -> tuple[int, int]:
    """The two tasks that span the plane, both of them due."""
    pairs = list(combinations(seen.due.tolist(), 2))
    kept = CHOICE.now.pair if CHOICE.now.pair in pairs else pairs[0]
    titles = {pair: f"{names[pair[0]]} and {names[pair[1]]}" for pair in pairs}
    control(CHOICE, "pair", key=f"{prefix}.pair", choices=titles, value=kept, look="one")
    return kept


def _advice(name: str) -> str:
    if name not in RECORDED:
        return "Choose another plane."
    return "`--set probes.planes_every=1` takes the projections at every update of a new run."


def _kept(found: Projection, due: list[str]) -> str:
    """The share of each arrow that the plane shows."""
    shares = [*zip(due, found.share.tolist(), strict=True), ("update", found.update_share)]
    told = [f"{name} {_percent(share)}" for name, share in shares if np.isfinite(share)]
    return f"Share of each length that the plane keeps: {', '.join(told)}."


def _percent(share: float) -> str:
    """A share with two digits that mean something."""
    if share >= 0.1 or share == 0:
        return f"{share:.0%}"
    return f"{100 * share:.2g} %"
