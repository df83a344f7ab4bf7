"""Gradients from a run: any recorded step's inner products, in place of hand-drawn arrows."""

from typing import Any

import numpy as np
import streamlit as st

from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.records import StepRecord
from mtlviz.errors import DataError, MtlvizError
from mtlviz.runs.summary import RunSummary
from mtlviz.toy.arrows import MOST_ARROWS
from mtlviz.ui.core import run_records, session
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages.conflict.settings import ARROWS

Gram = tuple[tuple[float, ...], ...]

_FEWEST = 2
_LOADED = "conflict.loaded"


def loader(_: Any) -> None:
    """Choose a run and a step whose gradients replace the arrows; or go back to arrows."""
    if ARROWS.now.gram is not None:
        st.button(
            "Back to arrows",
            key="conflict.run.back",
            on_click=lambda: ARROWS.change(gram=None),
            help="Put the loaded gradients away.",
        )
    shown = st.popover("From a run", help="The gradients of any recorded step.", on_change="rerun")
    if not shown.open:
        return
    with shown:
        try:
            _choose([run for run in run_records.store().runs() if run.updates])
        except MtlvizError as error:
            st.error(sentence(str(error)))


def _choose(runs: list[RunSummary]) -> None:
    if not runs:
        st.markdown("No run has recorded a step yet.")
        return
    names = {run.id: f"{run.id}: {run.name}" for run in runs}
    number = st.selectbox(
        "Run", list(names), key="conflict.run.id", format_func=names.get, help="Newest first."
    )
    last = next(run.updates for run in runs if run.id == number) - 1
    step = st.number_input(
        "Update", 0, last, value=last, key=f"conflict.run.update.{number}", help="Counted from 0."
    )
    st.button("Load", key="conflict.run.load", on_click=load, args=(number, step), help=_HELP)


_HELP = "Take the inner products of the tasks that took part in this update."


def load(run: int, step: int) -> None:
    """Take one step's gradients, or keep the sentence that says why not."""
    try:
        store = run_records.store()
        record = store.step(run, step)
        if record is None:
            raise DataError(f"Run {run} keeps no record of update {step}.")
        tasks = store.config(run).data.tasks
        gram, due = gram_of(record)
        named = ", ".join(f"task {k + 1} is {tasks[task].name}" for k, task in enumerate(due))
        more = int(record.due.sum()) - len(due)
        left = f" These pull apart most; {more} more took part." if more else ""
        session.put(_LOADED, (gram, f"Run {run}, update {step}: {named}.{left}"))
        ARROWS.change(gram=gram)
    except MtlvizError as error:
        ARROWS.tell(str(error), "gram")


def gram_of(record: StepRecord) -> tuple[Gram, list[int]]:
    """The inner products of the tasks that took part, and which tasks those are.

    Of more than five those whose gradients agree least with the others' are taken.

    Raises:
        DataError: If no inner products were kept, or fewer than two tasks took part.
    """
    if record.gram is None:
        raise DataError(f"Update {record.update} was recorded without its gradients' products.")
    due = np.flatnonzero(record.due & np.isfinite(np.diagonal(record.gram))).tolist()
    if len(due) < _FEWEST:
        raise DataError(
            f"A picture of conflict needs at least {_FEWEST} tasks in one update, "
            f"update {record.update} has {len(due)}."
        )
    if len(due) > MOST_ARROWS:
        apart = np.nan_to_num(cosines(record.gram[np.ix_(due, due)])).mean(axis=1)
        due = sorted(due[place] for place in np.argsort(apart, kind="stable")[:MOST_ARROWS])
    part = record.gram[np.ix_(due, due)]
    return tuple(tuple(float(value) for value in row) for row in part), due


def source() -> str:
    """Where the loaded gradients came from, or an empty text."""
    known = session.remember(_LOADED, None)
    if isinstance(known, tuple) and known[0] == ARROWS.now.gram:
        return str(known[1])
    return ""
