"""The phases of the run: a row each, drawn as a strip of who trains when."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from mtlviz.engine.choices import METHODS
from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.estimate.work import schedule
from mtlviz.engine.phase_config import PhaseConfig
from mtlviz.errors import ConfigError
from mtlviz.figures.phase_strip import phase_strip
from mtlviz.ui.component import chart
from mtlviz.ui.core import controls, session
from mtlviz.ui.core.config_words import phase_in_words
from mtlviz.ui.core.controls import option_control
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.words import counted, escaped
from mtlviz.ui.pages.studio import problems
from mtlviz.ui.pages.studio.settings import RUN, change

PLACE = "optimisation.phases"
_WIDTHS = (5, 1.5, 2.4, 1.2, 1.5)
_ROW, _FRAME = 34, 64
_ABOUT = (
    "Parts of the run, one after another, each with its own tasks; encoder and heads stay in one "
    "model. All tasks are scored at every switch; the run then tells what was forgotten and came "
    "back. "
    "Share: of the epochs of its tasks."
)


def phases() -> None:
    """The fold of phases; open at first where the experiment has some."""
    found = RUN.now.optimisation.phases
    is_open = folded("Phases: who trains when", "studio.phases", _phases, lambda: bool(found))
    if found and not is_open:
        st.caption(f"This run has {counted(len(found), 'phase')}.")


def _phases() -> None:
    config = RUN.now
    found = config.optimisation.phases
    st.caption(_ABOUT)
    if found:
        _strip(config)
    for number, phase in enumerate(found):
        _row(config, number, phase)
    with st.container(horizontal=True):
        st.button(
            "Add a phase" if found else "Split the run into phases",
            key="studio.phases.add",
            on_click=_add,
            help="A further phase at the end."
            if found
            else "The first task half, the others, the first task half.",
        )
        if found:
            st.button("No phases", key="studio.phases.none", on_click=lambda: _put([]))
    controls.control(RUN, PLACE)


def _strip(config: RunConfig) -> None:
    """Who trains when, as soon as the data has been counted."""
    facts = problems.facts(config)
    if facts is None:
        return
    try:
        planned = schedule(config, facts)
    except ConfigError:
        return  # What is wrong is said where Start waits.
    names = [task.name for task in config.data.tasks]
    told = [phase_in_words(phase) for phase in config.optimisation.phases]
    listed = [f"Phase {number}: {text}" for number, text in enumerate(told, start=1)]
    chart(
        phase_strip(planned.starts, planned.due, names, listed),
        key="studio.phases.strip",
        alt=f"Who trains when. {'; '.join(listed)}.",
        how_to_read="A task trains where its row has a bar; the number is its updates.",
        height=len(names) * _ROW + _FRAME,
        filename="phases",
    )


def _row(config: RunConfig, number: int, phase: PhaseConfig) -> None:
    """One phase: its tasks, its length, its methods, and the way to take it out."""
    place = f"{PLACE}.{number}"
    given: dict[str, Any] = {} if number == 0 else {"label_visibility": "collapsed"}
    columns = st.columns(_WIDTHS, vertical_alignment="bottom")
    with columns[0]:
        _tasks(config, number, phase, given)
    with columns[1]:
        length = "share" if phase.updates is None else "updates"
        controls.control(RUN, f"{place}.{length}", look="field", **given)
    with columns[2]:
        _method(place, "combiner", "optimisation.combiner", given)
    with columns[3], st.popover("More", help=f"Heads, optimiser and more of phase {number + 1}."):
        _more(config, place, phase)
    with columns[4]:
        st.button(
            "Remove",
            key=f"studio.{place}.remove",
            on_click=partial(_remove, number),
            help=f"Take phase {number + 1} out.",
        )


def _tasks(config: RunConfig, number: int, phase: PhaseConfig, given: dict[str, Any]) -> None:
    """The tasks of a phase as pills."""
    names = [task.name for task in config.data.tasks]
    what, key = RUN.control(f"{PLACE}.{number}.tasks"), f"studio.{PLACE}.{number}.tasks"
    session.set_widget(key, [name for name in names if not phase.tasks or name in phase.tasks])
    st.pills(
        what.title,
        names,
        selection_mode="multi",
        key=key,
        persist_state="session",
        format_func=escaped,
        on_change=partial(_take, number, key, names),
        help=what.help,
        **given,
    )
    controls.show_problem(RUN, what.path)


def _take(number: int, key: str, names: Sequence[str]) -> None:
    chosen = [name for name in names if name in list(session.widget(key) or [])]  # type: ignore[call-overload]
    place = f"{PLACE}.{number}.tasks"
    if not chosen:
        RUN.tell("A phase needs at least one task.", place)
        return
    change({place: [] if len(chosen) == len(names) else chosen}, place)


def _method(place: str, name: str, of: str, given: dict[str, Any]) -> None:
    """A method of the phase's own, or the run's."""
    titles = {"": "as the run", **{each: METHODS[of][each].title for each in METHODS[of]}}
    path = f"{place}.{name}"
    begin_anew = partial(change, {f"{path}_options": {}}, path)
    controls.control(RUN, path, choices=titles, changed=begin_anew, **given)


def _options(place: str, name: str, of: str, chosen: str) -> None:
    for option in METHODS[of][chosen].options if chosen in METHODS[of] else ():
        if isinstance(option.default, int | float | str):
            option_control(RUN, f"{place}.{name}_options", option)


def _more(config: RunConfig, place: str, phase: PhaseConfig) -> None:
    """What is rarely set: heads and optimiser, options, turns, weighting, what is frozen."""
    for name in ("heads", "optimiser"):
        controls.control(RUN, f"{place}.{name}")
    _options(place, "combiner", "optimisation.combiner", phase.combiner)
    for name, of in (
        ("scheduler", "optimisation.scheduler"),
        ("weighting", "optimisation.weighting"),
    ):
        _method(place, name, of, {})
        _options(place, name, of, getattr(phase, name))
    for name in ("updates", "label_noise", "warmup", "frozen"):
        controls.control(RUN, f"{place}.{name}", look="field")
    decays = RUN.control(f"{place}.decay").offered()
    controls.control(RUN, f"{place}.decay", choices={None: "as the run", **decays})
    if config.capacity.encoder == "checkpoint":
        controls.control(RUN, f"{place}.frozen_layers", look="field")
    names = {task.name: task.name for task in config.data.tasks}
    controls.control(RUN, f"{place}.frozen_heads", choices=names)


def _add() -> None:
    config = RUN.now
    names, found = [task.name for task in config.data.tasks], list(config.optimisation.phases)
    half = PhaseConfig(tasks=tuple(names[:1]), share=0.5)
    others = [PhaseConfig(tasks=tuple(names[1:]))] if names[1:] else []
    _put([*found, half] if found else [half, *others, half])


def _remove(number: int) -> None:
    found = list(RUN.now.optimisation.phases)
    _put([*found[:number], *found[number + 1 :]])


def _put(found: Sequence[PhaseConfig]) -> None:
    change({PLACE: [phase.model_dump(mode="json") for phase in found]}, PLACE)


def of_tasks(config: RunConfig, chosen: Sequence[TaskConfig]) -> list[dict[str, Any]]:
    """The phases of a run that is to have these tasks: those left out are left out of them too."""
    names = {task.name for task in chosen}
    found = []
    for phase in config.optimisation.phases:
        tasks = tuple(name for name in phase.tasks if name in names)
        heads = tuple(name for name in phase.frozen_heads if name in names)
        if tasks or not phase.tasks:
            found.append(phase.changed(tasks=tasks, frozen_heads=heads).model_dump(mode="json"))
    return found
