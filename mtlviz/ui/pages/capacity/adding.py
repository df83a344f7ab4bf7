"""A new task for a trained model: what it scores against what the old tasks lose."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.figures.sharing import Gain, new_task
from mtlviz.runs import adding_study
from mtlviz.runs.adding_study import TITLES, Added, added, ending
from mtlviz.runs.stored_study import StoredStudy, studies
from mtlviz.ui.component import chart
from mtlviz.ui.core import guess, run_records, work
from mtlviz.ui.core.transfer_words import interval
from mtlviz.ui.core.words import escaped, sentence
from mtlviz.ui.pages.capacity.plans import adding_form
from mtlviz.ui.pages.capacity.progress import is_live, progress, runs_of
from mtlviz.ui.pages.capacity.questions import adding_question

_WAITS = "Runs are still to come; what you saw is asked when they are done."
_ALT = "Points of the new task against points of the old tasks, a mark for each way of adding it."


def adding() -> None:
    """The newest study's picture, and the button that begins one."""
    st.subheader("And a new task?", anchor="new-task")
    st.markdown(
        "The other tasks are trained already; the **last** of the chosen tasks comes later. Train "
        "a head for it, a head and an insert, a head and a task embedding, or everything?"
    )
    known = studies(run_records.store(), adding_study.KIND)
    if known:
        work.live(lambda: _study(known[0]), lambda: is_live(runs_of(known[0])), every=1.5)
    try:
        adding_form()
    except MtlvizError as error:
        st.error(sentence(str(error)))


def _study(study: StoredStudy) -> None:
    """What is known so far; read anew while runs are to come."""
    run_records.tick()
    runs = runs_of(study)
    progress(study, runs)
    endings = {
        run.id: found
        for run in runs.values()
        if run.status == "finished"
        and (found := ending(run_records.evaluations(run), run_records.phases(run)))
    }
    found, live = added(study.runs, endings), is_live(runs)
    name = escaped(study.name)
    lines = told(found, name)
    question = adding_question(str(study.id), name, found, live)
    # Whoever was asked meanwhile is told why nobody can say.
    if not question.undecided or guess.given(question.name).guess is not None:
        guess.enter(question.name, sees=not question.undecided)
        guess.ask(question, waits=_WAITS if live else "", key="guess.adding")
    else:
        guess.pass_by()  # What the question above it covers is another picture.
    if guess.covers("picture"):
        return
    if not lines:
        st.info("The picture appears when the first runs of two ways are finished.")
        return
    covered = guess.covers("answer")
    if not covered:
        st.markdown("  \n".join(lines))
    gains = [
        Gain(TITLES[way], each.lost, each.new)
        for way, each in found.items() if each.new is not None and each.lost is not None
    ]  # fmt: skip
    chart(
        new_task(gains, revision=f"adding.{study.id}"),
        key="capacity.adding.picture",
        alt=_ALT if covered else " ".join(line.replace("**", "") for line in lines),
        how_to_read="Right: the old tasks lose less. Up: the new task scores more; the line is "
        "what it scores trained with the others from the start, one encoder for all. Bars: 95 % "
        "intervals over paired seeds.",
        height=320,
        filename="new-task",
    )


def told(found: Mapping[str, Added], new: str) -> list[str]:
    """Each way in a sentence."""
    return [
        f"Training **{TITLES[way]}**: {new} scores {interval(each.new)} against all tasks from the "
        f"start; the old tasks {lost(each)}."
        for way, each in found.items() if each.new is not None and each.lost is not None
    ]  # fmt: skip


def lost(each: Added) -> str:
    """What became of the old tasks, in words; of those that cannot change, no interval."""
    if each.keeping and each.lost.mean == 0:
        return "cannot change, as nothing that they use is trained"
    return f"change by {interval(each.lost)}"
