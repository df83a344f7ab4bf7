"""The next runs before they start: what they are, how long they will take, and the button."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.tasks.catalogue import in_families
from mtlviz.engine.tasks.choice import TaskChoice
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.runs import adding_study, affinity_study, capacity_study, sharing_study
from mtlviz.runs.stored_study import begin_study
from mtlviz.ui.core import run_estimates, run_records
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.session import visitor
from mtlviz.ui.core.words import counted, escaped, listed, sentence
from mtlviz.ui.pages.capacity.plan_time import Planned, estimate, obstacle, obstacle_to_begin
from mtlviz.ui.pages.capacity.settings import (
    AFFINITY,
    ENCODERS,
    FORM,
    SHOWN,
    WAYS,
    StudyForm,
    WaysForm,
)

_QUEUED = (
    "Each is a process of its own; you may leave the page or close it meanwhile. What is trained "
    "already, with built-in tasks, is not trained again."
)


@dataclass(frozen=True)
class NextStudy:
    """A study that one click begins.

    Attributes:
        kind: Its kind, as it is stored.
        key: Name of its button.
        plan: Its runs.
        name: Its name.
        shown: What the page shows then, by its number.
    """

    kind: str
    key: str
    plan: Callable[[], Planned]
    name: Callable[[], str]
    shown: Callable[[int], Mapping[str, int | None]] = lambda number: {}


def offered(folder: str) -> dict[str, TaskChoice]:
    """The tasks a run can train, by key.

    Raises:
        DataError: There is no such folder, or it holds no data set.
    """
    found = run_estimates.catalogue(folder)
    return {choice.key: choice for choice in found.choices}


def _tasks(form: StudyForm | WaysForm | None = None) -> list[TaskChoice]:
    """The tasks of the next runs, those of a width study where no form is given.

    Raises:
        MtlvizError: A task is not there, two have one name, or the folder cannot be read.
    """
    form = form or FORM.now
    known = offered(form.folder)
    missing = [key for key in form.tasks if key not in known]
    if missing:
        raise ConfigError(f"There is no task {missing[0]!r} to train here; choose another.")
    found = [known[key] for key in form.tasks]
    names = [choice.name for choice in found]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ConfigError(f"Two chosen tasks are called {doubled[0]!r}; leave one of them out.")
    return found


def width_form() -> None:
    """What the settings beside it amount to, and the one click that queues it.

    Raises:
        MtlvizError: The chosen tasks cannot be read.
    """
    plan = _widths()
    st.markdown(_width_sentence(FORM.now, plan))
    estimate(plan)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control(FORM, "name", placeholder="named after its settings")
        _queue_button(plan, WIDTHS_STUDY, _QUEUED)


def affinity_form() -> None:
    """What the chosen tasks need, and the one click that queues it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control(AFFINITY, "updates", look="field")
        control(AFFINITY, "seeds", look="field")
        try:
            plan = _affinities()
        except MtlvizError as error:
            st.error(sentence(str(error)))
            return
        _queue_button(
            plan, AFFINITY_STUDY,
            "Per seed: all tasks on one encoder with affinities, each on its own, and every pair "
            "of them; of more than eight tasks some pairs, four for each task.",
        )  # fmt: skip
    families = tuple(choice.key for choice in in_families())
    if FORM.now.tasks != families:
        st.button(
            f"Take the {len(families)} built-in tasks in families", key="affinity.families",
            on_click=lambda: FORM.change(tasks=families, folder=""),
            help="Four planted families of eight: what a method that groups tasks should find.",
        )  # fmt: skip
    st.markdown(
        f"Tasks: {escaped(_names())} (chosen in the side bar). Per seed one run of all, one of "
        "each apart, and pairs, so that affinity can be held against real transfer."
    )
    estimate(plan)


def ways_form() -> Planned:
    """What the settings beside it amount to, and the one click that queues it; the runs.

    Raises:
        MtlvizError: The chosen tasks cannot be read.
    """
    form, plan = WAYS.now, _ways()
    st.markdown(
        f"**{counted(len(plan), 'run')}**: every task alone and "
        f"{counted(len(form.ways), 'way')} of sharing "
        f"{len(form.tasks)} tasks, each at {counted(form.rates, 'step size')} and with "
        f"{counted(form.seeds, 'seed')}. The step size of a seed is chosen by the other seeds."
    )
    estimate(plan)
    _queue_button(plan, WAYS_STUDY, _QUEUED)
    return plan


def _ways() -> Planned:
    form = WAYS.now
    return sharing_study.planned(_ways_base(), form.ways, form.rates, range(form.seeds))


def _ways_base() -> RunConfig:
    """The settings that every run of both studies starts from."""
    form = WAYS.now
    tasks = [choice.config for choice in _tasks(form)]
    return sharing_study.base(tasks, form.epochs, form.examples, form.checkpoint)


def adding_form() -> None:
    """The one click that queues the runs in which the last task comes later.

    Raises:
        MtlvizError: The chosen tasks cannot be read.
    """
    plan = _adding()
    estimate(plan)
    _queue_button(
        plan, ADDING_STUDY,
        "Tasks, encoder, passes and seeds as chosen in the side bar.",
    )  # fmt: skip
    st.caption("All ways at one step size, the first of those above: here nothing is tuned.")


def _adding() -> Planned:
    return adding_study.planned(_ways_base(), range(WAYS.now.seeds))


def _queue_button(plan: Planned, study: NextStudy, help: str) -> None:
    st.button(
        f"Queue {counted(len(plan), 'run')}", type="primary", key=f"{study.key}.start",
        on_click=lambda: start_study(study), help=help, disabled=bool(obstacle(plan)),
    )  # fmt: skip


def start_study(study: NextStudy) -> None:
    """Queue the runs of a study and show it."""
    try:
        plan = study.plan()
        if told := obstacle_to_begin(plan):
            SHOWN.tell(told)
            return
        made = begin_study(run_records.store(), study.kind, study.name(), plan, visitor())
    except MtlvizError as error:
        SHOWN.tell(str(error))
    else:
        SHOWN.change(**study.shown(made.id))


def _names() -> str:
    return listed([choice.name for choice in _tasks()])


def _widths() -> Planned:
    form = FORM.now
    tasks = [choice.config for choice in _tasks()]
    config = capacity_study.base_config(tasks, form.encoder, form.epochs, form.examples)
    return capacity_study.planned(config, form.widths, range(form.seeds))


def _affinities() -> Planned:
    tasks = [choice.config for choice in _tasks()]
    return affinity_study.planned(tasks, AFFINITY.now.updates, range(AFFINITY.now.seeds))


def _width_sentence(form: StudyForm, plan: Planned) -> str:
    widths = ", ".join(map(str, form.widths))
    return (
        f"**{counted(len(plan), 'run')}**: {len(form.tasks)} tasks on "
        f"“{ENCODERS[form.encoder].lower()}” of "
        f"width {widths}, {counted(form.seeds, 'seed')}; each once with one encoder for all tasks "
        "and once with an encoder for each."
    )


def _width_name() -> str:
    form, names = FORM.now, [choice.name for choice in _tasks()]
    made = capacity_study.study_name(names, form.encoder, form.widths, form.seeds)
    return form.name.strip() or made


def _ways_name() -> str:
    form = WAYS.now
    names = [choice.name for choice in _tasks(form)]
    return sharing_study.study_name(names, form.ways, form.seeds)


WIDTHS_STUDY = NextStudy(
    capacity_study.KIND, "capacity.study", _widths, _width_name, lambda number: {"study": number}
)
AFFINITY_STUDY = NextStudy(
    affinity_study.KIND, "affinity", _affinities, _names, lambda number: {"run": None}
)
"""The newest run with affinities is shown as soon as it is finished."""
WAYS_STUDY = NextStudy(
    sharing_study.KIND, "capacity.ways", _ways, _ways_name, lambda number: {"ways": number}
)
ADDING_STUDY = NextStudy(
    adding_study.KIND, "capacity.adding", _adding, lambda: _tasks(WAYS.now)[-1].name
)
"""The newest one is the one that is shown."""
