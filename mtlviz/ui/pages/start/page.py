"""Start: the idea in one moving picture, and where to go from it."""

import streamlit as st

from mtlviz.ui.core import guess, link, page, session
from mtlviz.ui.pages.start.panels import BEGUN, QUESTION

_WHAT = (
    "One model learns **task 1** (● filled: class A, ○ hollow: class B) three times: alone, "
    "with task 2, with task 3. Each dotted line is a true boundary. Those of tasks 2 and 3 are "
    "*one and the same line*, a little tilted against that of task 1; only where their points "
    "lie differs. The thick line is what task 1 has learned."
)


def _header() -> None:
    stage = guess.enter(QUESTION.name)
    begun = bool(session.remember(BEGUN, False)) and stage in ("seeing", "told")
    # Pictures need the room, in a lecture room or beside the text experiment, once they play.
    if stage == "asked" or not (link.lecture() or begun):
        st.markdown("### When does training two tasks together help?")
    if not (link.lecture() and begun and stage == "told"):
        st.markdown(_WHAT)
    guess.ask(QUESTION)


page.run("start", _header)
