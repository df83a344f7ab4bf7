"""The reweighting part of the Covariance lab: a toy, stored runs, and what real tasks say."""

from pathlib import Path

import streamlit as st

from mtlviz.ui import state
from mtlviz.ui.covariance import reweighting_measured, reweighting_runs, reweighting_toy

_MATHEMATICS = Path(__file__).with_name("reweighting_mathematics.md")


def reweighting_section() -> None:
    """Reweighting: weigh a task by what its labels share with the others', against wrong labels."""
    if state.is_hidden("reweighting"):
        return
    st.subheader("Reweighting", anchor="reweighting")
    st.markdown(
        "Several tasks ask about the same inputs, and some of task 1's labels are wrong. Algorithm "
        "2 weighs each task by what its labels have in common with the others'."
    )
    reweighting_toy.toy()
    reweighting_measured.section()
    reweighting_runs.section()
    with st.expander("The mathematics"):
        st.markdown(_MATHEMATICS.read_text(encoding="utf-8"))
