"""How often the run is repeated, and what it is compared with."""

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.ui import state
from mtlviz.ui.state import studio
from mtlviz.ui.studio.number_field import number

_SEEDS, _ALONE = "studio.how_many", "studio.train_alone"


def repeats(config: RunConfig) -> None:
    """How many seeds, and whether every task is trained alone too."""
    if not state.is_hidden("studio.seeds"):
        state.set_widget(_SEEDS, studio.seeds())
        number(
            "How many seeds",
            min_value=1,
            max_value=studio.MOST_SEEDS,
            key=_SEEDS,
            on_change=lambda: studio.set_seeds(int(str(state.widget(_SEEDS)))),
            help="Each seed is a run of its own in the queue, from the seed above upwards. Three "
            "or more let Compare tell luck from effect.",
        )
    if not state.is_hidden("studio.alone") and len(config.data.tasks) > 1:
        state.set_widget(_ALONE, studio.trains_alone())
        st.toggle(
            "Train each task alone too",
            key=_ALONE,
            on_change=lambda: studio.set_trains_alone(bool(state.widget(_ALONE))),
            help="The baseline that transfer is measured against: the same seed, encoder and "
            "number of updates for each task, nothing shared.",
        )
