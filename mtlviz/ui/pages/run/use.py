"""Use a run's model: type a text, read what each head says, together and alone; take files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import shorten
from typing import Any

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.tasks.description import SPLITS
from mtlviz.runs.prediction_files import FORMATS
from mtlviz.runs.prediction_jobs import (
    LONGEST_TYPED,
    PredictionRequest,
    kept_rows,
    kept_text,
    predict,
    request_key,
)
from mtlviz.runs.stored_model import newest_checkpoint
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import recorded, run_records, scored_runs, session, work
from mtlviz.ui.core.words import escaped

_ASK, _FILE = "run.use.ask", "run.use.file"
_FIRST, _SECOND = "run.use.first", "run.use.second"
_ASKED, _WANTED = "run.use.asked", "run.use.wanted"
_EXAMPLE = "A funny, warm and clever film with a weak ending."
_QUOTED = 300
"""Characters of a text that are repeated above its answers."""


def use_model(run: RunSummary) -> None:
    """Ask a model, or have its answers to a split as a file."""
    if newest_checkpoint(run_records.store(), run.id) is None:
        st.info(recorded.no_weights(run))
        return
    if run.active:
        st.caption("It still trains: it answers with the best weights it has saved so far.")
    _form(run)
    asked = session.remember(f"{_ASKED}.{run.id}", None)
    if isinstance(asked, PredictionRequest):
        _answers(run, asked)
    st.markdown("**Answers to a whole split, as a file**")
    _files(run)


def _form(run: RunSummary) -> None:
    """Two texts and a button."""
    with st.form("run.use.form", border=False):
        left, right = st.columns(2)
        left.text_area(
            "Text", _EXAMPLE, key=_FIRST, max_chars=LONGEST_TYPED, height=100,
            help="A sentence; for answers in a text, the question.",
        )  # fmt: skip
        right.text_area(
            "Second text", key=_SECOND, max_chars=LONGEST_TYPED, height=100,
            help="For tasks that read two: the other sentence, or the passage that holds the "
            "answer. Tasks that read one text read the first alone.",
        )  # fmt: skip
        st.form_submit_button("Ask every head", on_click=_ask, args=(run.id,), type="primary")


def _ask(number: int) -> None:
    first, second = (str(session.widget(key) or "").strip() for key in (_FIRST, _SECOND))
    session.put(f"{_ASKED}.{number}", PredictionRequest(number, first, second) if first else None)


def _answers(run: RunSummary, asked: PredictionRequest) -> None:
    """What this run's heads say, and beside it each task's model that was trained alone."""
    alone = scored_runs.single_task_runs(run)
    numbers = sorted(set(alone.values()))
    requests = [asked, *(replace(asked, run=number) for number in numbers)]
    store = run_records.store()
    found = [kept_rows(store, each) for each in requests]
    if any(rows is None for rows in found):
        wait(requests, _ASK, f"{_ASKED}.{run.id}")
        return
    together, *apart = [{row["task"]: row for row in rows or ()} for rows in found]
    by_run = dict(zip(numbers, apart, strict=True))
    _said(asked, together)
    columns = st.columns(2)
    for place, (name, row) in enumerate(together.items()):
        number = alone.get(name)
        other = None if number is None else by_run[number].get(name)
        with columns[place % 2]:
            _answer(row, other, number)
    if not alone:
        st.caption(
            "No task of this run was trained alone with the same settings, so there is nothing to "
            "set beside these answers; Compare can queue such runs."
        )


def _said(asked: PredictionRequest, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """What was asked, and what the model does not see of it."""
    texts = [shorten(each, _QUOTED, placeholder=" …") for each in (asked.first, asked.second)]
    st.markdown("> " + " · ".join(escaped(each) for each in texts if each))
    remarks = (each for row in rows.values() for each in row.get("remarks", ()))
    for remark in dict.fromkeys(remarks):
        st.caption(f"⚠️ {escaped(remark)}")


def _answer(row: Mapping[str, Any], other: Mapping[str, Any] | None, number: int | None) -> None:
    """One task's answer, in words and with its probabilities."""
    name = row["task"]
    if "needs" in row:
        st.markdown(f"**{escaped(name)}** needs {row['needs']}.")
        return
    said = f"**{escaped(name)}**: **{escaped(row['words'])}**"
    if other is not None:
        same = other["words"] == row["words"]
        theirs = "the same" if same else f"**{escaped(other['words'])}**"
        said += f"; trained alone (run {number}): {theirs}"
    st.markdown(said)
    if row["probabilities"]:
        _odds(name, row["probabilities"], (other or {}).get("probabilities") or {})


def _odds(name: str, mine: Mapping[str, float], other: Mapping[str, float]) -> None:
    """Probabilities of every class or label, the most probable first."""
    order = sorted(mine, key=lambda label: -mine[label])
    rows = [
        {"label": label, "this run": mine[label]}
        | ({"alone": other[label]} if label in other else {})
        for label in order
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height=min(320, 38 + 35 * len(rows)),
        key=f"run.use.odds.{name}",
        column_config={
            column: st.column_config.ProgressColumn(
                column, min_value=0.0, max_value=1.0, format="percent"
            )
            for column in ("this run", "alone")
        },
    )


def _files(run: RunSummary) -> None:
    """Choose a task, a split and a format; the file is made by a process of its own."""
    names = [task.name for task in _config(run).data.tasks]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        task = select("Task", names, "run.use.task")
        splits = ["dev", *(each for each in SPLITS if each != "dev")]
        split = select("Split", splits, "run.use.split")
        helps = {name: f"{name}: {each.help}" for name, each in FORMATS.items()}
        form = select("Format", list(FORMATS), "run.use.format", helps)
        asked = PredictionRequest(run.id, task=task, split=split, format=form)
        st.button("Make the file", key="run.use.make", on_click=session.put, args=(_WANTED, asked))
    if session.remember(_WANTED, None) == asked:
        _file(asked)


def _file(asked: PredictionRequest) -> None:
    store = run_records.store()
    text = kept_text(store, asked)
    if text is None:
        wait([asked], _FILE, _WANTED)
        return
    ending = FORMATS[asked.format].ending
    st.download_button(
        "Download",
        data=text,
        file_name=f"run-{asked.run}-{asked.task}-{asked.split}{ending}",
        on_click="ignore",
        key="run.use.download",
        help="Answers by the identifiers of the data; no texts and no labels.",
    )


def wait(requests: list[PredictionRequest], purpose: str, wanted: str) -> None:
    """Show how far the answers are; a Stop takes the question back.

    Args:
        requests: What was asked.
        purpose: One question at a time is worked at for each.
        wanted: Where the session keeps what was asked.
    """
    store = run_records.store()
    key = ("predictions", *(request_key(store, each) for each in requests))
    job = work.shared(key, lambda: predict(store, requests), purpose, apart=True)
    work.watch(job, purpose, stopped=lambda: session.put(wanted, None))


def select(
    label: str, choices: Sequence[str], key: str, titles: Mapping[str, str] | None = None
) -> str:
    """A choice by what each is called, the first one where nothing fitting was chosen."""
    session.set_to_first(key, choices)
    st.selectbox(
        label, choices, key=key, persist_state="session", width=180 if titles is None else 380,
        format_func=lambda each: each if titles is None else titles[each],
    )  # fmt: skip
    return str(session.widget(key))


def _config(run: RunSummary) -> RunConfig:
    return run_records.run_config(run)
