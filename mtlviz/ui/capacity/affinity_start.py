"""The runs that measure affinities and transfer: how many, how long, and the button."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs import affinity_study
from mtlviz.runs.stored_study import begin_study
from mtlviz.ui import cache
from mtlviz.ui.capacity.settings import Shown
from mtlviz.ui.capacity.start import Planned, estimate
from mtlviz.ui.capacity.text_controls import chosen_tasks
from mtlviz.ui.core import session
from mtlviz.ui.core.words import escaped, listed
from mtlviz.ui.state import capacity as chosen

_UPDATES, _SEEDS = "affinity.updates", "affinity.seeds"


def start_form() -> None:
    """What the chosen tasks need, and the one click that queues it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Updates", 20, 5000, value=200, step=20, key=_UPDATES,
            help="Updates of each run; every task takes part in each.",
        )  # fmt: skip
        st.number_input(
            "Seeds", 1, 10, value=3, key=_SEEDS, help="One seed gives no interval over seeds."
        )
        try:
            plan = _planned()
        except MtlvizError as error:
            st.error(escaped(str(error)))
            return
        st.button(
            f"Queue {len(plan)} runs", type="primary", key="affinity.start", on_click=_start,
            help="Per seed: all tasks on one encoder with affinities, each on its own, and every "
            "pair of them.",
        )  # fmt: skip
    names = [choice.name for choice in chosen_tasks(chosen.form())]
    st.markdown(
        f"Tasks: {escaped(listed(names))} (chosen in the side bar). Per seed one run of all, one "
        "of each apart, and one of each pair, so that affinity can be held against real transfer."
    )
    estimate(plan)


def _planned() -> Planned:
    tasks = [choice.config for choice in chosen_tasks(chosen.form())]
    updates, seeds = (int(str(session.get(key))) for key in (_UPDATES, _SEEDS))
    return affinity_study.planned(tasks, updates, range(seeds))


def _start() -> None:
    try:
        names = [choice.name for choice in chosen_tasks(chosen.form())]
        plan = _planned()
        begin_study(cache.store(), affinity_study.KIND, listed(names), plan)
    except MtlvizError as error:
        chosen.tell(str(error))
        return
    # The newest run with affinities is shown as soon as it is finished.
    chosen.change(Shown, run=None)
