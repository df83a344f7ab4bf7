"""Top of the toy lab: the story, the task in question, new seed, reset, share."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mtlviz.toy.config import left_out, replace, to_json
from mtlviz.toy.cost import check_cost, estimated_seconds
from mtlviz.toy.presets import PRESETS, REGRESSION
from mtlviz.toy.summary import Summary
from mtlviz.ui import cache, share, state
from mtlviz.ui.core.page import lecture_switch

_SEEDS = 10_000
_NOTICED = 1.0  # Seconds of training above which a visitor is told how long it takes.
STORIES = {**PRESETS, state.REGRESSION_STORY: REGRESSION}


def header() -> None:
    """Choose a story and a task, draw anew, go back to the story's settings, share."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.set_widget("toy.story", state.story())
        st.selectbox(
            "Story",
            [*PRESETS, state.REGRESSION_STORY],
            key="toy.story",
            format_func=lambda name: STORIES[name].title,
            on_change=lambda: state.open_story(str(state.widget("toy.story"))),
            help="Settings with a claim about transfer. Everything stays adjustable.",
            width=270,
        )
        if state.story() != state.REGRESSION_STORY:
            _scene_buttons()
        share.share_button(state.write_link(), left_out(state.toy()) or "")
        lecture_switch()


def _scene_buttons() -> None:
    """Who is compared, other draws, and the way back."""
    names = list(range(len(state.toy().tasks)))
    state.set_widget("toy.target_choice", state.target())
    st.segmented_control(
        "Who gains?",
        names,
        key="toy.target_choice",
        required=True,
        format_func=lambda task: f"Task {task + 1}",
        on_change=lambda: state.set_target(int(state.widget("toy.target_choice"))),
        help="The task that every panel compares: alone, and trained with the others.",
    )
    st.button(
        "New seed",
        on_click=_new_seed,
        key="toy.new_seed",
        help="Fresh points and a fresh start. Everything else stays.",
    )
    st.button(
        "Reset",
        on_click=state.reset_toy,
        key="toy.reset",
        help="Back to what the link opened, the same points and the same initial weights; "
        "from there, to the story's own settings.",
    )


def _new_seed() -> None:
    config = state.toy()
    state.set_toy(replace(config, {"seed": (config.seed + 1) % _SEEDS}))


def trained(waiting: DeltaGenerator) -> Summary:
    """Train what is set, saying how long it takes where that is long.

    Raises:
        MtlvizError: If a setting is not allowed, or training would take too long for a page.
    """
    config = state.toy()
    check_cost(config)
    seconds = estimated_seconds(config)
    if seconds < _NOTICED:
        return cache.toy_summary(to_json(config), state.target())
    with waiting, st.spinner(f"Training every arm and repetition, about {seconds:.0f} s …"):
        return cache.toy_summary(to_json(config), state.target())


def headline(summary: Summary) -> None:
    """What the story says, and what went wrong if something did."""
    # One place however much is said: a film that changed its place would be built anew.
    with st.container(key="toy.headline"):
        _said(summary)


def _said(summary: Summary) -> None:
    problem = state.take("toy.problem")
    if problem:
        st.error(problem)
    if summary.film["diverged"]:
        st.error(summary.film["diverged"])
    story = PRESETS[state.toy_preset()]
    if state.toy() == story.config:
        st.markdown(story.story)
    else:
        st.caption(f"Changed from “{story.title}”. Reset brings the story back.")
