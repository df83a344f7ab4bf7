"""Where every run ended: at the best mean, on the Pareto set, or short; and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mtlviz.figures.conflicts import method_look
from mtlviz.toy.landscapes.functions import LANDSCAPES, Landscape
from mtlviz.toy.landscapes.paths import Paths
from mtlviz.toy.landscapes.trajectories import TOLD
from mtlviz.ui.core import words

# Two units of distance on pictures that are 10 to 22 wide: nearer is "there".
_NEAR = 0.3


@dataclass(frozen=True)
class Ending:
    """How one run ended: `best`, `front`, `short` or `lost`, in words."""

    kind: str
    text: str


def ending(landscape: Landscape, point: np.ndarray, losses: np.ndarray) -> Ending:
    """Judge one end point, shape (2,), by its distance to the best mean and to the Pareto set."""
    if not np.isfinite(point).all():
        return Ending("lost", "✕ diverged")
    place = f"({_rounded(point[0])}, {_rounded(point[1])})"
    best = np.linalg.norm(point - np.array(landscape.optima["mean"]))
    if best < _NEAR:
        return Ending("best", f"● best mean {place}")
    if np.linalg.norm(landscape.pareto_set() - point, axis=1).min() < _NEAR:
        return Ending("front", f"◐ Pareto set {place}")
    mean = f"{losses.mean():.3g}".replace("-", "−")
    return Ending("short", f"○ short of it {place}, mean loss {mean}")


def _rounded(value: float) -> str:
    """Two decimals, a proper minus, and no minus zero."""
    return f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−")


def endings(paths: Paths) -> list[list[Ending]]:
    """One row per method, one ending per start."""
    landscape = LANDSCAPES[paths.landscape]
    return [
        [
            ending(landscape, points[-1], losses[-1])
            for points, losses in zip(of_method, its_losses, strict=True)
        ]
        for of_method, its_losses in zip(paths.points, paths.losses, strict=True)
    ]


def table(paths: Paths) -> str:
    """The endings as a Markdown table: a row per method, a column per start."""
    starts = [f"from ({x:g}, {y:g})".replace("-", "−") for x, y in paths.starts]
    rows = [[f"**{method_look(method.name).title}**", *(found.text for found in row)]
            for method, row in zip(paths.methods, endings(paths), strict=True)]  # fmt: skip
    return words.table(["", *starts], rows)


def verdict(paths: Paths) -> str:
    """One sentence: who reached the best mean from every start, and who got stuck."""
    found = dict(zip([method.name for method in paths.methods], endings(paths), strict=True))
    starts = len(paths.starts)
    parts = []
    for name, row in found.items():
        title, kinds = method_look(name).title, [each.kind for each in row]
        if kinds.count("best") == starts:
            parts.append(f"**{title}** reaches the best mean from {_all(starts)}")
        elif "short" in kinds or "lost" in kinds:
            missed = starts - kinds.count("best") - kinds.count("front")
            parts.append(f"**{title}** does not arrive from {missed} of {starts}")
        else:
            parts.append(f"**{title}** reaches the Pareto set from {_all(starts)}")
    return "; ".join(parts) + "."


def _all(starts: int) -> str:
    return "its start" if starts == 1 else f"all {starts} starts"


def explanation() -> None:
    """Why other programs of the same methods end elsewhere on the Pareto set."""
    with st.expander("Why do other programs of the same methods end elsewhere?"):
        st.markdown(_WORDS)
        st.markdown(told_table())
        st.caption(
            "x₁ after 100,000 steps of Adam, from (−8.5, 7.5), (−8.5, −5) and (9, 9). The Pareto "
            "set runs from x₁ = −7, best for task 2, to 7, best for task 1."
        )


_WORDS = """
Every point of the thick grey line is a Pareto point: there the two gradients are exactly opposite.
The exact update of MGDA and of PCGrad is zero, and that of Nash-MTL has no direction left. What
moves a run along the line is what rounding leaves, because **Adam divides by the size of its
updates** and so makes steps of the smallest.

- The CAGrad authors' program adds 10⁻⁸ to the denominator of MGDA. On the line that leaves an
  update of a billionth, always towards task 2, and MGDA from (9, 9) ends at −3.62, not at 3.33.
- The same 10⁻⁸ in PCGrad, as LibMTL has it, lets PCGrad creep to the best mean from every start.
- Crossing a valley's floor flips a gradient, so a start moved by 10⁻⁹ changes PCGrad's end by 2.

So read an end on the line as “somewhere on the Pareto set”. CAGrad differs by design: with c < 1
it walks on to the best mean from every start.
"""


def told_table() -> str:
    """The end points and what a small disturbance makes of them, as a Markdown table."""
    header = ["", "exact formula, as here", "start moved by 10⁻⁹", "10⁻⁸ added to denominators"]
    rows = []
    for name, told in TOLD.items():
        moved = "; ".join(_range(low, high) for low, high in told.moved)
        added = "not tried" if told.added is None else _listed(told.added)
        rows.append([f"**{method_look(name).title}**", _listed(told.here), moved, added])
    return words.table(header, rows)


def _range(low: float, high: float) -> str:
    return _rounded(low) if low == high else f"{_rounded(low)} to {_rounded(high)}"


def _listed(values: Sequence[float]) -> str:
    return "; ".join(_rounded(value) for value in values)
