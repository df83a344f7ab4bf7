"""Top of the Studio: which experiment, start it, and what it will do."""

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import PRESETS, preset
from mtlviz.errors import MtlvizError
from mtlviz.runs import queue
from mtlviz.ui import cache, state
from mtlviz.ui.frame import lecture_switch
from mtlviz.ui.studio import actions, choices
from mtlviz.ui.studio.controls import problems
from mtlviz.ui.studio.summary import expected_time, one_line, run_name, sentences


def header() -> None:
    """Choose an experiment and start it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.set_widget("studio.experiment", state.studio_preset())
        st.selectbox(
            "Experiment",
            choices.available(),
            key="studio.experiment",
            format_func=lambda name: PRESETS[name].title,
            on_change=lambda: state.open_experiment(str(state.widget("studio.experiment"))),
            help="Settings to start from; everything stays adjustable.",
            width=430,
        )
        st.button(
            "Start",
            key="studio.start",
            type="primary",
            on_click=_start,
            disabled=bool(problems(state.studio_config())),
            help="The run is a process of its own: it goes on when this page is closed.",
        )
        st.button(
            "Reset",
            key="studio.reset",
            on_click=lambda: state.open_experiment(state.studio_preset()),
            help="Back to the experiment's own settings.",
        )
        _missing()
        lecture_switch()
    actions.show_problem()


def _missing() -> None:
    """Experiments whose data is not here, each with the reason."""
    missing = {name: needed for name in PRESETS if (needed := choices.missing_data(name))}
    if not missing:
        return
    with st.popover(f"{len(missing)} more need data", help="Experiments that cannot be run here."):
        for name, needed in missing.items():
            st.button(
                PRESETS[name].title,
                key=f"studio.missing.{name}",
                disabled=True,
                help=choices.reason(needed),
                width="stretch",
            )
            st.caption(choices.reason(needed))


def _start() -> None:
    try:
        run = queue.start(cache.store(), _named())
        state.choose_run(run)
    except MtlvizError as error:
        state.put(actions.PROBLEM, str(error))


def what_will_run() -> None:
    """The settings in a line, and how long such a run took last."""
    config = _named()
    finished = cache.store().runs(("finished",))
    st.markdown(f"{one_line(config)} {expected_time(config, finished)}")


def what_that_means() -> None:
    """The methods chosen, each with its sentence."""
    if not cache.store().runs():
        st.info("Press Start: losses and scores appear here as they come, within seconds.")
    with st.expander("What Start will run, in plain words", expanded=not cache.store().runs()):
        st.markdown("\n".join(f"- {sentence}" for sentence in sentences(state.studio_config())))


def _named() -> RunConfig:
    """The settings under a name that tells them apart from the experiment's own."""
    name = run_name(state.studio_config(), preset(state.studio_preset()))
    return state.studio_config().changed("name", name)
