"""The next runs before they start: what they are, how long they will take, and the button."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.whole import likely_seconds
from mtlviz.engine.tasks.choice import TaskChoice
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.runs import adding_study, affinity_study, capacity_study, sharing_study
from mtlviz.runs.machine_slots import gpus, run_limit
from mtlviz.runs.signature import signature
from mtlviz.runs.stored_study import Role, StoredStudy, begin_study
from mtlviz.ui.core import run_estimates, run_records, work
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.session import visitor
from mtlviz.ui.core.words import counted, duration, escaped, listed, sentence
from mtlviz.ui.pages.capacity.settings import (
    AFFINITY,
    ENCODERS,
    FORM,
    SHOWN,
    WAYS,
    StudyForm,
    WaysForm,
)

Planned = Sequence[tuple[Role, RunConfig]]


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
        _queue_button(
            plan, "capacity.study.start", _start_widths,
            "Each is a process of its own; you may leave the page or close it meanwhile. What is "
            "trained already, with built-in tasks, is not trained again.",
        )  # fmt: skip


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
            plan, "affinity.start", _start_affinities,
            "Per seed: all tasks on one encoder with affinities, each on its own, and every pair "
            "of them.",
        )  # fmt: skip
    st.markdown(
        f"Tasks: {escaped(_names())} (chosen in the side bar). Per seed one run of all, one of "
        "each apart, and one of each pair, so that affinity can be held against real transfer."
    )
    estimate(plan)


def ways_form() -> None:
    """What the settings beside it amount to, and the one click that queues it.

    Raises:
        MtlvizError: The chosen tasks cannot be read.
    """
    form, plan = WAYS.now, _ways()
    st.markdown(
        f"**{len(plan)} runs**: every task alone and {counted(len(form.ways), 'way')} of sharing "
        f"{len(form.tasks)} tasks, each at {counted(form.rates, 'step size')} and with "
        f"{counted(form.seeds, 'seed')}. The step size of a seed is chosen by the other seeds."
    )
    estimate(plan)
    _queue_button(
        plan, "capacity.ways.start", _start_ways,
        "Each is a process of its own; you may leave the page or close it meanwhile. What is "
        "trained already, with built-in tasks, is not trained again.",
    )  # fmt: skip


def _ways() -> Planned:
    form = WAYS.now
    return sharing_study.planned(_ways_base(), form.ways, form.rates, range(form.seeds))


def _ways_base() -> RunConfig:
    """The settings that every run of both studies starts from."""
    form = WAYS.now
    tasks = [choice.config for choice in _tasks(form)]
    return sharing_study.base(tasks, form.epochs, form.examples, form.checkpoint)


def _start_ways() -> None:
    """Queue the runs of the study and show it."""
    form = WAYS.now

    def begin() -> StoredStudy:
        names = [choice.name for choice in _tasks(form)]
        name = sharing_study.study_name(names, form.ways, form.seeds)
        return begin_study(run_records.store(), sharing_study.KIND, name, _ways(), visitor())

    if (study := _begun(begin)) is not None:
        SHOWN.change(ways=study.id)


def adding_form() -> None:
    """The one click that queues the runs in which the last task comes later.

    Raises:
        MtlvizError: The chosen tasks cannot be read.
    """
    plan = _adding()
    estimate(plan)
    _queue_button(
        plan, "capacity.adding.start", _start_adding,
        "Tasks, encoder, passes and seeds as chosen in the side bar, at one step size, the same "
        "for every way.",
    )  # fmt: skip


def _adding() -> Planned:
    return adding_study.planned(_ways_base(), range(WAYS.now.seeds))


def _start_adding() -> None:
    """Queue the runs; the newest study is the one that is shown."""

    def begin() -> StoredStudy:
        name = _tasks(WAYS.now)[-1].name
        return begin_study(run_records.store(), adding_study.KIND, name, _adding(), visitor())

    _begun(begin)


def _queue_button(plan: Planned, key: str, start: Callable[[], None], help: str) -> None:
    st.button(f"Queue {len(plan)} runs", type="primary", key=key, on_click=start, help=help)


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


def _start_widths() -> None:
    """Queue the runs of the width study and show it."""
    form = FORM.now

    def begin() -> StoredStudy:
        names = [choice.name for choice in _tasks()]
        name = form.name.strip() or capacity_study.study_name(
            names, form.encoder, form.widths, form.seeds
        )
        return begin_study(run_records.store(), capacity_study.KIND, name, _widths(), visitor())

    if (study := _begun(begin)) is not None:
        SHOWN.change(study=study.id)


def _start_affinities() -> None:
    """Queue the runs; the newest with affinities is shown as soon as it is finished."""

    def begin() -> StoredStudy:
        return begin_study(
            run_records.store(), affinity_study.KIND, _names(), _affinities(), visitor()
        )

    if _begun(begin) is not None:
        SHOWN.change(run=None)


def _begun(begin: Callable[[], StoredStudy]) -> StoredStudy | None:
    try:
        return begin()
    except MtlvizError as error:
        SHOWN.tell(str(error))
        return None


def _width_sentence(form: StudyForm, plan: Planned) -> str:
    widths = ", ".join(map(str, form.widths))
    return (
        f"**{len(plan)} runs**: {len(form.tasks)} tasks on “{ENCODERS[form.encoder].lower()}” of "
        f"width {widths}, {counted(form.seeds, 'seed')}; each once with one encoder for all tasks "
        "and once with an encoder for each."
    )


def estimate(plan: Planned) -> None:
    """A line on how long the runs will take; it waits for the data to be counted."""
    data = plan[0][1].data  # The first run has every task.
    work.live(
        lambda: st.caption(_time(plan)), lambda: run_estimates.facts_job(data).running, every=1.0
    )  # fmt: skip


def _time(plan: Planned) -> str:
    job = run_estimates.facts_job(plan[0][1].data)
    if job.error is not None:
        return f"Time: not known. {sentence(job.error)}"
    if not isinstance(job.part, DataFacts):
        return "Time: as soon as the data is counted …"
    if gpus():
        return "Time: a first run on this GPU will tell."
    try:
        needed, updates = total_seconds(plan, job.part)
    except MtlvizError as error:
        return f"Time: not known. {sentence(str(error))}"
    at_once = run_limit()
    how = "one after the other" if at_once == 1 else f"{at_once} at once"
    return (
        f"About **{duration(_rough(needed / at_once))}** in all, {how}, within a factor of two "
        f"({counted(updates, 'update')} each, estimated from shapes and this machine's speed now)."
    )


def total_seconds(plan: Planned, facts: DataFacts) -> tuple[float, int]:
    """Seconds that the runs need one after the other, and the updates of one of them.

    Args:
        plan: The runs; some may have fewer tasks than the first.
        facts: The data of the first.

    Raises:
        MtlvizError: The scheduler cannot work with these settings.
    """
    kinds: dict[str, tuple[RunConfig, int]] = {}
    for _, config in plan:
        mark = signature(config, "seed")
        first, count = kinds.get(mark, (config, 0))
        kinds[mark] = first, count + 1
    speed, total, updates = run_estimates.speed(), 0.0, 0
    for config, count in kinds.values():
        names = {task.name for task in config.data.tasks}
        known = replace(facts, tasks=tuple(fact for fact in facts.tasks if fact.name in names))
        found = run_estimates.estimated(config, known)
        total += count * likely_seconds(config, found, speed)
        updates = found.work.updates
    return total, updates


def _rough(seconds: float) -> float:
    """No more digits than the estimate deserves."""
    step = next((step for step in (600, 60, 10) if seconds >= 5 * step), 1)
    return max(1.0, round(seconds / step) * step)
