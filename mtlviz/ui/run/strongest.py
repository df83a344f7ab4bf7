"""The updates at which tasks pulled apart most, to be looked at."""

import streamlit as st

from mtlviz.runs.history import History
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import session
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.state import run as chosen

_MOST = 6


def strongest(run: RunSummary, seen: History, tasks: list[str], update: int) -> None:
    """The updates with the lowest cosines, to be chosen from.

    Args:
        run: The run.
        seen: All that is recorded of it.
        tasks: Names of its tasks.
        update: The update looked at.
    """
    labels = _labels(seen, tasks)
    if not labels:
        return
    key = f"run.conflict.{run.id}"
    session.set_widget(key, update if update in labels else None)
    st.pills(
        "Strongest conflicts",
        list(labels),
        format_func=labels.get,
        key=key,
        on_change=lambda: _chosen(key),
        help="Update, the two tasks, the cosine of their gradients. Shows this update and its "
        "examples below.",
    )


def _labels(seen: History, tasks: list[str]) -> dict[int, str]:
    """What is said of each of these updates, by its number."""
    labels = {}
    for place in seen.strongest(_MOST):
        update = int(seen.update[place])
        first, second = (escaped(tasks[task]) for task in seen.pair[place])
        cosine = f"{seen.cosine[place]:+.2f}".replace("-", "−")
        labels[update] = f"{grouped(update)} · {first} – {second} · {cosine}"
    return labels


def _chosen(key: str) -> None:
    # A second click on the same one takes the choice back: nothing else was chosen.
    if (update := session.widget(key)) is not None:
        chosen.choose_update(int(str(update)))
