"""Start: the idea in one moving picture, and where to go from it."""

import streamlit as st

from mtlviz.ui.core import guess, link, page
from mtlviz.ui.pages.start.panels import QUESTION


def _header() -> None:
    # In a lecture room the picture needs the room, once there is one to look at.
    if guess.enter(QUESTION.name) == "asked" or not link.lecture():
        st.markdown("### When does training two tasks together help?")
    st.markdown(
        "One model learns **task 1** (● filled: class A, ○ hollow: class B) three times: alone, "
        "with task 2, with task 3. Each dotted line is a true boundary. Those of tasks 2 and 3 are "
        "*one and the same line*, a little tilted against that of task 1; only where their points "
        "lie differs. The thick line is what task 1 has learned."
    )
    guess.ask(QUESTION)


page.run("start", _header)
