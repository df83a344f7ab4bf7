"""How far a sweep is, and what can be done with it: stop, resume, retry, confirm."""

from __future__ import annotations

import streamlit as st

from mtlviz.runs.launcher import Launcher, launcher_of
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import forget_study
from mtlviz.runs.sweep.runs import confirm_sweep, resume_sweep, retry_sweep, stop_sweep
from mtlviz.runs.sweep.state import SweepState
from mtlviz.runs.sweep.stored import NEW_SEEDS, stored_sweep
from mtlviz.ui.core.run_actions import act
from mtlviz.ui.core.session import visitor
from mtlviz.ui.core.words import counted, duration, escaped
from mtlviz.ui.pages.sweep.view import SweepView


def progress(view: SweepView) -> None:
    """A bar while more is to come, and the buttons that its state allows."""
    state, number = view.state, view.sweep.id
    with st.container(horizontal=True, vertical_alignment="center"):
        if state.word != "finished":
            st.progress(min(1.0, state.share), text=_text(state))
        if state.going and not state.stopped:
            _button("Stop", _stop, number, "Runs at work save a checkpoint; the others leave the "
                    "queue. What is finished stays.")  # fmt: skip
        if (state.ended or state.missing) and not state.going:
            _button("Resume", _resume, number, "Goes on where it was; nothing is trained twice.")
        if state.failed:
            _button("Retry what failed", _retry, number, "Begins the failed runs anew.")
        if not state.going and view.found.order and not view.sweep.confirmed:
            _button(
                f"Confirm with {NEW_SEEDS} new seeds", _confirm, view,
                "Trains the two best settings with seeds by which they were not chosen: how much "
                "did the choice flatter them?",
            )  # fmt: skip
        if not view.runs and not state.going:
            st.button("Forget this sweep", key="sweep.forget", on_click=act,
                      args=(forget_study, view.sweep.study), help="Its runs are gone.")  # fmt: skip
    if state.failed:
        which = counted(len(state.failed), "run")
        st.warning(f"{which} failed, first run {state.failed[0]}: {escaped(state.reason)}")


def _button(label: str, action: object, given: object, help: str) -> None:
    key = f"sweep.{label.split()[0].lower()}"
    st.button(label, key=key, on_click=act, args=(action, given), help=help)


def _stop(store: Store, number: int) -> None:
    stop_sweep(store, number, _launcher(store, number))


def _resume(store: Store, number: int) -> None:
    resume_sweep(store, number, _launcher(store, number), visitor())


def _retry(store: Store, number: int) -> None:
    retry_sweep(store, number, _launcher(store, number), visitor())


def _confirm(store: Store, view: SweepView) -> None:
    launcher = launcher_of(store, view.sweep.launcher)
    confirm_sweep(store, view.sweep.id, view.found.order[:2], launcher, visitor())


def _launcher(store: Store, number: int) -> Launcher:
    return launcher_of(store, stored_sweep(store, number).launcher)


def _text(state: SweepState) -> str:
    whole = state.finished + state.waiting + state.active + state.ended + state.missing
    ended = "" if state.word == "failed" else " finished"
    parts = [f"{state.word}: {state.done} of {whole + len(state.failed)} runs{ended}"]
    if state.given_up:
        parts.append(f"{counted(state.given_up, 'setting')} stopped early")
    if state.going and state.seconds_left is not None:
        parts.append(f"about {duration(state.seconds_left)} left")
    return " · ".join(parts)
