"""When PCGrad's Theorem 2 holds along a walk, and how often its step is better without it."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.figures.conflicts import method_look
from mtlviz.toy.landscapes.paths import Paths
from mtlviz.toy.landscapes.triad import Triad, triad

Flags = NDArray[np.bool_]


def section(paths: Paths, rate: float) -> None:
    """At how many of the kept steps each condition holds, method by method."""
    shown = st.expander(
        "At which steps does PCGrad's theorem promise a better step?",
        on_change="rerun",
        key="conflict.theorem",
    )
    if not shown.open:
        return
    with shown:
        step = st.number_input(
            "Step size η",
            1e-6,
            100.0,
            rate,
            step=1e-3,
            format="%g",
            key=f"conflict.theorem.step.{rate:g}",
            help="The theorem compares one plain gradient step with one PCGrad step of this size, "
            "from every place the runs came by. It knows no Adam.",
        )
        found = triad(paths, float(step))
        st.markdown(sentence(found))
        st.markdown(table(paths, found))
        st.caption(
            f"Shares of the {len(paths.steps)} kept steps × {len(paths.starts)} starts, by the "
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
    columns: dict[str, Flags] = {
        "conflict": found.cosine < 0,
        "(a)": found.angle,
        "(b)": found.curved,
        "(c)": found.long,
        "all three": found.promised,
        "PCGrad’s step lower": found.better,
        "higher": found.worse,
    }
    lines = [f"| walked by | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for row, method in enumerate(paths.methods):
        cells = " | ".join(f"{flags[row].mean():.0%}" for flags in columns.values())
        lines.append(f"| **{method_look(method.name).title}** | {cells} |")
    return "\n".join(lines)
