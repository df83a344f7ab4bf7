"""The next study before it starts: its runs, how long they will take, and the button."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.whole import likely_seconds
from mtlviz.errors import MtlvizError
from mtlviz.runs import capacity_study
from mtlviz.runs.machine_slots import gpus, run_limit
from mtlviz.runs.signature import signature
from mtlviz.runs.stored_study import Role, begin_study
from mtlviz.ui import cache
from mtlviz.ui.capacity.settings import ENCODERS, Shown, StudyForm
from mtlviz.ui.capacity.text_controls import chosen_tasks
from mtlviz.ui.core import session
from mtlviz.ui.core.words import counted, duration, escaped
from mtlviz.ui.jobs import Job
from mtlviz.ui.state import capacity as chosen
from mtlviz.ui.studio import cached as studio

Planned = Sequence[tuple[Role, RunConfig]]
_NAME = "capacity.study.name"


def start_form() -> None:
    """What the settings beside it amount to, and the one click that queues it.

    Raises:
        MtlvizError: The chosen tasks cannot be read.
    """
    form = chosen.form()
    plan = planned(form)
    st.markdown(_sentence(form, plan))
    estimate(plan)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name", key=_NAME, placeholder="named after its settings", max_chars=120,
            help="Under this name the study is found again.",
        )  # fmt: skip
        st.button(
            f"Queue {len(plan)} runs",
            type="primary",
            key="capacity.study.start",
            on_click=_start,
            help="Each is a process of its own; you may leave the page or close it meanwhile. "
            "What is trained already, with built-in tasks, is not trained again.",
        )


def planned(form: StudyForm) -> Planned:
    """The runs of the next study.

    Raises:
        MtlvizError: The chosen tasks cannot be read.
    """
    tasks = [choice.config for choice in chosen_tasks(form)]
    config = capacity_study.base_config(tasks, form.encoder, form.epochs, form.examples)
    return capacity_study.planned(config, form.widths, range(form.seeds))


def _sentence(form: StudyForm, plan: Planned) -> str:
    widths = ", ".join(map(str, form.widths))
    return (
        f"**{len(plan)} runs**: {len(form.tasks)} tasks on “{ENCODERS[form.encoder].lower()}” of "
        f"width {widths}, {form.seeds} seed{'s' if form.seeds > 1 else ''}; each once with one "
        "encoder for all tasks and once with an encoder for each."
    )


def estimate(plan: Planned) -> None:
    """A line on how long the runs will take; it waits for the data to be counted."""
    live = _counting(plan).running
    st.fragment(_estimate, run_every=1.0 if live else None)(plan, live)


def _estimate(plan: Planned, live: bool) -> None:
    """About how long the runs will take, as soon as their data is counted."""
    facts = _facts(plan)
    job = _counting(plan)
    if live and not job.running:
        st.rerun()  # One whole run ends the timer.
    if job.error is not None:
        st.caption(f"Time: not known. {escaped(job.error)}")
    elif facts is None:
        st.caption("Time: as soon as the data is counted …")
    elif gpus():
        st.caption("Time: a first run on this GPU will tell.")
    else:
        st.caption(_told(plan, facts))


def _told(plan: Planned, facts: DataFacts) -> str:
    try:
        needed, updates = total_seconds(plan, facts)
    except MtlvizError as error:
        return f"Time: not known. {escaped(str(error))}"
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
    speed, total, updates = studio.speed(), 0.0, 0
    for config, count in kinds.values():
        names = {task.name for task in config.data.tasks}
        known = replace(facts, tasks=tuple(fact for fact in facts.tasks if fact.name in names))
        found = studio.estimated(config, known)
        total += count * likely_seconds(config, found, speed)
        updates = found.work.updates
    return total, updates


def _counting(plan: Planned) -> Job:
    """The counting of the data of the first run, which has every task."""
    return studio.facts_job(plan[0][1].data)


def _facts(plan: Planned) -> DataFacts | None:
    part = _counting(plan).part
    return part if isinstance(part, DataFacts) else None


def _rough(seconds: float) -> float:
    """No more digits than the estimate deserves."""
    step = next((step for step in (600, 60, 10) if seconds >= 5 * step), 1)
    return max(1.0, round(seconds / step) * step)


def _start() -> None:
    """Queue the runs and show the new study."""
    form = chosen.form()
    try:
        names = [choice.name for choice in chosen_tasks(form)]
        name = str(session.remember(_NAME, "") or "").strip()
        name = name or capacity_study.study_name(names, form.encoder, form.widths, form.seeds)
        study = begin_study(cache.store(), capacity_study.KIND, name, planned(form))
    except MtlvizError as error:
        chosen.tell(str(error))
        return
    chosen.change(Shown, study=study.id)
