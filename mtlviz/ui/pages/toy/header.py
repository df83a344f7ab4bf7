"""Top and side of the toy lab: the story, the task in question, the controls; and training."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.figures.theme import task_look
from mtlviz.questions import Question
from mtlviz.toy.config import ToyConfig, from_json, left_out, to_json
from mtlviz.toy.film import typical_seed
from mtlviz.toy.presets import PRESETS
from mtlviz.toy.presets import REGRESSION as STORY
from mtlviz.toy.program import ToyResult, check_cost, estimated_seconds, train
from mtlviz.toy.questions import QUESTIONS, answered, question_about
from mtlviz.toy.regression import RegressionConfig
from mtlviz.toy.summary import Summary, summarise
from mtlviz.ui.core import guess, lesson_progress, link, session
from mtlviz.ui.core.controls import control, controls, reset, show_problem, undo
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.page import draw, folded, lecture_switch, share
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages.toy import regression
from mtlviz.ui.pages.toy.map import MAP
from mtlviz.ui.pages.toy.settings import LOOKING, REGRESSION, TOY, in_many_dimensions, target

_SEEDS = 10_000
_NOTICED = 1.0  # Seconds of training above which a visitor is told how long it takes.
_SYMBOLS = {"circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "cross": "✚"}
# A class asks for the same presets: 128 summaries of about 0.5 MB.
_TRAINED, _SUMMARIES, _REPETITIONS = Memo(16), Memo(128), Memo(128)


def header() -> None:
    """Choose a story, draw anew, go back to the story's settings, share."""
    if not in_many_dimensions():
        guess.enter(_question().name, TOY.began_as_preset)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _story()
        if not in_many_dimensions():
            _scene_buttons()
        share("toy", left_out(TOY.now) or "")
        lecture_switch()


def _question() -> Question:
    """The story's question, or one that fits what was made of it; stories are about task 1."""
    own, anyone = QUESTIONS[TOY.preset], question_about(target(), len(TOY.now.tasks))
    if target() != 0:
        return guess.instead(own, anyone)
    return guess.fitting(own, anyone, not TOY.is_preset)


def _story() -> None:
    titles = {name: each.title for name, each in {**PRESETS, "regression": STORY}.items()}
    session.set_widget("toy.story", "regression" if in_many_dimensions() else TOY.preset)
    st.selectbox(
        "Story",
        list(titles),
        key="toy.story",
        persist_state="session",
        format_func=titles.get,
        on_change=session.when_chosen("toy.story", _open_story),
        label_visibility="collapsed",
        width=235,
    )


def _open_story(name: str) -> None:
    kept = REGRESSION.now
    REGRESSION.open_preset("plane" if name in PRESETS else name)
    REGRESSION.put(kept)
    if name in PRESETS:
        TOY.open_preset(name)


def _scene_buttons() -> None:
    """Other draws, and the way back."""
    st.button(
        "New seed",
        on_click=lambda: TOY.change(seed=(TOY.now.seed + 1) % _SEEDS),
        key="toy.new_seed",
        help="Fresh points and a fresh start. Everything else stays.",
    )
    reset(
        TOY,
        "Back to what the link opened, the same points and the same initial weights; from there, "
        "to the story's own settings.",
    )


def sidebar() -> None:
    """What the story is about, the map of it, and everything else folded."""
    if in_many_dimensions():
        for path in RegressionConfig.parameters():
            control(REGRESSION, path, look="slider")
        return
    asked = lesson_progress.asks_for("toy")
    moves = [each for each in asked or PRESETS[TOY.preset].moves if each in TOY.now.controls()]
    if "target" in asked:
        _target()
    for path in moves:
        control(TOY, path)
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with row:
        undo(TOY)
    draw((MAP,), row)
    folded("Everything", "toy.everything", partial(_everything, (*moves, *asked)))


def _everything(shown: tuple[str, ...]) -> None:
    """Who is compared, and the controls that are not in sight, of one task at a time."""
    tasks = len(TOY.now.tasks)
    chosen = min(LOOKING.now.task, tasks - 1)
    if "target" not in shown:
        _target()
    if not link.is_hidden_group("Data"):
        control(LOOKING, "task", look="segmented", choices=_names(), value=chosen)
    others = tuple(f"t{task + 1}." for task in range(tasks) if task != chosen)
    only = (path for path in TOY.now.controls() if not path.startswith(others))
    controls(TOY, only=tuple(path for path in only if path not in shown))


def _target() -> None:
    control(LOOKING, "target", look="segmented", choices=_names(), value=target())


def _names() -> dict[int, str]:
    """Every task's mark and number."""
    tasks = range(len(TOY.now.tasks))
    return {task: f"{_SYMBOLS[task_look(task).marker]} {task + 1}" for task in tasks}


def prepare() -> Summary | None:
    """What is set, trained and said; None where nothing could be trained, or for the regression."""
    if in_many_dimensions():
        regression.section()
        return None
    question = _question()
    # One place for what may come and go, so that the film below never changes its own.
    waiting = st.empty()
    try:
        found = summary(waiting.container)
    except MtlvizError as error:
        st.error(sentence(str(error)))
        return None
    # One place however much is said: a film that changed its place would be built anew.
    with st.container(key="toy.headline", gap="small"):
        note = guess.changed_from(PRESETS[TOY.preset].title, not TOY.is_preset)
        guess.ask(answered(question, found.transfers), _same_question(question.again), note)
        _said(found)
    return found


def summary(waiting: Callable[[], Any] | None = None) -> Summary:
    """What is set, trained; only where training starts while the picture waits for a guess.

    Args:
        waiting: Makes the place where it is said how long it takes, where that is long; None for
            a picture that is not shown on the page.

    Raises:
        MtlvizError: If a setting is not allowed, or training would take too long for a page.
    """
    return _opening(TOY.now) if guess.covers("picture") else _trained(TOY.now, waiting)


def _same_question(story: str) -> Callable[[], None] | None:
    return partial(TOY.open_preset, story) if story else None


def _opening(config: ToyConfig) -> Summary:
    """What stands there before anything is trained: the points, and where every model starts."""
    settings, task, repetition = to_json(config), target(), _repetition(config)

    def summary() -> Summary:
        start = train(config, kept=(0,))
        return replace(summarise(start, task, repetition), bands={}, transfers={})

    return _SUMMARIES.once((settings, task, repetition, "opening"), (), summary)


def _trained(config: ToyConfig, waiting: Callable[[], Any] | None) -> Summary:
    """Train what is set, saying how long it takes where that is long.

    Raises:
        MtlvizError: If a setting is not allowed, or training would take too long for a page.
    """
    check_cost(config)
    seconds, settings, task = estimated_seconds(config), to_json(config), target()
    repetition = _repetition(config)

    def summary() -> Summary:
        return summarise(_result(settings), task, repetition)

    if seconds < _NOTICED or waiting is None:
        return _SUMMARIES.once((settings, task, repetition), (), summary)
    with waiting(), st.spinner(f"Training every arm and repetition, about {seconds:.0f} s …"):
        return _SUMMARIES.once((settings, task, repetition), (), summary)


def train_ahead(config: ToyConfig) -> None:
    """Train what the first visitor will look at."""
    _result(to_json(config))


def _result(settings: str) -> ToyResult:
    return _TRAINED.once(settings, (), lambda: train(from_json(settings)))


def _repetition(config: ToyConfig) -> int:
    """The repetition shown: the one most typical of the story as it opens, with these seeds.

    Were it chosen by what is trained now, moving one task's cloud would redraw everybody's points.
    """
    story = to_json(TOY.base.changed(seed=config.seed, seeds=config.seeds))
    return _REPETITIONS.once(story, (), lambda: typical_seed(_result(story)))


def _said(summary: Summary) -> None:
    """What went wrong, if something did."""
    show_problem(LOOKING, "film")
    if summary.film["diverged"]:
        st.error(summary.film["diverged"])
