"""How long the next runs will take, as far as that is known."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from mtlviz.engine.config import DataConfig, RunConfig
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


def estimate(plan: Planned, data: DataConfig | None = None) -> None:
    """A line on how long the runs will take; it waits for the data to be counted.

    Args:
        plan: The runs.
        data: The data of all their tasks; that of the first run if None.
    """
    data = data or plan[0][1].data
    work.live(
        lambda: st.caption(_time(plan, data)),
        lambda: run_estimates.facts_job(data).running,
        every=1.0,
    )


def _time(plan: Planned, data: DataConfig) -> str:
    job = run_estimates.facts_job(data)
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
