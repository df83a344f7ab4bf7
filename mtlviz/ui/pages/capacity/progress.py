"""How far the runs of a study are, and the buttons that stop them and let them go on."""

import time
from collections.abc import Mapping

import streamlit as st

from mtlviz.runs.stored_study import StoredStudy, continue_study, stop_study
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import families, run_records
from mtlviz.ui.core.run_actions import act
from mtlviz.ui.core.words import counted, duration, escaped, listed, plural

Runs = Mapping[int, RunSummary]


def runs_of(study: StoredStudy) -> dict[int, RunSummary]:
    """The runs of a study that are still in the store, by number."""
    wanted = set(study.runs.values())
    return {run.id: run for run in run_records.store().runs() if run.id in wanted}


def is_live(runs: Runs) -> bool:
    """Whether more is to come without anybody's doing."""
    return any(run.pending for run in runs.values())


def progress(study: StoredStudy, runs: Runs) -> None:
    """A bar while runs wait or train, and what has become of those that did not finish."""
    ended = [run for run in runs.values() if run.resumable]
    live = is_live(runs)
    if not live and not ended:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        share = sum(run.share for run in runs.values()) / len(runs)
        st.progress(share, text=_text(study, runs))
        if live:
            st.button(
                "Stop all", key=f"study.{study.kind}.stop", on_click=act, args=(stop_study, study),
                help="Runs at work save a checkpoint; the others leave the queue. What is "
                "finished stays.",
            )  # fmt: skip
        else:
            st.button(
                "Let them go on", key=f"study.{study.kind}.resume", on_click=act,
                args=(continue_study, study), help="Puts the runs that ended early into the queue.",
            )  # fmt: skip
    if failed := [run for run in ended if run.status == "failed"]:
        which = f"{plural(len(failed), 'Run')} {listed([str(run.id) for run in failed])}"
        st.warning(f"{which} failed: {escaped(failed[0].error or 'the reason is not known.')}")


def _text(study: StoredStudy, runs: Runs) -> str:
    done = [run for run in runs.values() if run.status == "finished"]
    text = f"{len(done)} of {counted(len(study.runs), 'run')} finished"
    if not is_live(runs):
        return f"{text}; the others were stopped or failed"
    seconds = families.seconds_left(list(runs.values()), time.time())
    return text if seconds is None else f"{text} · about {duration(seconds)} left"
