"""Start: the idea in one moving picture, and where to go from it."""

import streamlit as st

from mtlviz.ui.core import page


def _header() -> None:
    st.markdown("### When does training two tasks together help?")
    st.markdown(
        "One model learns **task 1** three times: alone, with task 2, with task 3. Tasks 2 and 3 "
        "ask the *same question*, the same dividing line. Only where their points lie differs. "
        "Which of them helps task 1 in the first 150 steps? Guess, then press play."
    )


page.run("start", _header)
