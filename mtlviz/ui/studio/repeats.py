"""How often the run is repeated, and what it is compared with."""

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.ui import state
from mtlviz.ui.state import studio
from mtlviz.ui.studio.number_field import number
from mtlviz.ui.studio.widgets import show_problem

_SEEDS, _ALONE = "studio.how_many", "studio.train_alone"


def repeats(config: RunConfig) -> None:
    """How many seeds, and whether every task is trained alone too."""
    if not state.is_hidden("studio.seeds"):
        state.set_widget(_SEEDS, studio.seeds())
        number(
            "How many seeds",
            step=1,
            key=_SEEDS,
            on_change=_set_seeds,
            help="Each seed is a run of its own in the queue, from the seed above upwards. Three "
            "or more let Compare tell luck from effect.",
        )
        show_problem(_SEEDS)
    if not state.is_hidden("studio.alone") and len(config.data.tasks) > 1:
        state.set_widget(_ALONE, studio.trains_alone())
        st.toggle(
            "Train each task alone too",
            key=_ALONE,
            on_change=lambda: studio.set_trains_alone(bool(state.widget(_ALONE))),
            help="The baseline that transfer is measured against: the same seed, encoder and "
            "number of updates for each task, nothing shared.",
        )


def _set_seeds() -> None:
    count = int(str(state.widget(_SEEDS)))
    if 1 <= count <= studio.MOST_SEEDS:
        studio.set_seeds(count)
    else:
        sentence = f"How many seeds must be 1 to {studio.MOST_SEEDS}, got {count}."
        state.put(f"problem.{_SEEDS}", sentence)
