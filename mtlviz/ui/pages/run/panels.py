"""A run as it is now: read from the store, shown, and read again while it runs."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.errors import MtlvizError
from mtlviz.runs.recorded_runs import Opened
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.live_text import live_text
from mtlviz.ui.core import (
    families,
    recorded,
    run_actions,
    run_estimates,
    run_records,
    run_view,
    run_words,
    session,
    work,
)
from mtlviz.ui.core.config_words import sentences
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.family_question import about_family, ask_where_hidden
from mtlviz.ui.core.link import write_link
from mtlviz.ui.core.model_view import draw_model
from mtlviz.ui.core.page import Panel, draw, lecture_switch, link_to
from mtlviz.ui.core.run_choice import CHOICE, choose_run
from mtlviz.ui.core.run_curves import beside, curve
from mtlviz.ui.core.run_model import model_of
from mtlviz.ui.core.run_view import RunView
from mtlviz.ui.core.words import escaped, sentence
from mtlviz.ui.pages.run import cursor, take_home
from mtlviz.ui.pages.run.answers import answers
from mtlviz.ui.pages.run.layers import layers
from mtlviz.ui.pages.run.matrix import matrix
from mtlviz.ui.pages.run.one_update import one_update
from mtlviz.ui.pages.run.phases import phases
from mtlviz.ui.pages.run.transfer import transfer
from mtlviz.ui.pages.run.update import Update
from mtlviz.ui.pages.run.use import use_model

_LOG_LINES = 15
_EVERY = 0.5
"""Seconds between two looks at data that is being counted."""


def run_in_view() -> RunSummary | None:
    """The run of the link or the latest one, read anew; None where there is none."""
    runs = run_records.store().runs()
    asked = CHOICE.now.run
    if asked is None:
        return _latest(runs) if runs else None
    return next((run for run in runs if run.id == asked), None)


def _latest(runs: Sequence[RunSummary]) -> RunSummary:
    """The newest run; of several begun or recorded together the newest that shows what sharing did.

    That is one that trains several tasks, if there is one, and all of them with one encoder.
    """
    together = families.folded(runs)[0]
    return max(together, key=lambda run: (_shares(run), run.id))


def _shares(run: RunSummary) -> tuple[bool, bool]:
    """Whether a run trains several tasks, and whether at once and with one encoder for all."""
    if len(run.metrics or ()) < 2:
        return False, False
    try:
        config = run_records.run_config(run)
    except MtlvizError:
        return True, False  # Of a newer version.
    return True, config.capacity.sharing == "hard" and config.optimisation.scheduler != "phases"


def header() -> None:
    """Choose a run, act on it."""
    runs, run = run_records.store().runs(), run_in_view()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # Nothing that changes: a browser keeps the label of the run that is chosen.
        labels = {each.id: f"{each.id} · {each.name}" for each in runs}
        key = "run.choice"
        session.set_widget(key, None if run is None else run.id)
        st.selectbox(
            CHOICE.control("run").title,
            list(labels),
            key=key,
            format_func=labels.get,
            persist_state="session",
            on_change=session.when_chosen(key, choose_run),
            placeholder="Choose a run",
            help="The latest run is shown until you choose one, of several begun together one that "
            "trains together. The link then carries its number.",
            width=220,
        )
        if run is not None:
            run_actions.label_form(run, "run")
            run_actions.buttons(run, "run")
        if runs:
            recorded.open_recorded("run", _opened)
        lecture_switch()
    if run is None and CHOICE.now.run is not None:
        other = " Choose another one." if runs else ""
        st.warning(f"There is no run {CHOICE.now.run}; it may have been deleted.{other}")
    run_actions.show_problem()
    if not runs:
        st.markdown("## No run yet")
        st.markdown("A run begins in the Studio: ten seconds on any laptop.")
        link_to("studio", "Start one in the Studio", icon="▶️")
        recorded.open_recorded("run", _opened, empty=True)
    ask_where_hidden(lambda: None if run is None else about_family(run, runs))


def _opened(found: Opened) -> None:
    choose_run(found.runs[0])


def body() -> None:
    """All that belongs to a run; where there is none, nothing lies folded either."""
    if (run := run_in_view()) is not None:
        draw(PANELS, run)


def what_runs() -> None:
    """What was run, in sentences."""
    if (run := run_in_view()) is not None:
        st.markdown("**What runs here**")
        for each in sentences(run_records.run_config(run)):
            st.caption(each)


def _view(run: RunSummary) -> RunView:
    """What this visitor looks at."""
    now = CHOICE.now
    return run_view.look(run, now.smoothing, now.axis, run_view.cursor_of(run))


def _top(run: RunSummary) -> None:
    """Where the run stands; always one block, so that nothing below it moves."""
    view = _view(run)
    if run.note:
        st.caption(escaped(run.note))
    with st.container():
        if feed := view.fed("standing"):
            live_text(
                run_words.standing(run_words.said(run, view)), key=f"run.said.{run.id}", feed=feed
            )
            return
        mark = recorded.mark(run)
        st.markdown(run_words.lines(run, view)[0] + " · recorded" * bool(mark), help=mark or None)
        if run.status in ("failed", "interrupted"):
            _failure(run)


def _findings(run: RunSummary) -> None:
    """What it has learned, who pulled apart, and what must be known of it."""
    view = _view(run)
    with st.container():
        if feed := view.fed("findings"):
            live_text(
                run_words.findings(run_words.said(run, view)),
                key=f"run.findings.{run.id}",
                feed=feed,
            )
            return
        for line in run_words.lines(run, view)[1:]:
            st.markdown(line)
        for note in run_records.notes(run):
            st.warning(escaped(note.text))


def _model(run: RunSummary) -> None:
    """What the tasks share and what belongs to each."""
    config, key = run_records.run_config(run), f"run.model.{run.id}"
    if not _reads_the_same(run, config):
        draw_model(model_of(config, None), key)
        st.caption(
            "Without numbers of parameters: of a recorded run it is not known whether the data "
            "here is the same."
            if run.recorded
            else "Without numbers of parameters: the data that the run has read is not here, or "
            "has changed since."
        )
        return
    job = run_estimates.facts_job(config.data)
    work.live(lambda: draw_model(model_of(config, job.part), key), lambda: job.running, _EVERY)


def _reads_the_same(run: RunSummary, config: RunConfig) -> bool:
    """Whether the run's data lies here as the run has read it: the vocabulary follows from it."""
    return run.recorded is None and run_estimates.last_change(config.data) <= (
        run.started or run.created
    )


def _failure(run: RunSummary) -> None:
    st.error(sentence(run.error or "The run ended for a reason it could not tell."))
    log = run_words.without_folders(run_records.store().log(run.id))
    lines = log.strip().splitlines()[-_LOG_LINES:]
    if lines:
        with st.expander("The last lines of its log"):
            st.code("\n".join(lines), language=None)


def _curves(run: RunSummary) -> None:
    """All curves, under one axis and one running average."""
    if not run.updates:
        return
    beside(_view(run), "loss", "scores")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        # Another axis moves the bar as well: these controls run the whole page.
        control(CHOICE, "axis", look="segmented")
        control(CHOICE, "smoothing", width=260)


def _phases(run: RunSummary) -> None:
    """What each phase did to every task."""
    if run.updates:
        phases(_view(run))


def _matrix(run: RunSummary) -> None:
    """Every task's score after every phase."""
    if run.updates:
        matrix(run_records.run_config(run), _view(run), run.id)


def _conflicts(run: RunSummary) -> None:
    """Conflicts, lengths and weights, where gradients were recorded."""
    if run.updates:
        st.subheader("Who pulls against whom", anchor="conflicts")
        curve(_view(run), "cosines")
        beside(_view(run), "lengths", "weights")


def _layers(run: RunSummary) -> None:
    """In which layers tasks pull apart, where there is a record to tell it from."""
    if run.updates:
        layers(run, _view(run))


def _bar(run: RunSummary) -> None:
    """The bar that chooses an update: first, and in sight as the page scrolls."""
    chosen = cursor.update_of(run)
    if chosen is not None:
        cursor.bar(run, chosen, _view(run))


def _at_the_cursor(run: RunSummary) -> None:
    """What belongs to one update.

    Hardly anything of the page needs a run of the script: what is said of a run that goes on, its
    curves and the bar find what is newer by themselves (`Feed`), and what belongs to one update is
    asked for where the cursor moves to another (`CursorFeed`).
    """
    st.fragment(_one_update)(run.id)


def _one_update(number: int) -> None:
    try:
        run = run_records.store().run(number)
        chosen = cursor.update_of(run)
        if chosen is None:
            return
        update = Update(run, chosen, CHOICE.now)
        st.subheader("One update", anchor="update")
        cursor.field(update)
        one_update(update)
        write_link()
    except MtlvizError as error:
        st.error(sentence(str(error)))


def _take_home(run: RunSummary) -> None:
    """The run in one file."""
    if run.updates and not run_view.waiting(run):
        take_home.offer(run, _view(run))


PANELS = (
    Panel("run.bar", "The bar over the updates", _bar, aliases=("run.update",), reveals="picture"),
    Panel("run.top", "Status and verdict", _top),
    Panel("run.transfer", "Against training alone", transfer),
    Panel("run.curves", "Losses and scores", _curves, reveals="picture"),
    Panel("run.findings", "What it found", _findings, aliases=("run.top",), reveals="outcome"),
    Panel("run.phases", "Phases: forgetting and recovery", _phases, reveals="picture"),
    Panel("run.matrix", "Every task after every phase", _matrix, reveals="picture"),
    Panel("run.model", "The model", _model, folded="The model: what is shared"),
    Panel("run.conflicts", "Who pulls against whom", _conflicts, reveals="picture"),
    Panel("run.layers", "In which layers", _layers, reveals="picture"),
    Panel("run.use", "Use this model", use_model, folded="Use this model: ask it a text of yours"),
    Panel(
        "run.answers",
        "Answers beside the right ones",
        answers,
        folded="Its answers on the development set, beside the right ones",
        reveals="outcome",
    ),
    Panel("run.take_home", "Take it home", _take_home, reveals="outcome"),
    Panel("run.update", "One update", _at_the_cursor, reveals="picture"),
)
