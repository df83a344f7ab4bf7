"""How long the next runs will take, as far as that is known."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from mtlviz.engine.config import DataConfig, RunConfig
from mtlviz.engine.estimate.checkpoints import check_checkpoint
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.whole import likely_seconds
from mtlviz.errors import MtlvizError
from mtlviz.runs.machine_slots import gpus
from mtlviz.runs.queue import at_once
from mtlviz.runs.signature import signature
from mtlviz.runs.stored_study import Role
from mtlviz.ui.core import run_estimates, work
from mtlviz.ui.core.words import counted, duration, sentence

Planned = Sequence[tuple[Role, RunConfig]]


_MOMENT, _LONGEST = 0.4, 20.0  # Seconds for which page and click wait for data to be counted.


def estimate(plan: Planned, data: DataConfig | None = None) -> None:
    """How long the runs will take, once the data is counted; or why they cannot begin.

    Args:
        plan: The runs.
        data: The data of all their tasks; that of the first run if None.
    """
    data = data or plan[0][1].data
    if told := _obstacle(plan, data, _MOMENT):
        st.warning(f"Queue waits. {sentence(told)}")
        return
    work.live(
        lambda: st.caption(_time(plan, data)),
        lambda: run_estimates.facts_job(data).running,
        every=1.0,
    )


def obstacle(plan: Planned) -> str:
    """Why none of the runs can begin, by their data or their checkpoint; empty if not known."""
    return _obstacle(plan, plan[0][1].data, _MOMENT)


def obstacle_to_begin(plan: Planned) -> str:
    """The same for a click, which waits for the data to be counted."""
    return _obstacle(plan, plan[0][1].data, _LONGEST)


def _obstacle(plan: Planned, data: DataConfig, seconds: float) -> str:
    if (said := run_estimates.facts_soon(data, seconds).error) is not None:
        return said
    try:
        for config in {each.capacity.model_dump_json(): each for _, each in plan}.values():
            check_checkpoint(config)
    except MtlvizError as error:
        return str(error)
    return ""


def _time(plan: Planned, data: DataConfig) -> str:
    job = run_estimates.facts_job(data)
    if not isinstance(job.part, DataFacts):
        return "Time: as soon as the data is counted …"
    if gpus():
        return "Time: a first run on this GPU will tell."
    try:
        needed, updates = total_seconds(plan, job.part)
    except MtlvizError as error:
        return f"Time: not known. {sentence(str(error))}"
    places = min(at_once(config for _, config in plan), len(plan))
    how = "one after the other" if places == 1 else f"{places} at once"
    return (
        f"About **{duration(_rough(needed / places))}** in all, {how}, within a factor of two "
        f"({counted(updates, 'update')} each, estimated from shapes and this machine's speed now)."
    )


def total_seconds(plan: Planned, facts: DataFacts) -> tuple[float, int]:
    """Seconds that the runs need one after the other, and the updates of one of them.

    Args:
        plan: The runs; some may have fewer tasks than others.
        facts: The data of all their tasks.

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
