"""Which runs are compared, and what makes a group: the top of the page, a table to tick."""

import time
from collections import Counter
from collections.abc import Sequence

import streamlit as st

from mtlviz.runs.comparison_names import of_every_task, spoken, telling
from mtlviz.runs.flat_settings import differing, in_words, meaning, shown, value_at
from mtlviz.runs.number_ranges import ranges
from mtlviz.runs.recorded_runs import Opened
from mtlviz.ui.core import families, link, run_records, scored_runs, session
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.page import lecture_switch, link_to, share
from mtlviz.ui.core.recorded import open_recorded
from mtlviz.ui.core.run_actions import LABEL_HELP, OWN_NOTE, label_fields, show_problem
from mtlviz.ui.core.run_words import numbered, status
from mtlviz.ui.core.scored_runs import Known
from mtlviz.ui.core.words import escaped
from mtlviz.ui.pages.compare.settings import COMPARISON, SHOWN, pick

_MOST_PICKED = 40
_MOST_COLUMNS = 8
_KINDS = {
    "finished": "Finished",
    "unfinished": "Unfinished or failed",
    "alone": "One task alone",
}
_SHOWN_FIRST = ("finished", "unfinished")
_EACH, _LABELLED = "compare.each_seed", "compare.label_of"
TABLE = "compare.runs_open"
"""Where the session keeps whether the table of runs is open."""


def picked(known: Sequence[Known]) -> list[Known]:
    """The runs the visitor picked, or those that train the newest run's tasks together."""
    chosen = COMPARISON.now.runs
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
    return [number for number in COMPARISON.now.runs or () if number not in there]


def picker(known: Sequence[Known], chosen: Sequence[Known]) -> None:
    """The table of runs with its filters."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds, text = _filters()
        visible = [run for run in known if _passes(run, kinds, text)]
        _buttons(visible, chosen)
    if not visible:
        st.info("No run passes these filters.")
        return
    numbers = {run.summary.id for run in chosen}
    _table(_entries(visible, numbers), numbers)


def _entries(visible: Sequence[Known], chosen: set[int]) -> list[list[Known]]:
    """The rows of the table: seeds that were begun together are one, unless each is asked for."""
    found: dict[object, list[Known]] = {}
    for run in visible:
        number = run.summary.family
        alone = number is None or session.remember(_EACH, False)
        key = run.summary.id if alone else (number, scored_runs.setting_of(run))
        found.setdefault(key, []).append(run)
    # A tick is for all of a row, so what is ticked in part stands apart.
    rows: list[list[Known]] = []
    for members in found.values():
        whole = len(_ids(members) & chosen) in (0, len(members))
        rows += [members] if whole else [[run] for run in members]
    return sorted(rows, key=lambda members: -members[0].summary.id)


def _ids(members: Sequence[Known]) -> set[int]:
    return {run.summary.id for run in members}


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
    values = (f"{shown(value)} {shown(value, place)}" for place, value in run.settings.items())
    return not text or text in " ".join((run.summary.name, run.summary.note or "", *values)).lower()


def _buttons(visible: Sequence[Known], chosen: Sequence[Known]) -> None:
    st.button(
        "Tick all shown",
        key="compare.all",
        on_click=pick,
        args=([run.summary.id for run in visible],),
        disabled=not visible,
    )
    st.button(
        "Tick none", key="compare.none", on_click=pick, args=((),),
        disabled=not chosen,
    )  # fmt: skip
    st.button(
        "Newest experiment",
        key="compare.newest",
        on_click=pick,
        args=(None,),
        help="All runs that train the same tasks as the newest one.",
    )


def _table(entries: Sequence[Sequence[Known]], chosen: set[int]) -> None:
    """The runs; ticks are taken over as soon as they are made."""
    rows = [place for place, members in enumerate(entries) if _ids(members) <= chosen]
    # Ticks belong to rows, so another list of runs is another table.
    key = f"compare.table.{hash(tuple(frozenset(_ids(members)) for members in entries))}"
    ticks = {"selection": {"rows": rows, "columns": [], "cells": []}}
    session.set_widget(key, ticks)
    st.dataframe(
        _cells(entries),
        key=key,
        hide_index=True,
        height=min(420, 36 * (len(entries) + 1) + 3),
        on_select=lambda: _take(key, entries, chosen),
        selection_mode="multi-row",
        selection_default=ticks,
        alt="All runs that pass the filters; ticked rows are compared.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Tick rows at their left end. Columns show only settings that differ.",
                   width="content")  # fmt: skip
        if any(run.summary.family is not None for members in entries for run in members):
            session.set_widget("compare.each", bool(session.remember(_EACH, False)))
            st.toggle(
                "A row for each seed", key="compare.each", persist_state="session",
                on_change=lambda: session.put(_EACH, session.widget("compare.each")),
                help="Runs that were begun together and differ in their seed alone are one row.",
            )  # fmt: skip


def _take(key: str, entries: Sequence[Sequence[Known]], chosen: set[int]) -> None:
    """Take over the ticks; runs that the filters hide stay picked."""
    rows = session.widget(key)["selection"]["rows"]
    ticked = [number for row in rows for number in _ids(entries[row])]
    pick([*ticked, *(chosen - {number for members in entries for number in _ids(members)})])


def _cells(entries: Sequence[Sequence[Known]]) -> list[dict[str, object]]:
    visible = [run for members in entries for run in members]
    places = differing([run.settings for run in visible], trained=True)[:_MOST_COLUMNS]
    noted = any(run.summary.note for run in visible)
    numbers = _aligned([_ids(members) for members in entries])
    seeds = _aligned([{run.settings["seed"] for run in members} for members in entries])
    return [
        {
            "run": numbers[row],
            "name": families.title([run.summary for run in members]) if len(members) > 1
            else members[0].summary.name,
            **{in_words(place): _cell(members[0], place) for place in places},
            "seed": seeds[row],
            "status": _status(members),
            **({"note": " · ".join(filter(None, (run.summary.note for run in members)))}
               if noted else {}),
            "created": _created(members[-1]),
        }
        for row, members in enumerate(entries)
    ]  # fmt: skip


def _aligned(rows: Sequence[set[int]]) -> list[str]:
    """Numbers as text, spaces before the shorter ones: so 9 is sorted before 10."""
    width = max((len(str(min(row))) for row in rows), default=0)
    texts = (ranges(row).replace(",", ", ").replace("-", "–") for row in rows)
    return [" " * (width - len(str(min(row)))) + text
            for row, text in zip(rows, texts, strict=True)]  # fmt: skip


def _created(run: Known) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(run.summary.created))


def _status(members: Sequence[Known]) -> str:
    """Where a run stands; of several how many stand where."""
    recorded = "recorded, " if members[0].summary.recorded else ""
    if len(members) == 1:
        return recorded + status(members[0].summary)
    found = Counter(run.summary.status for run in members)
    return recorded + ", ".join(f"{count} {name}" for name, count in found.items())


def _label_form(chosen: Sequence[Known]) -> None:
    """Another name for one of the runs picked, and a note on it."""
    if not chosen:
        return
    runs = {run.summary.id: run.summary for run in chosen}
    recorded = all(run.recorded for run in runs.values())
    title, help_ = ("Note", OWN_NOTE) if recorded else ("Name, note", LABEL_HELP)
    with st.popover(title, help=f"Choose a run. {help_}"):
        titles = {number: f"{number} · {run.name}" for number, run in runs.items()}
        if session.remember(_LABELLED, None) not in runs:
            session.put(_LABELLED, next(iter(runs)))
        session.set_widget("compare.labelled", session.get(_LABELLED))
        st.selectbox(
            "Run", list(runs), key="compare.labelled", format_func=titles.get,
            on_change=lambda: session.put(_LABELLED, session.widget("compare.labelled")),
            persist_state="session",
        )  # fmt: skip
        label_fields(runs[session.get(_LABELLED)], "compare.label")


def _recorded(runs: Sequence[Known]) -> str:
    """How many of them were trained elsewhere, and come from a pack."""
    count = sum(run.summary.recorded is not None for run in runs)
    return "" if not count else ", all recorded" if count == len(runs) else f", {count} recorded"


def _cell(run: Known, place: str) -> str:
    value = value_at(run.settings, place)
    return "" if value is None else shown(value, place)


def header(known: Sequence[Known], problem: str) -> list[Known]:
    """Choose runs and grouping; the runs that are compared."""
    runs = picked(known)
    if problem:
        st.warning(problem)
    if missing := gone(known):
        st.warning(f"There is no {numbered(missing)} (any more); the others are compared.")
    if not known:
        return []
    if unknown := _unknown(runs):
        st.warning(f"`by` names no setting of these runs: {', '.join(unknown)}.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _grouping(runs)
        _label_form(runs)
        open_recorded("compare", _opened)
        share("compare")
        lecture_switch()
    show_problem()
    session.put(SHOWN, tuple(sorted(run.summary.id for run in runs)))
    title = f"Runs: {len(runs)} of {len(known)} are compared{_recorded(runs)}"
    # Where a question is asked of the one run, it comes first.
    unfolded = len(runs) < (1 if link.is_hidden("answers") else 2)
    table = st.expander(title, expanded=unfolded, key=TABLE, on_change="rerun")
    if table.open:
        with table:
            picker(known, runs)
    _newer(known, runs)
    if not runs:
        st.info("Tick two or more runs above to see them side by side.")
    elif len(runs) == 1:
        st.info(
            "One run alone is shown with its single-task baseline, if there is one. Tick more runs "
            "to compare ways of training, and several seeds of each for intervals."
        )
    return runs


def _opened(found: Opened) -> None:
    """Compare the runs of a pack that train several tasks; those of one are what is beside them."""
    store = run_records.store()
    together = [run for run in found.runs if len(store.config(run).data.tasks) > 1]
    pick(together or found.runs)


def _unknown(picked: Sequence[Known]) -> list[str]:
    """Settings that groups should be made by and that no run has."""
    chosen = COMPARISON.now.by or ()
    return [escaped(place) for place in chosen
            if picked and not any(place in run.settings for run in picked)]  # fmt: skip


def _newer(known: Sequence[Known], picked: Sequence[Known]) -> None:
    """Say that runs of the same tasks came after the ones picked."""
    last = max((run.summary.id for run in picked), default=0)
    tasks = {run.settings["data.tasks"] for run in picked}
    newer = [run.summary.id for run in known
             if run.summary.id > last and run.settings["data.tasks"] in tasks]  # fmt: skip
    if newer and COMPARISON.now.runs is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{numbered(newer).capitalize()} of the same tasks came later.")
            st.button(
                "Add",
                key="compare.add",
                on_click=pick,
                args=([*(run.summary.id for run in picked), *newer],),
                help="Compare these as well.",
            )


def nothing_yet() -> None:
    """The page without any run."""
    st.markdown("## Nothing to compare yet")
    st.markdown(
        "Start two ways of training in the Studio, such as **sum** and **PCGrad**, each with a few "
        "seeds; this page then says which tasks gain, which lose, and how sure that is."
    )
    link_to("studio", "Start one in the Studio", icon="▶️")
    show_problem()
    open_recorded("compare", _opened, empty=True)


def _grouping(picked: Sequence[Known]) -> None:
    """Which settings make a group."""
    settings = [run.settings for run in picked]
    differ = differing(settings, trained=True)
    chosen = COMPARISON.now.by
    offered = {*telling(settings, differ), *(chosen or ())}
    alike = of_every_task(settings, differ)
    places = {place: spoken(place, alike) for place in differ if place in offered}
    told = " ".join(f"**{words}**: {meaning(place)}" for place, words in places.items()
                    if meaning(place))  # fmt: skip

    def all_is_none() -> None:
        if set(COMPARISON.now.by or ()) == set(places):
            COMPARISON.change(by=None)

    control(
        COMPARISON, "by",
        key="compare.grouping",
        choices=places,
        value=tuple(places) if chosen is None else chosen,
        changed=all_is_none,
        placeholder="all runs in one group" if places else "nothing differs but the seed",
        disabled=not places,
        help="Runs with equal values are one group, over which means are taken. It starts with "
        f"every setting that differs, less the seed and what goes with another setting. {told}",
        width="stretch",
    )  # fmt: skip
