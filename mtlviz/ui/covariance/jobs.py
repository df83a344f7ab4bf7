"""A background computation of the Covariance lab, as a page shows it."""

from collections.abc import Callable, Iterator

import streamlit as st

from mtlviz.runs.helper import Progress
from mtlviz.ui.core import session
from mtlviz.ui.core.words import duration, escaped
from mtlviz.ui.jobs import Job


def running_job(name: str, key: str) -> Job | None:
    """The job of this name that computes what has this key; None if there is none."""
    held = session.remember(f"covariance.{name}.job", None)
    return held[1] if isinstance(held, tuple) and held[0] == key else None


def start_job(name: str, key: str, work: Iterator[Progress]) -> Job:
    """Begin a computation in the background; one of the same name is given up."""
    stop_job(name)
    # Embeddings and projections are computed by processes: maps need not wait for them.
    job = Job(work, thread=name)
    session.put(f"covariance.{name}.job", (key, job))
    return job


def stop_job(name: str) -> None:
    """Give a computation up."""
    held = session.remember(f"covariance.{name}.job", None)
    if isinstance(held, tuple):
        held[1].cancel()
    session.put(f"covariance.{name}.job", None)


def show_job(job: Job, name: str, on_stop: Callable[[], None] | None = None) -> None:
    """Progress of a job, looked at twice a second; when it ends, the page is drawn anew.

    Args:
        job: The job.
        name: What it was started as.
        on_stop: What else a visitor's Stop means; for a job that would begin again by itself.
    """
    st.fragment(_show, run_every=0.5 if job.running else None)(job, name, on_stop, job.running)


def _show(job: Job, name: str, on_stop: Callable[[], None] | None, live: bool) -> None:
    if live and not job.running:
        st.rerun()
    if job.error:
        st.error(escaped(job.error))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(_share(job), text=_text(job))
        st.button(
            "Stop",
            key=f"covariance.{name}.stop",
            on_click=_stopped,
            args=(name, on_stop),
            help="Give this computation up.",
        )


def _stopped(name: str, on_stop: Callable[[], None] | None) -> None:
    stop_job(name)
    if on_stop is not None:
        on_stop()


def _share(job: Job) -> float:
    return job.part.progress if job.part is not None else 0.0


def _text(job: Job) -> str:
    """What is being done, and about how long it will take where that can be told."""
    if job.waiting:
        return "Waiting for another computation to finish …"
    stage = job.part.stage if isinstance(job.part, Progress) else "Starting"
    left = job.seconds_left() if _share(job) > 0.1 else None
    return f"{stage} …" if left is None else f"{stage}: about {duration(left)} left"
