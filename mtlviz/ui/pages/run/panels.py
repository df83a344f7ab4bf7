"""A run as it is now: read from the store, shown, and read again while it runs."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.recorded_runs import Opened
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.live_text import live_text
from mtlviz.ui.core import recorded, run_actions, run_records, run_view, run_words, session
from mtlviz.ui.core.config_words import sentences
from mtlviz.ui.core.controls import control
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


def run_in_view() -> RunSummary | None:
    """The run of the link or the latest one, read anew; None where there is none."""
    runs = run_records.store().runs()
    asked = CHOICE.now.run
    if asked is None:
        return runs[0] if runs else None
    return next((run for run in runs if run.id == asked), None)


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
            on_change=lambda: choose_run(session.widget(key)),
            placeholder="Choose a run",
            help="The latest run is shown until you choose one. The link then carries its number.",
            width=320,
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
    """Status, verdict, notes and failure; always one block, so that nothing below it moves."""
    view = _view(run)
    if run.note:
        st.caption(escaped(run.note))
    with st.container():
        if feed := view.fed("said"):
            live_text(run_words.said(run, view), key=f"run.said.{run.id}", feed=feed)
            return
        for line in run_words.lines(run, view):
            st.markdown(line)
        if mark := recorded.mark(run):
            st.info(mark)
        for note in run_records.notes(run):
            st.warning(escaped(note.text))
        if run.status in ("failed", "interrupted"):
            _failure(run)


def _model(run: RunSummary) -> None:
    """What the tasks share and what belongs to each."""
    draw_model(model_of(run_records.run_config(run), None), f"run.model.{run.id}")


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
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        # Another axis moves the bar as well: these controls run the whole page.
        control(CHOICE, "axis", look="segmented")
        control(CHOICE, "smoothing", width=260)
    beside(_view(run), "loss", "scores")


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


def _at_the_cursor(run: RunSummary) -> None:
    """What belongs to one update, and the bar that chooses it.

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
        cursor.bar(run, chosen, _view(run))
        write_link()
    except MtlvizError as error:
        st.error(sentence(str(error)))


def _take_home(run: RunSummary) -> None:
    """The run in one file."""
    if run.updates and not run_view.waiting(run):
        take_home.offer(run, _view(run))


PANELS = (
    Panel("run.top", "Status and verdict", _top),
    Panel("run.transfer", "Against training alone", transfer),
    Panel("run.curves", "Losses and scores", _curves),
    Panel("run.phases", "Phases: forgetting and recovery", _phases),
    Panel("run.matrix", "Every task after every phase", _matrix),
    Panel("run.model", "The model", _model, folded="The model: what is shared"),
    Panel("run.conflicts", "Who pulls against whom", _conflicts),
    Panel("run.layers", "In which layers", _layers),
    Panel("run.use", "Use this model", use_model, folded="Use this model: ask it a text of yours"),
    Panel(
        "run.answers",
        "Answers beside the right ones",
        answers,
        folded="Its answers on the development set, beside the right ones",
    ),
    Panel("run.take_home", "Take it home", _take_home),
    Panel("run.update", "One update, and the bar", _at_the_cursor),
)
