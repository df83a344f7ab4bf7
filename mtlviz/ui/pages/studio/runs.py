"""The run in view as it trains; the list of all stands below."""

from functools import partial

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component import chart
from mtlviz.ui.component.live_text import live_text
from mtlviz.ui.core import guess, link, live, run_records, run_view, session
from mtlviz.ui.core.family_panel import family_verdict
from mtlviz.ui.core.family_question import about_family, ask_where_hidden
from mtlviz.ui.core.run_choice import CHOICE
from mtlviz.ui.core.run_curves import curve
from mtlviz.ui.core.run_view import RunView
from mtlviz.ui.core.run_words import lines, said
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages.studio.run_list import run_list
from mtlviz.ui.pages.studio.settings import RUN

_LOOKED_AT = 40
_SPAN = 10.0
_SMALL = 250
_SEEN = "studio.watched"


def live_runs() -> None:
    """Everything about runs; what goes on tells itself, and a run that comes or ends the page."""
    run_records.tick()
    runs = run_records.store().runs()
    if runs:
        if (watched := _watched(runs)) is not None:
            ask_where_hidden(partial(about_family, watched, runs))
            _in_view(watched, runs)
        run_list(runs, watched)
    place = live.feed(runs, link.is_hidden("answers")).described(live.EVERYTHING)
    live_text(live.everything(runs), key="studio.turns", feed=place)


def _watched(runs: list[RunSummary]) -> RunSummary | None:
    """The run chosen (the one last started here), else the newest that was trained here.

    One that was seen here on its way stays until another trains. While nothing waits or trains, a
    finished run of the settings on screen comes before the newest.
    """
    numbered: dict[object, RunSummary] = {run.id: run for run in runs}
    if chosen := numbered.get(CHOICE.now.run):
        return chosen
    seen = numbered.get(session.remember(_SEEN, None))
    training = [run for run in runs if run.active]
    if seen and (seen in training or not training):
        return seen
    if under_way := training or [run for run in runs if run.status == "queued"]:
        session.put(_SEEN, under_way[0].id)
        return under_way[0]
    own = [run for run in runs if run.recorded is None]
    return next((run for run in own[:_LOOKED_AT] if _of_these_settings(run)), next(iter(own), None))


def _of_these_settings(run: RunSummary) -> bool:
    """Whether a run finished with the very settings on screen, whatever it is called."""
    if run.status != "finished":
        return False
    wanted = RUN.now
    try:
        return run_records.run_config(run).model_copy(update={"name": wanted.name}) == wanted
    except MtlvizError:
        return False  # Settings of a newer version.


def _in_view(run: RunSummary, runs: list[RunSummary]) -> None:
    """What the run's family shows; losses, scores and conflicts of the run itself, small."""
    seen = run_view.look(run, _SPAN)
    # Always one block, so that the charts below never change their place.
    with st.container():
        family_verdict(run, runs, "studio.family")
        if not guess.covers("outcome"):
            _said(run, seen)
    if guess.covers("picture"):
        return
    left, right = st.columns(2)
    with left:
        if run.updates:
            curve(seen, "loss", "studio", _SMALL)
    with right:
        if seen.evaluations:
            curve(seen, "scores", "studio", _SMALL)
        elif run.updates:
            st.info("Scores: the first come at the end of an epoch.")
    with st.container():
        _conflicts(seen)


def _said(run: RunSummary, seen: RunView) -> None:
    if place := seen.fed("said"):
        live_text(said(run, seen), key=f"studio.said.{run.id}", feed=place)
        return
    for line in lines(run, seen):
        st.markdown(line)
    if run.error:
        st.error(sentence(run.error))


def _conflicts(seen: RunView) -> None:
    """Cosines between the tasks' gradients, where two were known at one update."""
    if "cosines" not in seen.figures:
        return
    chart(
        seen.figures["cosines"],
        key="studio.cosines",
        alt="Cosine between the gradients of every two tasks over the updates, and the share of "
        "pairs below zero.",
        how_to_read="Below zero two tasks pull the shared weights apart. Hue: first task, dash: "
        "second task.",
        height=300,
        feed=seen.fed("cosines"),
        filename="cosines",
    )
