"""Start: the idea in one moving picture, and where to go from it."""

import streamlit as st

from mtlviz.ui import start_film
from mtlviz.ui.component import film
from mtlviz.ui.frame import lecture_switch

kept = start_film.stored()
st.markdown("## When does training two tasks together help?")
st.markdown(
    "One model learns **task 1** three times: alone, with task 2, with task 3. Tasks 2 and 3 ask "
    "the *same question*, the same dividing line. Only where their points lie differs. "
    "Which of them helps task 1? Guess, then press play."
)
film(
    kept["payload"],
    key="start.film",
    alt="Three panels: task 1 trained alone, with task 2, and with task 3. The learned boundary "
    "of task 1 moves as training goes on, and ends better with task 2 and worse with task 3.",
    cursor_group="start",
    editable=False,
    autoplay=True,
)
with st.container(horizontal=True, vertical_alignment="center"):
    with st.popover("Show what happened", help="The answer, with its uncertainty."):
        for sentence in kept["sentences"]:
            st.markdown(sentence)
        st.markdown(
            "The model is the same, the questions are the same: the **data** decides. Task 3's "
            "points pull the shared direction where task 1 cannot use it."
        )
    st.page_link("app_pages/toy_lab.py", label="Try it yourself in the Toy lab", icon="▶️")
    lecture_switch()
st.caption(
    "After Figure 3 of Wu, Zhang & Ré, “When Multi-Task Learning Works – and When It Doesn't” "
    "(ICLR 2020). Held-out accuracy, one of the paired repetitions shown, all of them counted."
)
