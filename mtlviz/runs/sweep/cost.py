"""What a sweep is likely to cost before it is begun: runs, time and memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.checkpoints import checkpoint_of, checkpoint_shape
from mtlviz.engine.estimate.duration import Speed
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.whole import Estimate, estimate, likely_seconds
from mtlviz.errors import OfflineError
from mtlviz.runs import queue
from mtlviz.runs.machine_slots import gpus
from mtlviz.runs.signature import cost_key, signature
from mtlviz.runs.sweep.plan import SweepPlan, likely
from mtlviz.runs.sweep.runs import FactsOf, with_alone
from mtlviz.runs.sweep.stored import ALONE, unstored


@dataclass(frozen=True)
class Cost:
    """What a sweep is likely to cost.

    Attributes:
        settings: Settings that are tried.
        runs: Runs of them, all seeds together.
        alone: Runs of single tasks beside them, each once for all settings that share it.
        seconds: From the first moment to the last; None where nobody can know (a GPU).
        memory: Bytes of the largest run; None where it is not known.
        at_once: Runs that are at work at once.
        progress: 1; a cost comes in one part.
    """

    settings: int
    runs: int
    alone: int
    seconds: float | None
    memory: float | None
    at_once: int
    progress: float = 1.0


def sweep_cost(plan: SweepPlan, facts: FactsOf, speed: Speed, at_once: int | None = None) -> Cost:
    """What a sweep is likely to cost, if nothing is stopped early.

    Args:
        plan: The sweep.
        facts: The facts of its data.
        speed: Of this machine.
        at_once: Runs that are at work at once; as many as on this machine by default.

    Raises:
        MtlvizError: If the data or the checkpoint cannot be read.
    """
    asked = replace(unstored(plan), settings=tuple(likely(plan)))
    first = [(number, plan.base.seed) for number in range(len(asked.settings))]
    planned = with_alone(asked, first, facts)
    alone = {signature(config): config for role, config in planned.items() if role[0] == ALONE}
    own = [config for role, config in planned.items() if role[0] != ALONE]
    seconds, memory = _total([*own, *alone.values()], facts, speed)
    runs = len(own) * plan.seeds
    at_once = min(at_once or queue.at_once([*own, *alone.values()]), runs)
    return Cost(
        len(asked.settings), runs, len(alone) * plan.seeds,
        None if seconds is None else seconds * plan.seeds / at_once, memory, at_once,
    )  # fmt: skip


def _total(
    configs: Iterable[RunConfig], facts: FactsOf, speed: Speed
) -> tuple[float | None, float | None]:
    """Seconds of all one after the other, and bytes of the largest."""
    known: dict[str, tuple[float, float]] = {}
    total, most = 0.0, 0.0
    try:
        for config in configs:
            key = (
                f"{cost_key(config)} {config.optimisation.max_updates} {config.optimisation.epochs}"
            )
            if key not in known:
                found = _estimate(config, facts(config.data))
                known[key] = likely_seconds(config, found, speed), found.memory.total
            seconds, memory = known[key]
            total, most = total + seconds, max(most, memory)
    except OfflineError:
        return None, None
    return (None if gpus() else total), most


def _estimate(config: RunConfig, facts: DataFacts) -> Estimate:
    name = checkpoint_of(config)
    names = {task.name for task in config.data.tasks}
    own = replace(facts, tasks=tuple(task for task in facts.tasks if task.name in names))
    return estimate(config, own, None if name is None else checkpoint_shape(name))
