"""Which runs are compared: a table to tick, with filters."""

import time
from collections.abc import Sequence

import streamlit as st

from mtlviz.runs.settings import differing, in_words, shown, value_at
from mtlviz.ui import state
from mtlviz.ui.compare.cached import Known
from mtlviz.ui.core.run_words import status

_MOST_PICKED = 40
_MOST_COLUMNS = 8
_KINDS = {
    "finished": "Finished",
    "unfinished": "Unfinished or failed",
    "alone": "One task alone",
}
_SHOWN_FIRST = ("finished", "unfinished")


def picked(known: Sequence[Known]) -> list[Known]:
    """The runs the visitor picked, or those that train the newest run's tasks together."""
    chosen = state.compared_runs()
    if chosen is not None:
        return [run for run in known if run.summary.id in chosen]
    together = [run for run in known if not run.is_alone]
    if not together:
        return list(known[:_MOST_PICKED])
    newest = together[0].settings["data.tasks"]
    same = [run for run in together if run.settings["data.tasks"] == newest]
    return same[:_MOST_PICKED]


def gone(known: Sequence[Known]) -> list[int]:
    """Numbers that were picked and are no runs (any more)."""
    there = {run.summary.id for run in known}
    return [number for number in state.compared_runs() or () if number not in there]


def picker(known: Sequence[Known], chosen: Sequence[Known]) -> None:
    """The table of runs with its filters."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds, text = _filters()
        visible = [run for run in known if _passes(run, kinds, text)]
        _buttons(visible, chosen)
    if not visible:
        st.info("No run passes these filters.")
        return
    _table(visible, {run.summary.id for run in chosen})


def _filters() -> tuple[list[str], str]:
    kinds = st.pills(
        "Show",
        list(_KINDS),
        default=list(_SHOWN_FIRST),
        selection_mode="multi",
        format_func=_KINDS.__getitem__,
        key="compare.kinds",
        help="Runs of one task alone are what transfer is measured against: they are found "
        "without being picked.",
    )
    text = st.text_input(
        "Containing",
        key="compare.text",
        placeholder="name, combiner, task …",
        help="Only runs whose name or settings contain this.",
        width=240,
    )
    return list(kinds), text.strip().lower()


def _passes(run: Known, kinds: Sequence[str], text: str) -> bool:
    finished = run.summary.status == "finished"
    kind = "alone" if run.is_alone else "finished" if finished else "unfinished"
    if kind not in kinds:
        return False
    values = (shown(value) for value in run.settings.values())
    return not text or text in " ".join((run.summary.name, *values)).lower()


def _buttons(visible: Sequence[Known], chosen: Sequence[Known]) -> None:
    st.button(
        "Tick all shown",
        key="compare.all",
        on_click=state.compare_runs,
        args=([run.summary.id for run in visible],),
        disabled=not visible,
    )
    st.button(
        "Tick none", key="compare.none", on_click=state.compare_runs, args=((),),
        disabled=not chosen,
    )  # fmt: skip
    st.button(
        "Newest experiment",
        key="compare.newest",
        on_click=state.compare_runs,
        args=(None,),
        help="All runs that train the same tasks as the newest one.",
    )


def _table(visible: Sequence[Known], chosen: set[int]) -> None:
    """The runs; ticks are taken over as soon as they are made."""
    numbers = [run.summary.id for run in visible]
    rows = [place for place, number in enumerate(numbers) if number in chosen]
    # Ticks belong to rows, so another list of runs is another table.
    key = f"compare.table.{hash(tuple(numbers))}"
    state.set_widget(key, {"selection": {"rows": rows, "columns": [], "cells": []}})
    st.dataframe(
        _cells(visible),
        key=key,
        hide_index=True,
        height=min(420, 36 * (len(visible) + 1) + 3),
        on_select=lambda: _take(key, numbers, chosen),
        selection_mode="multi-row",
        alt="All runs that pass the filters; ticked rows are compared.",
    )
    st.caption("Tick rows at their left end. Columns show only settings that differ.")


def _take(key: str, numbers: Sequence[int], chosen: set[int]) -> None:
    """Take over the ticks; runs that the filters hide stay picked."""
    ticked = [numbers[row] for row in state.widget(key)["selection"]["rows"]]
    state.compare_runs([*ticked, *(chosen - set(numbers))])


def _cells(visible: Sequence[Known]) -> list[dict[str, object]]:
    places = differing([run.settings for run in visible], trained=True)[:_MOST_COLUMNS]
    return [
        {
            "run": run.summary.id,
            "name": run.summary.name,
            **{in_words(place): _cell(run, place) for place in places},
            "seed": run.settings["seed"],
            "status": status(run.summary),
            "created": time.strftime("%Y-%m-%d %H:%M", time.localtime(run.summary.created)),
        }
        for run in visible
    ]


def _cell(run: Known, place: str) -> str:
    value = value_at(run.settings, place)
    return "" if value is None else shown(value)
