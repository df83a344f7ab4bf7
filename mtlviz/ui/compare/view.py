"""The comparison as it is now: read from the store, shown, and read again while runs are live."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache, state
from mtlviz.ui.compare import cached, notes
from mtlviz.ui.compare.cached import Known
from mtlviz.ui.compare.curves import curves_section
from mtlviz.ui.compare.downloads import downloads_section
from mtlviz.ui.compare.pair import pair_section
from mtlviz.ui.compare.papers import papers_section
from mtlviz.ui.compare.scene import Scene, scene
from mtlviz.ui.compare.scores import scores_section
from mtlviz.ui.compare.settings import settings_section
from mtlviz.ui.compare.transfer import transfer_section

# Ten charts are much to send: thirty that look must leave the server time to answer controls.
_EVERY = 5.0


def live_comparison(picked: Sequence[int]) -> None:
    """Show the comparison as a fragment that looks again and again while more is to come."""
    live = _is_live(cache.store().runs(), picked)
    st.fragment(_show, run_every=_EVERY if live else None)(tuple(picked), live)


def _is_live(runs: Sequence[RunSummary], picked: Sequence[int]) -> bool:
    """Whether a picked run, or one that trains a task alone, waits or runs."""
    waiting = [run for run in runs if run.active or run.status == "queued"]
    if any(run.id in picked for run in waiting):
        return True
    known, _ = cached.readable(waiting)
    return any(run.is_alone for run in known)


def _show(picked: Sequence[int], live: bool) -> None:
    try:
        cache.tick()
        runs = cache.store().runs()
        if live != _is_live(runs, picked):
            st.rerun()  # One whole run begins or ends the timer.
        known, _ = cached.readable(runs)
        chosen = [run for run in known if run.summary.id in picked]
        if chosen:
            _page(scene(chosen, known))
        state.write_link()  # What is chosen inside a fragment runs the fragment alone.
    except MtlvizError as error:
        st.error(str(error))


def _page(seen: Scene) -> None:
    """All sections, each in a block of its own, so that one that grows moves no other's charts."""
    for section in _SECTIONS:
        with st.container():
            section(seen)


def _said(seen: Scene) -> None:
    """What must be known before groups are compared."""
    st.subheader("Scores", anchor="scores")
    names, warnings, remarks = seen.once(
        "notes", lambda: (notes.names(seen), notes.warnings(seen), notes.remarks(seen))
    )
    st.caption(names)
    for sentence in warnings:
        st.warning(sentence)
    if remarks:
        st.markdown("\n".join(f"- {sentence}" for sentence in remarks))


_SECTIONS = (
    transfer_section,
    _said,
    scores_section,
    pair_section,
    curves_section,
    settings_section,
    papers_section,
    downloads_section,
)


def known_runs(runs: Sequence[RunSummary]) -> tuple[list[Known], str]:
    """The runs that can be compared, and a sentence on those whose settings cannot be read."""
    known, unreadable = cached.readable(list(runs))
    if not unreadable:
        return known, ""
    which = notes.numbers(unreadable)
    return known, f"{which.capitalize()} cannot be compared: a newer mtlviz wrote the settings."
