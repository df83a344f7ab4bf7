"""More seeds for what was run with one: without them a difference has no interval."""

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.runs import queue
from mtlviz.ui.core import run_records, session
from mtlviz.ui.core.run_actions import act
from mtlviz.ui.core.words import counted
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns

_MORE = 4


def offer_seeds(compared: ComparedRuns) -> None:
    """A button that queues the same runs with further seeds, where there is one seed alone."""
    wanted = _wanted(compared)
    if not wanted:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Add seeds",
            key="compare.add_seeds",
            on_click=act,
            args=(queue.start_all, wanted, session.visitor()),
            help=f"One seed gives no interval. This queues {counted(len(wanted), 'run')}: the same "
            f"settings with {_MORE} further seeds. Their tasks alone can be queued after them.",
        )
        st.caption(counted(len(wanted), "run"))


def _wanted(compared: ComparedRuns) -> list[RunConfig]:
    """The runs of groups with one seed, with the seeds that follow it and do not wait already."""
    store = run_records.store()
    waiting = {store.config(run.id).key_without("name") for run in store.runs(("queued",))}
    found = []
    for group in compared.together:
        # A recorded run is another machine's, and is not repeated here.
        if len({run.seed for run in group.used}) != 1 or group.used[0].summary.recorded:
            continue
        first = store.config(group.used[0].id)
        for seed in range(first.seed + 1, first.seed + 1 + _MORE):
            name = f"{first.name or 'run'}, seed {seed}"
            config = first.model_copy(update={"seed": seed, "name": name})
            if config.key_without("name") not in waiting:
                found.append(config)
    return found
