"""The alignment part of the Covariance lab: a toy, stored runs, and what real tasks say."""

from pathlib import Path

import streamlit as st

from mtlviz.ui import state
from mtlviz.ui.covariance import alignment_measured, alignment_runs, alignment_toy

_MATHEMATICS = Path(__file__).with_name("alignment_mathematics.md")


def alignment_section() -> None:
    """Alignment: turn one task's inputs before they enter the shared module, and see transfer."""
    if state.is_hidden("alignment"):
        return
    st.subheader("Alignment", anchor="alignment")
    st.markdown(
        "Two tasks share one direction. Put a matrix R in front of it: turn and stretch the "
        "source's cloud yourself, or let Algorithm 1 train R."
    )
    alignment_toy.toy()
    alignment_measured.section()
    alignment_runs.section()
    with st.expander("The mathematics"):
        st.markdown(_MATHEMATICS.read_text(encoding="utf-8"))
