"""How far the end points of the two valleys can be trusted: the same walks, disturbed a little."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.figures.conflicts import method_look
from mtlviz.toy.landscapes.end_points import TOLD


def explanation() -> None:
    """Why other programs of the same methods end elsewhere on the Pareto set."""
    with st.expander("Why do other programs of the same methods end elsewhere?"):
        st.markdown(_WORDS)
        st.markdown(table())
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


def table() -> str:
    """The end points and what a small disturbance makes of them, as a Markdown table."""
    lines = [
        "| | exact formula, as here | start moved by 10⁻⁹ | 10⁻⁸ added to denominators |",
        "|---|---|---|---|",
    ]
    for name, told in TOLD.items():
        moved = "; ".join(_range(low, high) for low, high in told.moved)
        added = "not tried" if told.added is None else _listed(told.added)
        title = method_look(name).title
        lines.append(f"| **{title}** | {_listed(told.here)} | {moved} | {added} |")
    return "\n".join(lines)


def _range(low: float, high: float) -> str:
    return _number(low) if low == high else f"{_number(low)} to {_number(high)}"


def _listed(values: Sequence[float]) -> str:
    return "; ".join(_number(value) for value in values)


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
