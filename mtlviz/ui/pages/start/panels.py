"""What the start page shows: a film, a guess, and the other pages as questions."""

from dataclasses import replace

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.toy.questions import QUESTIONS as TOY_QUESTIONS
from mtlviz.ui.component import film
from mtlviz.ui.core import guess, link, session
from mtlviz.ui.core.page import Panel, lecture_switch, link_to
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages.start.film import PRESET, opening, stored

# Page, name, and what a visitor can find out there.
QUESTIONS = (
    ("conflict", "Conflict lab", "What do PCGrad and its kin do with opposing gradients?"),
    ("covariance", "Covariance lab", "Which tasks have alike data, and can it be aligned?"),
    ("capacity", "Capacity lab", "How wide should the shared encoder be?"),
    ("studio", "Studio", "Train real text tasks together: ten seconds to begin with."),
)
BEGUN = "start.begun"
"""Where the session keeps whether the text experiment stands below the film."""


QUESTION = replace(
    TOY_QUESTIONS[PRESET],
    name="start",
    text="**Which of tasks 2 and 3 helps task 1 in the first 150 steps?**",
)


def _film(_: None) -> None:
    """The film: its start before the guess; then it plays, with the verdict at its end."""
    waits = guess.covers("picture")
    film(
        opening() if waits else stored()["payload"] | {"verdicts": _verdicts()},
        key="start.film",
        alt="Three panels: task 1 trained alone, with task 2, and with task 3. The learned "
        "boundary of task 1 moves as training goes on.",
        cursor_group="start",
        editable=False,
        bar=not waits,
        autoplay="" if waits else "guessed",
        verdict_at_end=True,
        beneath="" if link.lecture() and not _makes_room() else "start.experiment",
    )


def _makes_room() -> bool:
    """Whether the film has been told, and what was begun of text is what a lecture room is at."""
    return bool(session.remember(BEGUN, False)) and not guess.covers("answer")


def _verdicts() -> list[dict[str, str] | None]:
    """What the film says at its end; nothing before a visitor has said what was seen."""
    return [] if guess.covers("answer") else stored()["verdicts"]


def _sentences(_: None) -> None:
    """What happened, with its uncertainty; folded, for whoever only watches has not seen it yet."""
    with st.expander("What happened, in numbers", expanded=bool(guess.given(QUESTION.name).right)):
        for sentence in stored()["sentences"]:
            st.markdown(sentence)
        st.markdown(QUESTION.mechanism)


def _first_experiment(_: None) -> None:
    """The same question of text; loaded late, for the film comes first."""
    from mtlviz.ui.pages.start.first_experiment import first_experiment

    try:
        with guess.aside():
            begun = first_experiment()
    except MtlvizError as error:  # The film and the ways on need no store of runs.
        st.error(sentence(str(error)))
        return
    if begun != session.remember(BEGUN, False):  # The film above makes room for it.
        session.put(BEGUN, begun)
        st.rerun()


def _onwards(_: None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        link_to("toy", "Try it yourself in the Toy lab", icon="▶️")
        lecture_switch()
    st.caption(
        "After Figure 3 of Wu, Zhang & Ré, “When Multi-Task Learning Works – and When It Doesn't” "
        "(ICLR 2020). Held-out accuracy, one of the paired repetitions shown, all of them counted.",
    )
    for column, (name, title, question) in zip(st.columns(4), QUESTIONS, strict=True):
        with column:
            link_to(name, f"**{title}**")
            st.caption(question)


PANELS = (
    Panel("start.film", "The film", _film),
    Panel("start.experiment", "The first experiment on text", _first_experiment),
    Panel("start.answer", "What happened, in numbers", _sentences, reveals="answer"),
    Panel("start.onwards", "Where to go from it", _onwards),
)
