"""What a sent table makes: the task to be, or what is wrong with it row by row."""

import streamlit as st

from mtlviz.engine.tasks.survey import survey
from mtlviz.engine.tasks.task import Task
from mtlviz.engine.tasks.upload import Checked
from mtlviz.errors import MtlvizError
from mtlviz.figures.data import label_bars, score_bars
from mtlviz.runs.own_tasks import save_own
from mtlviz.ui.component import chart
from mtlviz.ui.core.words import escaped, grouped, listed, score
from mtlviz.ui.data import cached
from mtlviz.ui.data.header import NOTE, PROBLEM
from mtlviz.ui.state import data, put


def outcome(found: Checked) -> None:
    """What is wrong, or what the table makes."""
    if found.task is None:
        lines = [f"- {escaped(problem)}" for problem in found.problems]
        if found.more:
            lines.append(f"- … and {grouped(found.more)} more.")
        st.error("Nothing is kept yet:\n\n" + "\n".join(lines))
        return
    st.markdown(_told(found.task))
    for note in found.notes:
        st.warning(escaped(note))
    st.button(
        "Keep this task",
        key="data.keep",
        type="primary",
        on_click=_keep,
        args=(found.task,),
        help="It is listed here and in the Studio from then on.",
    )
    _picture(found.task)


def _told(task: Task) -> str:
    sizes = listed([f"**{grouped(len(part))}** {split}" for split, part in task.splits.items()])
    counted = survey(task)
    if counted.floor is None:
        return f"Every row is right: {sizes} examples with scores."
    return (
        f"Every row is right: {sizes} examples in {len(task.label_names)} classes. Always "
        f"answering **{escaped(counted.floor.answer)}** would score "
        f"**{score(counted.floor.score)}** on dev."
    )


def _picture(task: Task) -> None:
    counted = survey(task)
    if counted.labels:
        figure = label_bars(counted.labels, task.label_names, counted.sizes)
    else:
        figure = score_bars(counted.scores)
    chart(
        figure,
        key=f"data.draft.labels.{len(task.label_names)}",
        alt="Share of each label in each split of the new task.",
        how_to_read="The splits have the same share of each class, as far as that is possible.",
        height=110 + 34 * max(3, len(task.label_names)),
        filename="labels",
    )


def _keep(task: Task) -> None:
    try:
        save_own(cached.home(), task)
    except MtlvizError as error:
        put(PROBLEM, str(error))
        return
    data.set_draft(None)
    data.show_task(f"own/{task.name}")
    put(NOTE, f"Kept as your own task “{task.name}”. The Studio can train on it.")
