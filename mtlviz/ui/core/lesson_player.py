"""Plays a lesson over the real pages: what to look at, guess and do, and what comes next."""

import streamlit as st

from mtlviz.lessons.lesson import Lesson, Step
from mtlviz.ui.core import class_copy, guess, lesson_progress, link
from mtlviz.ui.core.lesson_progress import PROGRESS
from mtlviz.ui.core.page import go_to
from mtlviz.ui.core.words import escaped, sentence
from mtlviz.ui.pages import PageEntry, entry

_SIDE_BAR = "side bar"


def draw(page: PageEntry) -> None:
    """The step of the lesson above a page; nothing where no lesson is taken.

    Whoever went to another page meanwhile finds the way back there; who has finished, the list.
    """
    waiting = class_copy.holds(page.name)
    if waiting is not None:
        guess.hold()
    link.put_away(waiting or ())
    found = lesson_progress.current()
    if found is not None and lesson_progress.is_offered(found[1]):
        _enter(page, found[1])
        found = lesson_progress.current()
    if problem := lesson_progress.problem():
        st.error(sentence(problem))
    if found is None:
        _to_the_list(page)
        return
    lesson, step = found
    if not lesson_progress.is_offered(step):
        _elsewhere(lesson, step)
        return
    if page.name == "lessons":
        return
    if step.page != page.name:
        _way_back(lesson, step)
        return
    with st.container(border=True, key="lesson", gap="small"):
        _place(lesson, step)
        _step(lesson, step, waiting or ())


def _to_the_list(page: PageEntry) -> None:
    """Lead whoever has just finished a lesson to where others are."""
    if lesson_progress.leads() and page.name != "lessons":
        go_to("lessons")


def _enter(page: PageEntry, step: Step) -> None:
    """Open the step as it should be: set its page, or keep what a link set, and go there."""
    if not lesson_progress.entered():
        # Numbers of runs in an address are those of another machine's, or of runs deleted since.
        own = not step.example and any(
            part.knows(name) for part in entry(step.page).parts() for name in st.query_params
        )
        if own and page.name == step.page:
            lesson_progress.keep_opened()
        else:
            lesson_progress.enter()
    if lesson_progress.leads() and step.page != page.name:
        go_to(step.page)


def _elsewhere(lesson: Lesson, step: Step) -> None:
    """A class's step on a page, or with runs, that only the teacher has: the screen shows it."""
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_back"):
        st.caption(
            f"“{escaped(lesson.title)}” is on the page {entry(step.page).title} now, which a class "
            "sees on the teacher's screen."
        )
        if not class_copy.follows():
            st.button("Leave it", key="lesson.leave", type="tertiary", on_click=lesson_progress.end)


def _way_back(lesson: Lesson, step: Step) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_back"):
        st.caption(f"The lesson “{escaped(lesson.title)}” goes on in: {entry(step.page).title}.")
        st.button("Go on", key="lesson.back_to_it", on_click=lesson_progress.lead)
        st.button("Leave it", key="lesson.leave", type="tertiary", on_click=lesson_progress.end)


def _place(lesson: Lesson, step: Step) -> None:
    """Where the reader is, with the way on and back."""
    number, count = PROGRESS.now.step, len(lesson.steps)
    told = guess.stage(lesson_progress.question_name()) in ("told", "open")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"**{escaped(lesson.title)}** · step {number} of {count}: {escaped(step.title)}",
            width="stretch",
        )
        if class_copy.follows():
            return
        st.button(
            "Back", key="lesson.previous", disabled=number == 1, on_click=lesson_progress.go,
            args=(number - 1,),
        )  # fmt: skip
        ready = "primary" if told and lesson_progress.done(step) else "secondary"
        if number < count:
            waits = class_copy.is_last()
            st.button(
                "Next", key="lesson.next", type=ready, on_click=lesson_progress.go,
                args=(number + 1,), disabled=waits,
                help="The class comes to the next step first." if waits else None,
            )  # fmt: skip
        else:
            st.button("Finish", key="lesson.finish", type=ready, on_click=lesson_progress.finish)
        st.button("Leave", key="lesson.leave", type="tertiary", on_click=lesson_progress.end)


def _step(lesson: Lesson, step: Step, waiting: tuple[str, ...]) -> None:
    """What to look at, the question, the deed, and what came of it."""
    name = lesson_progress.question_name()
    question, is_done = step.asked(name), lesson_progress.done(step)
    lesson_progress.drawn(is_done)
    guess.lead(name)
    stage = guess.enter(name) if question else "open"
    covers = (*lesson.covers, *step.covers) if stage == "asked" else ()
    link.put_away((*lesson.hide, *step.hide, *covers, *waiting))
    if stage in ("asked", "open"):  # Read by then, and the picture needs the room.
        st.markdown(step.text)
    if question is not None and (is_done or stage != "seeing"):
        guess.ask(question, reveal=step.reveal if is_done else "")
    if stage != "asked" and not is_done:
        _deed(step)
    elif question is None:
        st.markdown(step.reveal)


def _deed(step: Step) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        expected = guess.given(lesson_progress.question_name()).guess
        said = f"You expect: *{step.options[expected].text}*. " if expected is not None else ""
        st.markdown(f"{said}**Now:** {step.do}", width="stretch")
        st.button(
            "Show me", key="lesson.show", on_click=lesson_progress.show_me,
            help="Does it for you, so that you see where.",
        )  # fmt: skip
    if _SIDE_BAR in step.do:
        with st.container(key="lesson-phone"):  # In sight where the side bar is not.
            st.caption("The side bar is behind **Pages and controls**, at the top left.")
