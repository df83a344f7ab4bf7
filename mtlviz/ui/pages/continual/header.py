"""Top and side of the Continual lab: the story, the controls, the question; and training."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from mtlviz.toy.continual.cost import check_cost, estimated_seconds
from mtlviz.toy.continual.settings import ContinualToyConfig
from mtlviz.toy.continual.stories import STORIES, with_answer
from mtlviz.toy.continual.summary import ContinualSummary, summarise
from mtlviz.toy.continual.world import held_back
from mtlviz.ui.core import guess, lesson_progress, link
from mtlviz.ui.core.controls import control, controls, preset, reset
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.page import lecture_switch, share
from mtlviz.ui.core.words import listed
from mtlviz.ui.pages.continual import words
from mtlviz.ui.pages.continual.settings import TOY, asked, in_film

_SEEDS = 10_000
_NOTICED = 1.0  # Seconds of training above which a visitor is told how long it takes.
# A class asks for the same stories: summaries of some hundred kilobytes.
_SUMMARIES = Memo(64)


def header() -> None:
    """Choose a story, draw anew, go back to the story's settings, share."""
    guess.enter(asked().name, TOY.began_as_preset)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        titles = {name: story.title for name, story in STORIES.items()}
        preset(
            TOY, titles, "Scenarios worth seeing. Everything stays adjustable.", label="Story",
            label_visibility="collapsed", width=270,
        )  # fmt: skip
        st.button(
            "New seed",
            on_click=lambda: TOY.change(seed=(TOY.now.seed + 1) % _SEEDS),
            key="continual.new_seed",
            help="Fresh points and a fresh start. Everything else stays.",
        )
        reset(TOY, "Back to what the link opened; from there, to the story's own settings.")
        share("continual")
        lecture_switch()


def sidebar() -> None:
    """The scenario first, since it decides which method is best; then the three groups."""
    control(TOY, "scenario")
    if beyond := held_back(TOY.now):
        names = listed([str(task + 1) for task in beyond])
        st.caption(
            f"The plane ends at ±4: the clouds of tasks {names} would lie beyond it and stand at "
            "its edge, nearer to their neighbours than the distance says."
        )
    rest = tuple(path for path in TOY.now.controls() if path != "scenario")
    controls(TOY, only=rest, shown={"film": in_film()})


def prepare() -> ContinualSummary:
    """What is set, trained; with the question, and the verdict once it may be told.

    Raises:
        ConfigError: If these settings are too much for a page.
    """
    check_cost(TOY.now)
    waiting = st.empty()
    found = _trained(TOY.now, waiting.container)
    with st.container(key="continual.headline", gap="small"):
        question = asked()
        again = partial(TOY.open_preset, question.again) if question.again else None
        note = guess.changed_from(STORIES[TOY.preset].title, not TOY.is_preset)
        guess.ask(with_answer(question, found), again, note)
        if not guess.covers("answer"):
            told = words.verdicts(found)
            # The film says below each picture what was forgotten, and may need the room.
            short = link.lecture() or lesson_progress.needs_room("continual")
            told = told[-1:] if short else told
            st.markdown("  \n".join(told))
    return found


def summary() -> ContinualSummary:
    """What is set, trained, for a picture without a page.

    Raises:
        ConfigError: If these settings are too much for a page.
    """
    check_cost(TOY.now)
    return _SUMMARIES.once(TOY.now, (), lambda: summarise(TOY.now))


def _trained(config: ContinualToyConfig, waiting: Callable[[], Any]) -> ContinualSummary:
    seconds = estimated_seconds(config)
    if seconds < _NOTICED:
        return _SUMMARIES.once(config, (), lambda: summarise(config))
    with waiting(), st.spinner(f"Training eight methods, about {seconds:.0f} s …"):
        return _SUMMARIES.once(config, (), lambda: summarise(config))
