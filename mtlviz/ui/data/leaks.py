"""Which evaluation examples stand in which training split: searched in the background, shown."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.catalogue import TaskChoice
from mtlviz.engine.tasks.leakage import EVALUATION, Leak, LeakPart
from mtlviz.figures.data import leak_matrix
from mtlviz.ui.component import chart
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.data import cached
from mtlviz.ui.data.leaked import PAGE, sentences
from mtlviz.ui.data.matrix import Matrix, between, largest, matrix, verdict
from mtlviz.ui.jobs import Job
from mtlviz.ui.state import clicked, data, put, remember, set_widget, widget

MOST_TASKS = 14
_AT_ONCE = 30_000
"""Examples that are compared without being asked: about a second."""
_SPLITS = ("dev and test", *EVALUATION)
_CHART, _CELL, _ASKED = "data.leaks.chart", "data.leaks.cell", "data.leaks.asked"
_ROW, _MARGIN = 40, 130


def section(choices: Sequence[TaskChoice], chosen: TaskChoice) -> None:
    """Choose tasks, search in the background, show what was found."""
    compared = _compared(choices, chosen)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        _choose(choices, compared)
    with right:
        split = _split()
    if len(compared) > MOST_TASKS:
        st.error(f"At most {MOST_TASKS} tasks fit into one picture; leave some out.")
        return
    if not compared:
        st.info("Choose at least one task.")
        return
    whole = sum(sum(choice.sizes.values()) for choice in compared)
    keys = tuple(choice.key for choice in compared)
    if whole > _AT_ONCE and remember(_ASKED, None) != keys:
        st.markdown(
            f"Does a model see sentences in training that another task is scored on? "
            f"{grouped(whole)} examples of {len(compared)} tasks are read and compared."
        )
        st.button("Look for leaks", key="data.leaks.start", type="primary", on_click=put,
                  args=(_ASKED, keys), help="The page stays usable.")  # fmt: skip
        return
    job = cached.leak_job(compared)
    st.fragment(_show, run_every=0.5 if job.running else None)(job, job.running, compared, split)


def _compared(choices: Sequence[TaskChoice], chosen: TaskChoice) -> list[TaskChoice]:
    """The tasks of the link, or those found where the chosen one was, that can share a text."""
    asked = data.shown().leaks
    if asked:
        by_key = {choice.key: choice for choice in choices}
        return [by_key[key] for key in asked if key in by_key]
    pair = KINDS[chosen.kind].pair
    alike = [
        choice
        for choice in choices
        if choice.group == chosen.group and KINDS[choice.kind].pair == pair
    ]
    return alike[:MOST_TASKS]


def _choose(choices: Sequence[TaskChoice], compared: Sequence[TaskChoice]) -> None:
    names = dict(zip([choice.key for choice in choices], cached.short_names(choices), strict=True))
    set_widget("data.leaks", [choice.key for choice in compared])
    st.multiselect(
        "Tasks",
        list(names),
        key="data.leaks",
        format_func=lambda key: names[key],
        on_change=lambda: data.compare(list(widget("data.leaks"))),
        help="Every two of them are compared. A sentence can match a sentence, a pair a pair.",
        width="stretch",
    )


def _split() -> str:
    return str(
        st.segmented_control(
            "Scored on",
            _SPLITS,
            key="data.leaks.split",
            default=_SPLITS[0],
            required=True,
            help="Whose examples are looked for in the training splits.",
        )
    )


def _show(job: Job, live: bool, choices: Sequence[TaskChoice], split: str) -> None:
    if live and not job.running:
        st.rerun()  # One whole run ends the timer.
    if job.error:
        st.error(escaped(job.error))
        return
    part = job.part
    if not isinstance(part, LeakPart) or part.progress < 1:
        st.progress(part.progress if isinstance(part, LeakPart) else 0.0, text=_doing(job))
        return
    _draw(part.leaks, choices, split)


def _doing(job: Job) -> str:
    if job.waiting:
        return "Waiting for another computation to finish …"
    doing = job.part.doing if isinstance(job.part, LeakPart) else "beginning"
    left = job.seconds_left()
    about = "" if left is None else f", about {max(1, round(left))} s left"
    return f"{escaped(doing[:1].upper() + doing[1:])} …{about}"


def _draw(leaks: Sequence[Leak], choices: Sequence[TaskChoice], split: str) -> None:
    found = matrix(leaks, choices, split)
    st.markdown(verdict(found, split))
    cell = _cell(found)
    chart(
        leak_matrix(found.shares, found.counts, found.examples, found.names, split),
        key=_CHART,
        alt=f"Heatmap: share of each task's {split} examples that stand in each task's train "
        "split.",
        how_to_read="Row: the task that is scored. Column: the task that is trained on. Grey: "
        "nothing leaks. Blank: a sentence cannot match a pair, or there is nothing to score. Click "
        "a cell to read the sentences.",
        height=_MARGIN + _ROW * max(3, len(found.names)),
        events=("click",),
        filename="leaks",
    )
    scored, trained = (found.names[place] for place in cell)
    behind = [
        leak
        for leak in leaks
        if leak.evaluation_task == scored and leak.train_task == trained and leak.split in split
    ]
    sentences(behind, choices[cell[0]], choices[cell[1]])


def _cell(found: Matrix) -> tuple[int, int]:
    """The cell just clicked or clicked before, as long as it is in the picture; else the worst."""
    point = clicked(_CHART) or {}
    if isinstance(point.get("x"), int | float) and isinstance(point.get("y"), int | float):
        put(_CELL, (found.names, round(point["y"]), round(point["x"])))
        put(PAGE, 1)
    kept = remember(_CELL, None)
    if isinstance(kept, tuple) and kept[0] == found.names:
        return kept[1], kept[2]
    return largest(between(found)) or largest(found.shares) or (0, 0)
