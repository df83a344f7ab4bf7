"""How far the runs of a study are, and the buttons that stop them and let them go on."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.machine_slots import run_limit
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import StoredStudy, continue_study, stop_study
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.core.words import duration, listed
from mtlviz.ui.state import capacity as chosen

Runs = Mapping[int, RunSummary]


def runs_of(study: StoredStudy) -> dict[int, RunSummary]:
    """The runs of a study that are still in the store, by number."""
    wanted = set(study.runs.values())
    return {run.id: run for run in cache.store().runs() if run.id in wanted}


def is_live(runs: Runs) -> bool:
    """Whether more is to come without anybody's doing."""
    return any(run.active or run.status == "queued" for run in runs.values())


def progress(study: StoredStudy, runs: Runs) -> None:
    """A bar while runs wait or train, and what has become of those that did not finish."""
    ended = [run for run in runs.values() if run.resumable]
    live = is_live(runs)
    if not live and not ended:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(_share(runs), text=_text(study, runs))
        if live:
            st.button(
                "Stop all", key=f"study.{study.kind}.stop", on_click=act, args=(stop_study, study),
                help="Runs at work save a checkpoint; the others leave the queue. What is "
                "finished stays.",
            )  # fmt: skip
        elif ended:
            st.button(
                "Let them go on", key=f"study.{study.kind}.resume", on_click=act,
                args=(continue_study, study), help="Puts the runs that ended early into the queue.",
            )  # fmt: skip
    failed = [run for run in ended if run.status == "failed"]
    if failed:
        st.warning(f"{_numbers(failed)} failed: {failed[0].error}")


def _share(runs: Runs) -> float:
    shares = [1.0 if run.status == "finished" else min(1.0, run.updates / (run.planned or 1e9))
              for run in runs.values()]  # fmt: skip
    return sum(shares) / len(shares) if shares else 0.0


def _text(study: StoredStudy, runs: Runs) -> str:
    done = [run for run in runs.values() if run.status == "finished"]
    text = f"{len(done)} of {len(study.runs)} runs finished"
    if not is_live(runs):
        return f"{text}; the others were stopped or failed"
    if not done:
        return text
    times = [run.finished - run.started for run in done if run.finished and run.started]
    left = sum(run.active or run.status == "queued" for run in runs.values())
    seconds = left * sum(times) / max(1, len(times)) / run_limit()
    return f"{text} · about {duration(seconds)} left"


def _numbers(runs: Sequence[RunSummary]) -> str:
    return f"Run{'s' if len(runs) > 1 else ''} {listed([str(run.id) for run in runs])}"


def act(action: Callable[[Store, StoredStudy], object], study: StoredStudy) -> None:
    """Do something to a study, or keep the sentence that says why it could not be done."""
    try:
        action(cache.store(), study)
    except MtlvizError as error:
        chosen.tell(str(error))
