"""What can be done with a run: stop it, let it go on, begin it anew, delete it."""

from collections.abc import Callable, Sequence

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs import queue, run_labels
from mtlviz.runs.examples import example_of
from mtlviz.runs.summary import Recorded, RunSummary
from mtlviz.ui.core import run_records, session
from mtlviz.ui.core.run_choice import CHOICE, choose_run
from mtlviz.ui.core.words import escaped, sentence

PROBLEM = "runs.problem"
LABEL_HELP = "Call it as you like, and write down what you found."
OWN_NOTE = "A note of your own beside the recorded run, which stays as it was recorded."


def act(action: Callable[..., object], *given: object) -> None:
    """Do something to the store, or keep the sentence that says why it could not be done."""
    try:
        action(run_records.store(), *given)
    except MtlvizError as error:
        session.put(PROBLEM, str(error))


def show_problem() -> None:
    """The sentence of the last action that could not be done, once."""
    if problem := session.take(PROBLEM):
        st.error(sentence(str(problem)))


def buttons(run: RunSummary, prefix: str) -> None:
    """Stop, resume, retry and delete, as far as the run's status allows them."""
    key = f"{prefix}.{run.id}"
    if run.active or run.status == "queued":
        st.button(
            "Stop",
            key=f"{key}.stop",
            on_click=act,
            args=(queue.stop, run.id),
            disabled=run.stop_requested,
            help="It finishes its update, saves a checkpoint and leaves. It can be resumed.",
        )
    if run.resumable:
        st.button(
            "Resume",
            key=f"{key}.resume",
            on_click=act,
            args=(queue.resume, run.id),
            help="Go on from the last checkpoint.",
        )
        with st.popover("Retry", help="Begin anew. Asks once more."):
            st.markdown(f"Begin run {run.id} anew? What it recorded so far is dropped.")
            st.button("Begin anew", key=f"{key}.retry", on_click=act, args=(queue.retry, run.id))
    if run.recorded is not None:
        _removal(run, run.recorded, key)
    elif not run.active:
        with st.popover("Delete", help="Asks once more."):
            st.markdown(f"Delete run {run.id}, “{escaped(run.name)}”, with all it recorded?")
            st.button(
                "Delete for good", key=f"{key}.delete", type="primary",
                on_click=_delete, args=(run.id,),
            )  # fmt: skip


def _removal(run: RunSummary, recorded: Recorded, key: str) -> None:
    """Take a recorded run off the list, or all of its pack: the record itself is elsewhere."""
    of = "example" if example_of(recorded.pack) else "pack"
    with st.popover(
        "Remove", help=f"Take off the list: this run or this {of}. It can be opened again."
    ):
        st.markdown(
            f"Run {run.id} is from the {of} “{escaped(recorded.title)}”. What is removed is back "
            f"when that is opened again; notes are not."
        )
        st.button(f"Remove this {of}", key=f"{key}.remove", type="primary",
                  on_click=_delete_pack, args=(recorded.pack,))  # fmt: skip
        st.button("Remove this run alone", key=f"{key}.delete", on_click=_delete, args=(run.id,))


def label_form(run: RunSummary, prefix: str) -> None:
    """Give a run another name, and keep a note on it."""
    if run.recorded is None:
        box = st.popover("Name, note", help=LABEL_HELP)
    else:
        box = st.popover("Note", help=OWN_NOTE)
    with box:
        label_fields(run, prefix)


def label_fields(run: RunSummary, prefix: str) -> None:
    """The fields for the name of a run, unless it is recorded, and for a note on it."""
    key = f"{prefix}.{run.id}"
    session.set_widget(f"{key}.note", run.note or "")
    if run.recorded is None:
        session.set_widget(f"{key}.name", run.name)
        st.text_input(
            "Name", key=f"{key}.name", persist_state="session", max_chars=run_labels.LONGEST_NAME,
            on_change=lambda: act(run_labels.rename, run.id, session.widget(f"{key}.name")),
        )  # fmt: skip
    else:
        st.caption(OWN_NOTE)
    st.text_area(
        "Note", key=f"{key}.note", persist_state="session", max_chars=run_labels.LONGEST_NOTE,
        on_change=lambda: act(run_labels.note, run.id, session.widget(f"{key}.note")),
        help="Shown on Run and in Compare, to everybody who opens them.",
    )  # fmt: skip


def family_buttons(members: Sequence[RunSummary], prefix: str) -> None:
    """Stop or delete runs that were begun together, all at once."""
    key, waiting = f"{prefix}.{members[0].id}", [run for run in members if run.pending]
    if waiting:
        st.button(
            "Stop all", key=f"{key}.stop", on_click=_each, args=(queue.stop, waiting),
            help="Those that wait leave the queue; one that trains saves a checkpoint first.",
        )  # fmt: skip
        return
    again = any(run.recorded is not None for run in members)
    verb = "Remove" if again else "Delete"
    with st.popover(f"{verb} all", help="Asks once more."):
        st.markdown(
            f"Remove these {len(members)} recorded runs? Opened again they are back." if again
            else f"Delete these {len(members)} runs, with all they recorded?"
        )  # fmt: skip
        st.button(
            "Remove" if again else "Delete for good", key=f"{key}.delete", type="primary",
            on_click=_delete_all, args=(members,),
        )  # fmt: skip


def _each(action: Callable[..., object], runs: Sequence[RunSummary]) -> None:
    for run in runs:
        act(action, run.id)


def _delete_all(runs: Sequence[RunSummary]) -> None:
    for run in runs:
        _delete(run.id)


def _delete_pack(pack: str) -> None:
    runs = run_records.store().runs()
    _delete_all([run for run in runs if run.recorded is not None and run.recorded.pack == pack])


def _delete(run: int) -> None:
    act(lambda store: store.delete(run))
    if CHOICE.now.run == run:
        choose_run(None)
