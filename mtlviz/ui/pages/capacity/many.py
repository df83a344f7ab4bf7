"""The view of many tasks: three linked maps, their groups, and whether any of it predicts."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from mtlviz.errors import MtlvizError
from mtlviz.figures.task_map import families_in_groups, map_height, task_map
from mtlviz.figures.text import plain
from mtlviz.questions import Question
from mtlviz.runs.prediction_jobs import AFFINITY, PredictionRequest, predict, request_key
from mtlviz.runs.stored_model import newest_checkpoint
from mtlviz.ui.component import chart
from mtlviz.ui.core import guess, run_records, work
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages.capacity import many_words as told
from mtlviz.ui.pages.capacity.affinity_run import AffinityRun
from mtlviz.ui.pages.capacity.groups import groups_in_full
from mtlviz.ui.pages.capacity.many_tasks import ManyTasks, many_tasks
from mtlviz.ui.pages.capacity.questions import families_question, helper_question
from mtlviz.ui.pages.capacity.settings import SHOWN, Shown
from mtlviz.ui.pages.capacity.shown_choice import labels
from mtlviz.ui.pages.capacity.words import VERDICT

Array = NDArray[np.float64]
_ESTIMATE = "affinity.estimate"
_OPENING = {name: getattr(Shown(), name) for name in ("grouped_by", "count", "task")}
"""What stands there where a link says nothing else."""
_UNITS = {"conflict": "", "lookahead": " %", "estimate": " thousandths"}


def many(
    subject: AffinityRun, against: Callable[[Array, str], None], live: bool, line: DeltaGenerator
) -> None:
    """Maps, groups, and the test of what they are made of.

    Args:
        subject: The run with its other seeds.
        against: Draws an affinity, of which name, against measured transfer.
        live: Whether runs of an affinity study are to come.
        line: Where its controls stand, beside the choice of the run.

    Raises:
        MtlvizError: The store cannot be read.
    """
    now, tasks = SHOWN.now, subject.tasks
    found = many_tasks(subject, now.grouped_by, now.count)
    if (asked := _asked(subject, found)) is not None:
        question, about = asked
        guess.enter(question.name, now == now.changed(**_OPENING))
        guess.ask(question)
        if guess.covers("picture"):
            return
        if guess.covers("answer"):
            if about is None:
                _families(subject)
            else:
                _maps(subject, replace(found, clusters=None), about)
            return
    with line:
        _choices(tasks)
    if now.grouped_by == "estimate" and found.estimate is None:
        _estimate(subject.run)
        found = many_tasks(subject, now.grouped_by, now.count)
    above, *below = _verdict(subject, found) if VERDICT.shown else [""]
    st.markdown(above)
    lit = None if now.task is None or now.task > len(tasks) else now.task - 1
    _maps(subject, found, lit)
    st.markdown("  \n".join(below))
    if lit is not None and VERDICT.shown:
        st.markdown(told.of_one(lit, tasks, found))
    left, right = st.columns(2)
    with left:
        shown = found.by(now.grouped_by)
        if shown is not None:
            unit = _UNITS[now.grouped_by].strip()
            of = f"{told.NAMES[now.grouped_by]} onto the task"
            against(shown, f"{of} ({unit})" if unit else of)
    with right:
        groups_in_full(subject, found, live)


def _choices(tasks: list[str]) -> None:
    """What groups the tasks, into how many, and which task is lit."""
    names = {None: "none", **dict(enumerate(tasks, 1))}
    seen = labels()
    control(SHOWN, "grouped_by", look="segmented", label_visibility=seen)
    control(SHOWN, "count", look="field", placeholder="groups", width=120, label_visibility=seen)
    control(SHOWN, "task", choices=names, placeholder="light one up", width=160,
            label_visibility=seen)  # fmt: skip


def _estimate(run: int) -> None:
    """Have the estimate made beside the app, with a bar; whoever comes next finds it kept."""
    store = run_records.store()
    if newest_checkpoint(store, run) is None:
        st.info("The estimate needs the weights of this run, and they are not stored here.")
        return
    asked = PredictionRequest(run, format=AFFINITY)
    try:
        key = (_ESTIMATE, request_key(store, asked))
        work.show(key, partial(predict, store, [asked]), _ESTIMATE, lambda: None)
    except MtlvizError as error:
        st.error(sentence(str(error)))


def _asked(subject: AffinityRun, found: ManyTasks) -> tuple[Question, int | None] | None:
    """What is asked of these tasks, and which of them it is about; None where nothing can be."""
    helper = helper_question(str(subject.run), subject.tasks, subject.measured, found.similarity)
    if helper is not None or found.planted is None:
        return helper
    if found.conflict is None:  # It asks which way the gradients point.
        return None
    judged, planted = _judged(subject).agreement, len(set(found.planted))
    return families_question(str(subject.run), len(subject.tasks), planted, judged), None


def _judged(subject: AffinityRun) -> ManyTasks:
    """What is asked about: the picture that the view opens on, whatever is looked at since."""
    found = many_tasks(subject, _OPENING["grouped_by"], None)
    return many_tasks(subject, "lookahead", None) if found.conflict is None else found


def _families(subject: AffinityRun) -> None:
    """What is asked of planted families: the map, in their order, and the groups found in it."""
    found = _judged(subject)
    if found.planted is None or found.clusters is None:
        return
    families, labels = np.array(found.planted), sorted(set(found.planted))
    framed = [tuple(np.flatnonzero(families == each).tolist()) for each in labels]
    name = "lookahead" if found.conflict is None else "conflict"
    values = found.lookahead if found.conflict is None else found.conflict
    left, right = st.columns(2)
    with left:
        chart(
            task_map(values, subject.tasks, framed, reach=_reach(values), unit=_UNITS[name],
                     revision=f"many.families.{subject.run}"),
            key="affinity.families.map",
            title="Same pull?" if name == "conflict" else "Who helps?",
            alt=told.ALT[name].format(len(subject.tasks)),
            how_to_read=f"{told.HOW[name]} Frames: the planted families.",
            height=map_height(len(subject.tasks)),
            fit=True,
            filename="families-map",
        )  # fmt: skip
    with right:
        chart(
            families_in_groups(found.planted, found.clusters.members,
                               revision=f"many.families.groups.{subject.run}"),
            key="affinity.families.groups",
            title="Families, and groups found from this map",
            alt="How many tasks of each planted family each group that was found holds.",
            how_to_read="Tasks of a family in a group. Blue: more than chance deals out; orange: "
            "fewer. Exactly found, a row and a column have one filled cell each; by chance all "
            "cells are pale.",
            height=map_height(len(subject.tasks)),
            fit=True,
            filename="families-groups",
        )  # fmt: skip


def _verdict(subject: AffinityRun, found: ManyTasks) -> list[str]:
    """What is said of the groups, the most important first."""
    now = SHOWN.now
    if found.clusters is not None:
        return told.groups(found, subject.tasks, now.grouped_by, len(subject.runs), now.count)
    if found.problem:
        return [sentence(found.problem)]
    if now.grouped_by == "conflict":
        return [
            "This run recorded no gradients: group by lookahead, or measure again with the button "
            "below."
        ]
    return [""]


def _maps(subject: AffinityRun, found: ManyTasks, lit: int | None) -> None:
    """Similarity, conflict and transfer in one order; a click lights a task up in all three."""
    groups = [tuple(range(len(subject.tasks)))]
    if found.clusters is not None:
        groups = list(found.clusters.members)
    third = "estimate" if SHOWN.now.grouped_by == "estimate" else "lookahead"
    shown = {
        "similarity": (found.similarity, "Texts alike?", None, ""),
        "conflict": (found.conflict, "Same pull?", None, ""),
        third: (found.by(third), "Who helps?", _reach(found.by(third)), _UNITS[third]),
    }
    for column, (name, (values, title, reach, unit)) in zip(
        st.columns(3), shown.items(), strict=True
    ):
        with column:
            if values is None:
                st.markdown(f"**{title}**")
                st.caption(told.MISSING[name])
                continue
            events = chart(
                task_map(values, subject.tasks, groups, reach=reach, lit=lit, unit=unit,
                         revision=f"many.{name}.{subject.run}"),
                key=f"affinity.many.{name}",
                title=title,
                alt=told.ALT[name].format(len(subject.tasks)),
                how_to_read=told.HOW[name],
                height=map_height(len(subject.tasks)),
                fit=True,
                events=("click",),
                filename=f"tasks-{name}",
            )  # fmt: skip
            _light(events.click, subject.tasks)


def _reach(values: Array | None) -> float | None:
    """One cell in seven goes beyond: tasks whose losses move most do not make the others pale."""
    if values is None:
        return None
    others = np.abs(values[~np.eye(len(values), dtype=bool)])
    return float(np.nanquantile(others, 0.85)) or None


def _light(click: dict | None, tasks: list[str]) -> None:
    """Light up the task of the row that was clicked."""
    names = [plain(name) for name in tasks]
    if click is not None and click.get("y") in names:
        SHOWN.change(task=names.index(click["y"]) + 1)
        st.rerun()
