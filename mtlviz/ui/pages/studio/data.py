"""The tasks of the run: which take part, what each brings, and what they give away."""

import streamlit as st

from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.estimate.facts import DataFacts, worst_leaks
from mtlviz.figures.theme import task_look
from mtlviz.ui.core import session
from mtlviz.ui.core.link import is_hidden
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.words import escaped, grouped, sentence
from mtlviz.ui.pages.studio import choosing, one_task, phases, problems
from mtlviz.ui.pages.studio.settings import RUN, change, task_tray

_TASKS = "studio.tasks"
_NOTICED = 0.01
"""Share of a development split that is worth a warning."""


def tasks(config: RunConfig) -> None:
    """Which tasks at hand take part, where to find more, and the settings of each."""
    if is_hidden(_TASKS):
        return
    session.set_widget(_TASKS, [task.name for task in config.data.tasks])
    st.pills(
        RUN.control("data.tasks").title,
        [task.name for task in task_tray()],
        selection_mode="multi",
        key=_TASKS,
        persist_state="session",
        format_func=lambda name: _marked(config, name),
        on_change=_take_pills,
        help="Leave some out to see what they give and take.",
    )
    if problem := RUN.problem("tasks"):
        st.error(sentence(problem))
    st.button(
        "Choose other tasks …",
        key="studio.choose",
        on_click=lambda: session.put(choosing.OPEN, True),
        help="Built-in tasks, data sets of this machine, your own uploads, any folder.",
    )
    folded(
        "Settings of one task", "studio.task",
        lambda: one_task.settings(config, problems.facts(config)),
    )  # fmt: skip


def _marked(config: RunConfig, name: str) -> str:
    """A task's name with the marker it has in every figure, if it takes part; Markdown."""
    names, shown = [task.name for task in config.data.tasks], escaped(name)
    symbols = {"circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "cross": "✚"}
    return f"{symbols[task_look(names.index(name)).marker]} {shown}" if name in names else shown


def _take_pills() -> None:
    chosen = list(session.widget(_TASKS) or [])
    take([task for task in task_tray() if task.name in chosen])


def take(chosen: list[TaskConfig]) -> None:
    """Train these tasks, in this order; what the weighting knows of each starts over."""
    if not chosen:
        RUN.tell("A run needs at least one task.", "tasks")
        return
    # The worked example belongs to the experiment's own three tasks; it has a control to ask again.
    changes: dict[str, object] = {
        "data.tasks": [task.model_dump(mode="json") for task in chosen],
        "probes.worked_example_every": 0,
    }
    if RUN.now.optimisation.phases:
        changes[phases.PLACE] = phases.of_tasks(RUN.now, chosen)
    if RUN.now.optimisation.weighting == "manual":
        changes["optimisation.weighting_options"] = {"values": [1.0] * len(chosen)}
    change(changes, "tasks")


def leakage(config: RunConfig) -> None:
    """What evaluation splits share with training splits, in words with counts."""
    known = problems.facts(config)
    if known is None:
        if problems.counting(config):
            st.caption("Counting examples and leaks …")
        return
    if config.data.drop_leaked:
        st.caption(_dropped(known))
        return
    if told := warning(known):
        st.caption(told)


def warning(known: DataFacts) -> str:
    """Whose score leaked examples would flatter most, with counts; empty if nobody's much."""
    worst = [leak for leak in worst_leaks(known.leaks).values() if leak.share >= _NOTICED]
    if not worst:
        return ""
    leak = max(worst, key=lambda leak: leak.share)
    told = (
        f"{grouped(leak.count)} of the {grouped(leak.examples)} development examples of "
        f"**{escaped(leak.evaluation_task)}** ({leak.share:.1%}) also stand in the training split "
        f"of **{escaped(leak.train_task)}**: its score will flatter."
    )
    others = len(worst) - 1
    if not others:
        return told
    noun = "task leaks" if others == 1 else "tasks leak"
    return f"{told} {others} more {noun}; the table of tasks has them all."


def _dropped(known: DataFacts) -> str:
    left_out = [
        f"{grouped(task.dropped)} of **{escaped(task.name)}**"
        for task in known.tasks
        if task.dropped
    ]
    if not left_out:
        return "No training example of these tasks stands in an evaluation split."
    return f"Left out, as they stand in an evaluation split: {', '.join(left_out)}."
