"""A view of runs before there are any: a question that a recorded example answers."""

from collections.abc import Callable

import streamlit as st

from mtlviz.questions import Question
from mtlviz.runs.examples import packaged
from mtlviz.runs.recorded_runs import Opened
from mtlviz.ui.core import class_mode, guess, run_actions
from mtlviz.ui.core.recorded import open_one, opens
from mtlviz.ui.pages.capacity.shown_choice import look_at

_OPENS = "Your answer opens a recorded example: its runs can be read, not trained."


def first_sight(example: str, question: Question, name: Callable[[Opened], str]) -> None:
    """Ask what an example answers, and open it for whoever guesses; nothing where it is missing.

    Where a lesson or a class asks another question there is the example alone.

    Args:
        example: The example.
        question: What is asked of it.
        name: What the question is called once the example's runs have numbers.
    """
    run_actions.show_problem()
    if example not in packaged():
        return
    with guess.aside():
        asks = guess.enter(question.name) == "asked" and guess.stands(question.name)
    if not asks or class_mode.is_on():
        open_one("capacity", example, look_at)
        return

    def shown(answer: Callable[[str], None]) -> Callable[[], None]:
        def then(found: Opened) -> None:
            look_at(found)
            answer(name(found))

        return opens(example, then)

    def guessed(_: str, place: int) -> None:
        shown(lambda asked: guess.commit(asked, place))()

    with st.container(key="guess.first", gap="small"):
        st.markdown(question.text)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            guess.answer_buttons(question, "capacity.first", guessed)
            guess.skip_button("capacity.first.skip", shown(guess.skip))
        st.caption(_OPENS)
