"""The comparison as it is now: read from the store, shown, and read again while runs are live."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records, work
from mtlviz.ui.core.family_question import ask_where_hidden
from mtlviz.ui.core.link import write_link
from mtlviz.ui.core.page import Panel
from mtlviz.ui.core.run_words import numbered
from mtlviz.ui.core.scored_runs import Known, readable
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages.compare import choice, notes
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns, compared_runs
from mtlviz.ui.pages.compare.curves import curves_section
from mtlviz.ui.pages.compare.downloads import downloads_section
from mtlviz.ui.pages.compare.matrices import matrices_section
from mtlviz.ui.pages.compare.pair import pair_section, settings_section
from mtlviz.ui.pages.compare.question import asked_of_comparison
from mtlviz.ui.pages.compare.scores import papers_section, scores_section
from mtlviz.ui.pages.compare.transfer import transfer_section

# Ten charts are much to send: thirty that look must leave the server time to answer controls.
_EVERY = 5.0


def header() -> None:
    """Choose runs and grouping."""
    known, problem = known_runs(run_records.store().runs())
    choice.header(known, problem)
    if not known:
        choice.nothing_yet()


def comparison() -> None:
    """The comparison of the runs picked, looked at again and again while more is to come."""
    known, _ = readable(run_records.store().runs())
    picked = [run.summary.id for run in choice.picked(known)]
    if picked:
        going = partial(_is_live, picked)
        work.live(partial(_show, picked), going, _EVERY)


def _is_live(picked: Sequence[int]) -> bool:
    """Whether a picked run, or one that trains a task alone, waits or runs."""
    waiting = [run for run in run_records.store().runs() if run.active or run.status == "queued"]
    if any(run.id in picked for run in waiting):
        return True
    known, _ = readable(waiting)
    return any(run.is_alone for run in known)


def _show(picked: Sequence[int]) -> None:
    try:
        run_records.tick()
        known, _ = readable(run_records.store().runs())
        chosen = [run for run in known if run.summary.id in picked]
        if chosen:
            compared = compared_runs(chosen, known)
            ask_where_hidden(partial(asked_of_comparison, compared))
            for panel in PANELS:
                # A block for each: one that grows moves no other's charts.
                with st.container():
                    if panel.shown:
                        panel.draw(compared)
        write_link()  # What is chosen inside a fragment runs the fragment alone.
    except MtlvizError as error:
        st.error(sentence(str(error)))


def _said(compared: ComparedRuns) -> None:
    """What must be known before groups are compared."""
    st.subheader("Scores", anchor="scores")
    names, warnings, remarks = compared.once(
        "notes", lambda: (notes.names(compared), notes.warnings(compared), notes.remarks(compared))
    )
    st.caption(names)
    for told in warnings:
        st.warning(told)
    if remarks:
        st.markdown("\n".join(f"- {told}" for told in remarks))


def known_runs(runs: Sequence[RunSummary]) -> tuple[list[Known], str]:
    """The runs that can be compared, and a sentence on those whose settings cannot be read."""
    known, unreadable = readable(list(runs))
    if not unreadable:
        return known, ""
    which = numbered(unreadable)
    return known, f"{which.capitalize()} cannot be compared: a newer mtlviz wrote the settings."


PANELS = (
    Panel("compare.transfer", "Who gains and who loses", transfer_section, reveals="outcome"),
    Panel("compare.notes", "What must be known first", _said, reveals="outcome"),
    Panel("compare.scores", "Scores", scores_section, reveals="outcome"),
    Panel("compare.matrices", "Against forgetting", matrices_section, reveals="outcome"),
    Panel("compare.pair", "Two groups, seed by seed", pair_section, reveals="outcome"),
    Panel("compare.curves", "Curves of the training", curves_section, reveals="outcome"),
    Panel("compare.settings", "What differs", settings_section),
    Panel("compare.papers", "Beside the papers' tables", papers_section, reveals="outcome"),
    Panel("compare.export", "Downloads", downloads_section, reveals="outcome"),
)
