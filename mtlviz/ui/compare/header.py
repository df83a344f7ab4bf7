"""Top of the page: which runs are compared, and what makes a group."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.runs.comparison_names import telling
from mtlviz.runs.settings import differing, in_words, meaning
from mtlviz.ui import state
from mtlviz.ui.compare import picking
from mtlviz.ui.compare.cached import Known
from mtlviz.ui.compare.notes import numbers
from mtlviz.ui.core.page import lecture_switch, link_to
from mtlviz.ui.core.words import escaped

TABLE = "compare.runs_open"
"""Where the session keeps whether the table of runs is open."""


def header(known: Sequence[Known], problem: str) -> list[Known]:
    """Choose runs and grouping; the runs that are compared."""
    picked = picking.picked(known)
    if problem:
        st.warning(problem)
    if missing := picking.gone(known):
        st.warning(f"There is no {numbers(missing)} (any more); the others are compared.")
    if not known:
        return []
    if unknown := _unknown(picked):
        st.warning(f"`by` names no setting of these runs: {', '.join(unknown)}.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _grouping(picked)
        lecture_switch()
    state.show_runs(run.summary.id for run in picked)
    title = f"Runs: {len(picked)} of {len(known)} are compared"
    table = st.expander(title, expanded=len(picked) < 2, key=TABLE, on_change="rerun")
    if table.open:
        with table:
            picking.picker(known, picked)
    _newer(known, picked)
    if not picked:
        st.info("Tick two or more runs above to see them side by side.")
    elif len(picked) == 1:
        st.info(
            "One run alone is shown with its single-task baseline, if there is one. Tick more runs "
            "to compare ways of training, and several seeds of each for intervals."
        )
    return picked


def _unknown(picked: Sequence[Known]) -> list[str]:
    """Settings that groups should be made by and that no run has."""
    chosen = state.compared_by() or ()
    return [escaped(place) for place in chosen
            if picked and not any(place in run.settings for run in picked)]  # fmt: skip


def _newer(known: Sequence[Known], picked: Sequence[Known]) -> None:
    """Say that runs of the same tasks came after the ones picked."""
    last = max((run.summary.id for run in picked), default=0)
    tasks = {run.settings["data.tasks"] for run in picked}
    newer = [run.summary.id for run in known
             if run.summary.id > last and run.settings["data.tasks"] in tasks]  # fmt: skip
    if newer and state.compared_runs() is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{numbers(newer).capitalize()} of the same tasks came later.")
            st.button(
                "Add",
                key="compare.add",
                on_click=state.compare_runs,
                args=([*(run.summary.id for run in picked), *newer],),
                help="Compare these as well.",
            )


def nothing_yet() -> None:
    """The page without any run."""
    st.markdown("## Nothing to compare yet")
    st.markdown(
        "Start two ways of training in the Studio, such as **sum** and **pcgrad**, each with a few "
        "seeds; this page then says which tasks gain, which lose, and how sure that is."
    )
    link_to("studio", "Start one in the Studio", icon="▶️")


def _grouping(picked: Sequence[Known]) -> None:
    """Which settings make a group."""
    settings = [run.settings for run in picked]
    differ = differing(settings, trained=True)
    chosen = state.compared_by()
    offered = {*telling(settings, differ), *(chosen or ())}
    places = [place for place in differ if place in offered]
    state.set_widget("compare.grouping", [
        place for place in (places if chosen is None else chosen) if place in places
    ])  # fmt: skip
    st.multiselect(
        "Group by",
        places,
        key="compare.grouping",
        format_func=in_words,
        on_change=_take,
        args=(places,),
        placeholder="all runs in one group" if places else "nothing differs but the seed",
        disabled=not places,
        help="Runs with equal values are one group, over which means are taken. It starts with "
        "every setting that differs, less the seed and what goes with another setting. "
        + " ".join(
            f"**{in_words(place)}**: {meaning(place)}" for place in places if meaning(place)
        ),
        width="stretch",
    )


def _take(places: Sequence[str]) -> None:
    chosen = [str(place) for place in state.widget("compare.grouping")]
    state.compare_by(None if set(chosen) == set(places) else chosen)
