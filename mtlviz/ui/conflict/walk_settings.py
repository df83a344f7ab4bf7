"""The landscape's settings: surface, methods, starts, optimiser."""

from collections.abc import Callable

import streamlit as st

from mtlviz.figures.conflicts import method_look
from mtlviz.toy.arrow_link import shortest
from mtlviz.toy.arrows import MOST_STEPS, ArrowsConfig
from mtlviz.toy.landscapes.functions import LANDSCAPES
from mtlviz.toy.landscapes.methods import METHODS
from mtlviz.toy.landscapes.optimisers import OPTIMISERS
from mtlviz.ui import state
from mtlviz.ui.conflict.header import update
from mtlviz.ui.conflict.walking import HELP, PROBLEM, start


def settings(config: ArrowsConfig) -> None:
    """Everything that decides the walk, folded away below the picture."""
    with st.expander("Landscape, methods, starts and optimiser"):
        left, right = st.columns(2)
        with left:
            _choice("Landscape", "landscape", list(LANDSCAPES), lambda name: LANDSCAPES[name].title)
            _walkers(config)
        with right:
            _starts(config)
            with st.container(horizontal=True):
                _choice("Optimiser", "optimiser", list(OPTIMISERS), str)
                _number("Steps", "steps", 10, MOST_STEPS, 1000)
                _number("Learning rate", "rate", 1e-6, 1.0, 1e-3)
        st.button("Walk", key="conflict.walk.again", on_click=start, help=HELP)


def _choice(title: str, field: str, options: list[str], shown: Callable[[str], str]) -> None:
    key = f"conflict.{field}"
    state.set_widget(key, getattr(state.arrows(), field))
    st.selectbox(
        title,
        options,
        key=key,
        format_func=shown,
        on_change=_set_landscape if field == "landscape" else _set,
        args=() if field == "landscape" else (field,),
        help=_FIELD_HELP[field],
    )


def _number(title: str, field: str, low: float, high: float, step: float) -> None:
    key = f"conflict.{field}"
    state.set_widget(key, getattr(state.arrows(), field))
    st.number_input(
        title, low, high, step=step, key=key, on_change=_set, args=(field,),
        format="%g" if isinstance(step, float) else "%d", help=_FIELD_HELP[field],
    )  # fmt: skip


_FIELD_HELP = {
    "landscape": "Two losses over a plane, from the papers. A new one brings its own starts and "
    "number of steps.",
    "optimiser": "What turns an update into a step. The papers use Adam.",
    "steps": "Updates of every run. A hundred thousand take some seconds.",
    "rate": "The optimiser's step size.",
}


def _set(field: str) -> None:
    update(**{field: state.widget(f"conflict.{field}")})


def _set_landscape() -> None:
    name = str(state.widget("conflict.landscape"))
    update(landscape=name, starts=(), steps=LANDSCAPES[name].steps)


def _walkers(config: ArrowsConfig) -> None:
    state.set_widget("conflict.walkers", list(config.walkers))
    st.multiselect(
        "Who walks",
        METHODS,
        key="conflict.walkers",
        format_func=lambda name: method_look(name).title,
        on_change=lambda: update(walkers=tuple(state.widget("conflict.walkers"))),
        help="Combiners, FAMO, or one loss alone.",
    )


def _starts(config: ArrowsConfig) -> None:
    text = "; ".join(f"{shortest(x)} {shortest(y)}" for x, y in config.walk_starts)
    state.set_widget("conflict.starts", text)
    st.text_input(
        "Starts",
        key="conflict.starts",
        on_change=_set_starts,
        help="Two numbers per start, starts separated by semicolons. Leave it empty for the "
        "published ones, or click a picture.",
    )


def _set_starts() -> None:
    text = str(state.widget("conflict.starts"))
    try:
        starts = tuple(tuple(float(part) for part in pair.split()) for pair in _pairs(text))
    except ValueError:
        state.put(
            PROBLEM, f"Starts are pairs of numbers separated by semicolons, got {text!r:.60}."
        )
        return
    update(starts=starts)


def _pairs(text: str) -> list[str]:
    return [pair for pair in text.split(";") if pair.strip()]
