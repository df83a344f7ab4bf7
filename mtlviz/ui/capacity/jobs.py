"""How far a background computation of the Capacity lab is."""

import streamlit as st

from mtlviz.ui.core.words import duration
from mtlviz.ui.jobs import Job


def show_job(job: Job, what: str) -> None:
    """A bar with what is being done, and about how long it will take."""
    share = job.part.progress if job.part is not None else 0.0
    if job.waiting:
        text = "Waiting for another computation to finish …"
    else:
        left = job.seconds_left()
        text = f"{what} …" if left is None else f"{what}: about {duration(left)} left"
    st.progress(share, text=text)
