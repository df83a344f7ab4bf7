"""Start: the idea in one moving picture, and where to go from it."""

import streamlit as st

from mtlviz.ui import start_film, state
from mtlviz.ui.component import film
from mtlviz.ui.core.page import lecture_switch, link_to

GUESS = "start.guess"
GUESSES = ("Task 2 helps", "Task 3 helps", "Neither helps")
# Page, name, and what a visitor can find out there.
QUESTIONS = (
    ("conflict", "Conflict lab", "What do PCGrad and its kin do with opposing gradients?"),
    ("covariance", "Covariance lab", "Which tasks have alike data, and can it be aligned?"),
    ("capacity", "Capacity lab", "How wide should the shared encoder be?"),
    ("studio", "Studio", "Train real text tasks together: ten seconds to begin with."),
)


def guess_buttons() -> None:
    """Ask who helps, and mark what was guessed."""
    for guess in GUESSES:
        chosen = state.remember(GUESS, None) == guess
        st.button(
            guess,
            key=f"start.{guess}",
            type="primary" if chosen else "secondary",
            on_click=state.put,
            args=(GUESS, guess),
            width="stretch",
        )


def answer(sentences: list[str]) -> None:
    """What happened, with its uncertainty."""
    for sentence in sentences:
        st.markdown(sentence)
    st.markdown(
        "The model is the same, the questions are the same: the **data** decides. Task 3's "
        "points pull the shared direction where task 1 cannot use it. These are the first 150 "
        "steps, before task 1 alone has finished learning: with four times the steps the help is "
        "gone, and about half of the harm stays."
    )


def questions() -> None:
    """Where the other pages lead, as questions."""
    for column, (file, name, question) in zip(st.columns(4), QUESTIONS, strict=True):
        with column:
            link_to(file, f"**{name}**")
            st.caption(question)


kept = start_film.stored()
st.markdown("### When does training two tasks together help?")
st.markdown(
    "One model learns **task 1** three times: alone, with task 2, with task 3. Tasks 2 and 3 ask "
    "the *same question*, the same dividing line. Only where their points lie differs. "
    "Which of them helps task 1 in the first 150 steps? Guess, then press play."
)
picture, beside = st.columns([2.7, 1])
with picture:
    film(
        kept["payload"],
        key="start.film",
        alt="Three panels: task 1 trained alone, with task 2, and with task 3. The learned "
        "boundary of task 1 moves as training goes on.",
        cursor_group="start",
        editable=False,
        at_start=True,
    )
with beside:
    guess_buttons()
    # The answer comes only after a guess: the page must not give it away.
    if state.remember(GUESS, None) is not None:
        answer(kept["sentences"])
with st.container(horizontal=True, vertical_alignment="center"):
    link_to("toy", "Try it yourself in the Toy lab", icon="▶️")
    lecture_switch()
st.caption(
    "After Figure 3 of Wu, Zhang & Ré, “When Multi-Task Learning Works – and When It Doesn't” "
    "(ICLR 2020). Held-out accuracy, one of the paired repetitions shown, all of them counted."
)
questions()
