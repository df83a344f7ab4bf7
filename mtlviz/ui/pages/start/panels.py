"""What the start page shows: a film, a guess, and the other pages as questions."""

import streamlit as st

from mtlviz.ui.component import film
from mtlviz.ui.core.page import Panel, lecture_switch, link_to
from mtlviz.ui.pages.start.film import stored
from mtlviz.ui.pages.start.settings import GUESS, GUESSES

# Page, name, and what a visitor can find out there.
QUESTIONS = (
    ("conflict", "Conflict lab", "What do PCGrad and its kin do with opposing gradients?"),
    ("covariance", "Covariance lab", "Which tasks have alike data, and can it be aligned?"),
    ("capacity", "Capacity lab", "How wide should the shared encoder be?"),
    ("studio", "Studio", "Train real text tasks together: ten seconds to begin with."),
)


def _film(_: None) -> None:
    """The film, and who helps: the answer comes only after a guess, or it would be given away."""
    picture, beside = st.columns([2.7, 1])
    with picture:
        film(
            stored()["payload"],
            key="start.film",
            alt="Three panels: task 1 trained alone, with task 2, and with task 3. The learned "
            "boundary of task 1 moves as training goes on.",
            cursor_group="start",
            editable=False,
            at_start=True,
        )
    with beside:
        for guess in GUESSES:
            st.button(
                guess,
                key=f"start.{guess}",
                type="primary" if GUESS.now.guess == guess else "secondary",
                on_click=GUESS.change,
                kwargs={"guess": guess},
                width="stretch",
            )
        if GUESS.now.guess:
            _answer(stored()["sentences"])


def _answer(sentences: list[str]) -> None:
    """What happened, with its uncertainty."""
    for sentence in sentences:
        st.markdown(sentence)
    st.markdown(
        "The model is the same, the questions are the same: the **data** decides. Task 3's "
        "points pull the shared direction where task 1 cannot use it. These are the first 150 "
        "steps, before task 1 alone has finished learning: with four times the steps the help is "
        "gone, and about half of the harm stays."
    )


def _onwards(_: None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        link_to("toy", "Try it yourself in the Toy lab", icon="▶️")
        lecture_switch()
    st.caption(
        "After Figure 3 of Wu, Zhang & Ré, “When Multi-Task Learning Works – and When It Doesn't” "
        "(ICLR 2020). Held-out accuracy, one of the paired repetitions shown, all of them counted."
    )
    for column, (name, title, question) in zip(st.columns(4), QUESTIONS, strict=True):
        with column:
            link_to(name, f"**{title}**")
            st.caption(question)


PANELS = (
    Panel("start.film", "The film and the guess", _film),
    Panel("start.onwards", "Where to go from it", _onwards),
)
