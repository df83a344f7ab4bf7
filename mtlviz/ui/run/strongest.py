"""The updates at which tasks pulled apart most, to be looked at."""

import streamlit as st

from mtlviz.runs.history import History
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.run.cursor import look_at
from mtlviz.ui.run.markup import escaped
from mtlviz.ui.words import grouped

_MOST = 6


def strongest(run: RunSummary, seen: History, tasks: list[str]) -> None:
    """A button for each of the updates with the lowest cosines."""
    places = seen.strongest(_MOST)
    if not len(places):
        return
    st.markdown("**Strongest conflicts**")
    with st.container(horizontal=True, gap="small"):
        for place in places:
            update = int(seen.update[place])
            first, second = (escaped(tasks[task]) for task in seen.pair[place])
            cosine = f"{seen.cosine[place]:+.2f}".replace("-", "−")
            st.button(
                f"{grouped(update)} · {first} – {second} · {cosine}",
                key=f"run.conflict.{run.id}.{update}",
                on_click=look_at,
                args=(update, run),
                help="Update, the two tasks, the cosine of their gradients. Shows this update and "
                "its examples below.",
            )
