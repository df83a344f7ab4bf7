"""The list of runs, those begun together as one, with what can be done with each."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.feed import Feed
from mtlviz.ui.component.live_text import live_text
from mtlviz.ui.core import families, link, live, run_actions, session
from mtlviz.ui.core.family_question import about_family, is_covered
from mtlviz.ui.core.page import folded, go_to
from mtlviz.ui.core.run_choice import choose_run
from mtlviz.ui.core.words import counted, escaped

_NEWEST = 8


def run_list(runs: list[RunSummary], in_view: RunSummary | None = None) -> None:
    """All runs, newest first; a family is one line that unfolds.

    Args:
        runs: The runs.
        in_view: The one of which the page says above how far it is, and those begun with it.
    """
    st.subheader("Runs", anchor="runs")
    every = bool(session.remember("studio.every", False))
    place = live.feed(runs, link.is_hidden("answers"))
    # What trains stands first, however many wait.
    entries = sorted(families.folded(runs), key=lambda each: not any(run.active for run in each))
    for entry in entries if every else entries[:_NEWEST]:
        if len(entry) == 1:
            _row(entry[0], place)
        else:
            _family(entry, runs, in_view)
    if len(entries) > _NEWEST:
        session.set_widget("studio.all", every)
        st.toggle(
            f"Show all {counted(len(runs), 'run')}",
            key="studio.all",
            persist_state="session",
            on_change=lambda: session.put("studio.every", session.widget("studio.all")),
        )


def _family(
    members: Sequence[RunSummary], runs: Sequence[RunSummary], in_view: RunSummary | None
) -> None:
    """Runs that were begun together: what they show, and each of them in a fold."""
    covered = is_covered(partial(about_family, members[0], runs))
    first, pending = members[0], any(run.pending for run in members)
    name = f"studio.family.{first.id}"
    with st.container(horizontal=True, vertical_alignment="center"):
        said = families.told(members, covered)
        if pending and in_view in members:
            st.markdown(f"**{escaped(families.title(members))}**: in view above", width="stretch")
        elif pending:
            feed = live.feed(runs, covered).described(live.family_name(members, covered))
            live_text(said, key=f"{name}.told{'.covered' * covered}", feed=feed)
        else:
            st.markdown("  \n".join(said["lines"]), width="stretch")
        _open(first, name)
        run_actions.family_buttons(members, "studio.family")
    folded("Its runs", name, partial(_rows, members, live.feed(runs, link.is_hidden("answers"))))


def _rows(members: Sequence[RunSummary], place: Feed) -> None:
    for run in members:
        _row(run, place)


def _row(run: RunSummary, place: Feed) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.pending:
            key, name = f"studio.{run.id}.told", str(run.id)
            live_text(live.row(run), key=key, feed=place.described(name))
        else:
            st.markdown("  \n".join(live.row(run)["lines"]), width="stretch")
        _open(run, f"studio.{run.id}")
        run_actions.buttons(run, "studio")


def _open(run: RunSummary, key: str) -> None:
    """The way to a run; that of a family's first stands on its line, and once more in its fold."""
    if st.button("Open", key=f"{key}.open", help="Everything about this run."):
        choose_run(run.id)
        go_to("run")
