"""Whose updates are drawn, what each of them does, how long, and in which order PCGrad visits."""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.combiners.combination import Combination
from mtlviz.figures.conflicts import method_look
from mtlviz.toy.arrows import OVERLAYS, ArrowsConfig
from mtlviz.ui import state
from mtlviz.ui.conflict import scale
from mtlviz.ui.conflict.header import shows, update


def section(
    config: ArrowsConfig, gram: NDArray[np.float64], results: Mapping[str, Combination]
) -> None:
    """The choice of methods, their lengths, and PCGrad's order."""
    if shows("methods"):
        _methods(config)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if shows("match"):
            _match(config)
        if config.tasks > 2 and shows("order"):
            _order(config)
    said = scale.sentence(config, gram, results)
    if said and shows("verdict"):
        st.markdown(said)


def method_help(name: str) -> str:
    """What a method does, and whether its weights add up like a sum's or like a mean's."""
    return f"{COMBINERS[name].help} {scale.adds_up(name)}"


def _methods(config: ArrowsConfig) -> None:
    state.set_widget("conflict.methods", list(config.methods))
    st.multiselect(
        "Methods",
        OVERLAYS,
        key="conflict.methods",
        format_func=lambda name: method_look(name).title,
        on_change=lambda: update(methods=tuple(state.widget("conflict.methods"))),
        help="Whose update is drawn over the gradients. Methods that learn from earlier steps, "
        "such as GradVac (on a single step it is PCGrad), are left out.",
    )
    if config.methods:
        with st.expander("What the chosen methods do"):
            st.markdown("\n".join(_line(name) for name in config.methods))


def _line(name: str) -> str:
    return f"- **{method_look(name).title}**: {method_help(name)}"


def _match(config: ArrowsConfig) -> None:
    state.set_widget("conflict.match", config.match)
    st.toggle(
        "All as long as the sum",
        key="conflict.match",
        on_change=lambda: update(match=bool(state.widget("conflict.match"))),
        help="Methods scale their weights differently, which acts as a hidden learning rate. "
        "Switch this on to compare directions alone.",
    )


def _order(config: ArrowsConfig) -> None:
    state.set_widget("conflict.order", " ".join(str(task + 1) for task in config.order))
    st.text_input(
        "PCGrad visits in this order",
        key="conflict.order",
        on_change=_set_order,
        help="PCGrad draws an order at random; here it is yours: the tasks' numbers, such as "
        "3 1 2. Every task meets the others in this order.",
        width=220,
    )


def _set_order() -> None:
    text = str(state.widget("conflict.order"))
    digits = [character for character in text if character.isdigit()]
    update(order=tuple(int(digit) - 1 for digit in digits))
