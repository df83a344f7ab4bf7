"""A run's answers to its development set, one by one beside the right ones."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.metrics import METRICS
from mtlviz.engine.tasks import Task
from mtlviz.errors import MtlvizError
from mtlviz.runs.answered_split import AnsweredExample, answered_split
from mtlviz.runs.prediction_files import JSON_LINES
from mtlviz.runs.prediction_jobs import PredictionRequest, kept_text
from mtlviz.runs.stored_model import newest_checkpoint
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import recorded, run_records, session
from mtlviz.ui.core.run_words import without_folders
from mtlviz.ui.core.text_table import Passage, table
from mtlviz.ui.core.words import escaped, grouped, listed, score
from mtlviz.ui.pages.run.examples import tasks_of
from mtlviz.ui.pages.run.use import select, wait

_ANSWERS, _WANTED, _WRONG = "run.answers.job", "run.answers.wanted", "run.answers.wrong"
_SPLIT = "dev"


def answers(run: RunSummary) -> None:
    """Choose a task, and read what the model says of each development example."""
    if newest_checkpoint(run_records.store(), run.id) is None:
        st.info(recorded.no_weights(run))
        return
    names = [task.name for task in run_records.run_config(run).data.tasks]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = select("Task", names, "run.answers.task")
        asked = PredictionRequest(run.id, task=name, split=_SPLIT, format=JSON_LINES)
        st.button(
            "Answer the development set", key="run.answers.ask", on_click=session.put,
            args=(_WANTED, asked),
        )  # fmt: skip
        st.toggle("Only wrong ones", key=_WRONG)
    text = kept_text(run_records.store(), asked)
    if text is not None:
        _read(run, names.index(name), text)
    elif session.remember(_WANTED, None) == asked:
        wait([asked], _ANSWERS, _WANTED)


def _read(run: RunSummary, number: int, text: str) -> None:
    try:
        task = tasks_of(run)[number]
        found = answered_split(task, task.splits[_SPLIT], text)
    except MtlvizError as error:
        told = escaped(without_folders(str(error)))
        st.warning(f"The examples cannot be read any more. {told}")
        return
    st.markdown(_told(task, found))
    wrong_alone = bool(session.widget(_WRONG)) and not KINDS[task.kind].ranged
    chosen = [each for each in found if each.wrong or not wrong_alone]
    if not chosen:
        st.info("No answer is wrong.")
        return
    st.dataframe(
        [_row(task, each) for each in chosen], hide_index=True, width="stretch",
        height=min(420, 38 + 35 * len(chosen)), key=f"run.answers.table.{number}",
    )  # fmt: skip
    if KINDS[task.kind].reads_tokens:
        _passage(task, chosen)


def _told(task: Task, found: Sequence[AnsweredExample]) -> str:
    """How many are right, and for answers in a text what that scores: the run's own score."""
    if KINDS[task.kind].ranged:
        return f"{grouped(len(found))} development examples, answered with the best weights."
    right = sum(not each.wrong for each in found)
    truth, said = KINDS[task.kind].truth(task.splits[_SPLIT]), [each.said for each in found]
    scored = [
        f"{name.replace('_', ' ')} **{score(METRICS[name](said, truth))}**"
        for name in (KINDS[task.kind].metrics if KINDS[task.kind].reads_tokens else ())
    ]
    beside = f": {listed(scored)}" if scored else ""
    return (
        f"**{grouped(right)} of {grouped(len(found))}** development examples are answered "
        f"rightly with the best weights{beside}."
    )


def _row(task: Task, each: AnsweredExample) -> dict[str, str | float]:
    """One example as a row of a table, plain text."""
    part = task.splits[_SPLIT]
    row: dict[str, str | float] = {"text": part.first[each.place]}
    if part.second is not None and not KINDS[task.kind].reads_tokens:
        row["second text"] = part.second[each.place]
    row["the model says"] = each.said or "(no answer)"
    row["right"] = " · ".join(each.right) or "(no answer)"
    if each.wrong is not None:
        row["verdict"] = "✗ wrong" if each.wrong else "✓ right"
    return row | {name.replace("_", " "): value for name, value in each.scores.items()}


def _passage(task: Task, chosen: Sequence[AnsweredExample]) -> None:
    """One question's passage, with the model's answer in it and with the right ones."""
    part = task.splits[_SPLIT]
    by_id = {part.ids[each.place]: each for each in chosen}
    titles = {name: part.first[each.place] for name, each in by_id.items()}
    each = by_id[select("Question", list(by_id), "run.answers.question", titles)]
    paragraph = (part.second or ())[each.place]
    # Kept in the order of their scores; no answer has no place.
    given = [tuple(one["place"]) for one in each.best if one["text"] == each.said][:1]
    table(
        ("", "passage"),
        [
            ("the model", Passage(paragraph, tuple((a, b) for a, b in given))),
            ("right", Passage(paragraph, part.places_of(each.place))),
        ],
    )
    st.caption("The best answers over all windows; a score is the sum of two logits.")
    st.dataframe(
        [{"answer": one["text"] or "(no answer)", "score": one["score"]} for one in each.best],
        hide_index=True, key="run.answers.best",
    )  # fmt: skip
