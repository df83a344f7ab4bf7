"""What training together did to each task of a run, over all its seeds."""

import streamlit as st

from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records
from mtlviz.ui.core.family_panel import family_verdict


def transfer(run: RunSummary) -> None:
    """One sentence: each task's score less that of the same task alone, paired over seeds."""
    with st.container():  # Always one block, so that nothing below it moves.
        family_verdict(run, run_records.store().runs(), "run.family")
