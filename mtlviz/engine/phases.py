"""The phases of a run: what holds in each, who is due when, and what makes no sense."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import RunConfig
from mtlviz.engine.continual import make_recipe
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.phase_config import PhaseConfig
from mtlviz.engine.purposes import SCHEDULE, generator
from mtlviz.engine.schedulers import SCHEDULERS, Schedule
from mtlviz.errors import ConfigError

Counts = NDArray[np.int64]
METHODS = ("scheduler", "combiner", "weighting")
"""What a phase may do in its own way."""
MOST_UPDATES = 2_000_000
"""All phases of a run together take no more: each update is planned ahead, in memory."""
WHOLE = PhaseConfig()
"""The only phase of a run that has no phases: all tasks, from beginning to end."""


def phases_of(config: RunConfig) -> tuple[PhaseConfig, ...]:
    """The phases of a run, at least one; where it names none, those of its way of sharing.

    A method against forgetting that trains all tasks from the start knows none of the run's own.
    """
    recipe = make_recipe(config.continual.method, **config.continual.method_options)
    named = () if recipe.everything else config.optimisation.phases
    stages = SHARING[config.capacity.sharing].method.stages
    return named or stages or (WHOLE,)


def earlier_tasks(config: RunConfig, number: int) -> tuple[int, ...]:
    """The tasks of the phases before one that do not train in it, by number."""
    phases = phases_of(config)
    now = numbers(config, phases[number].tasks)
    before = {task for phase in phases[:number] for task in numbers(config, phase.tasks)}
    return tuple(sorted(before - set(now)))


def settings_in(config: RunConfig, phase: PhaseConfig) -> RunConfig:
    """The settings that hold in one phase: its own methods in place of the run's."""
    own = {name: getattr(phase, name) for name in METHODS if getattr(phase, name)}
    options = {f"{name}_options": getattr(phase, f"{name}_options") for name in own}
    optimisation = config.optimisation.model_copy(update={**own, **options, "phases": ()})
    return config.model_copy(update={"optimisation": optimisation})


def numbers(config: RunConfig, names: Sequence[str]) -> tuple[int, ...]:
    """The tasks of these names by number, in the run's order; all where none is named."""
    known = [task.name for task in config.data.tasks]
    return tuple(task for task, name in enumerate(known) if not names or name in names)


def curve_of(config: RunConfig, phase: PhaseConfig) -> tuple[float, str] | None:
    """Warm-up and decay of a phase with a curve of its own; None where the run's goes on."""
    if phase.warmup is None and phase.decay is None:
        return None
    run = config.optimisation
    return run.warmup if phase.warmup is None else phase.warmup, phase.decay or run.decay


class _Turns(NamedTuple):
    """What decides the turns within a phase; phases that agree in it go on with one schedule."""

    tasks: tuple[int, ...]
    scheduler: str
    options: str


def planned(config: RunConfig, batches: Counts) -> Schedule:
    """Who is due when, over all phases.

    Phases of the same tasks and turns share one schedule, as long as a run of them without phases:
    each goes on where the one before has left it. So shares of 0.5 and 0.5 are the whole, whatever
    is rounded, and a run that is cut in two equal phases trains as it does uncut.

    Args:
        config: The run's settings.
        batches: Updates in one pass through each task's training split, (K,).

    Raises:
        ConfigError: If a scheduler or an option is wrong, or phases begin after the last update.
    """
    taken: dict[_Turns, float] = {}
    parts = [_part(config, phase, batches, taken) for phase in phases_of(config)]
    return _within(_joined(parts), config.optimisation.max_updates)


def _part(
    config: RunConfig, phase: PhaseConfig, batches: Counts, taken: dict[_Turns, float]
) -> Schedule:
    """The turns of one phase; `taken` is what earlier ones of the same turns have had."""
    inside = settings_in(config, phase)
    chosen, due = inside.optimisation, numbers(config, phase.tasks)
    turns = _Turns(due, chosen.scheduler, repr(chosen.scheduler_options))
    whole = _schedule(inside, due, batches, chosen.epochs)
    length = phase.share * len(whole.epoch) if phase.updates is None else phase.updates
    before = taken.get(turns, 0.0)
    taken[turns] = before + length
    _check_length(sum(taken.values()))
    # The smallest share is one update.
    start, stop = round(before), max(round(before) + 1, round(before + length))
    if stop > len(whole.epoch):
        epochs = ceil(chosen.epochs * stop / len(whole.epoch))
        whole = _schedule(inside, due, batches, epochs)
    return Schedule(whole.due[start:stop], whole.epoch[start:stop])


def _check_length(updates: float) -> None:
    if updates > MOST_UPDATES:
        raise ConfigError(
            f"Phases may take {MOST_UPDATES:,} updates in all, got {updates:,.0f} or more."
        )


def _schedule(inside: RunConfig, due: Sequence[int], batches: Counts, epochs: int) -> Schedule:
    """Turns of some of the tasks over so many epochs, among all tasks."""
    chosen = inside.optimisation
    place = () if len(due) == len(batches) else due
    drawn = generator(inside.seed, SCHEDULE, *place)
    found = SCHEDULERS[chosen.scheduler](
        batches[list(due)], epochs, drawn, **chosen.scheduler_options
    )
    among = np.zeros((len(found.epoch), len(batches)), dtype=bool)
    among[:, list(due)] = found.due
    return Schedule(among, found.epoch)


def _joined(parts: Sequence[Schedule]) -> Schedule:
    """Schedules one after another; each begins an epoch."""
    epochs: list[Counts] = []
    for part in parts:
        first = epochs[-1][-1] + 1 if epochs else 0
        epochs.append(part.epoch - part.epoch[0] + first)
    starts = np.cumsum([0, *(len(part.epoch) for part in parts[:-1])])
    due = np.concatenate([part.due for part in parts])
    return Schedule(due, np.concatenate(epochs), tuple(starts.tolist()))


def _within(found: Schedule, most: int | None) -> Schedule:
    """The schedule, if every phase begins before the last update."""
    if most is not None and found.starts[-1] >= most:
        late = next(number for number, start in enumerate(found.starts) if start >= most)
        raise ConfigError(
            f"Phase {late + 1} would begin after {found.starts[late]} updates, but "
            f"`optimisation.max_updates` is {most}."
        )
    return found


def check_phases(config: RunConfig) -> None:
    """Check that phases name tasks of the run, train something, and leave no task out.

    Raises:
        ConfigError: One sentence on the first that makes no sense.
    """
    known = [task.name for task in config.data.tasks]
    for number, phase in enumerate(config.optimisation.phases, start=1):
        _check_names(number, phase, known)
        _check_methods(number, phase)
        due = phase.tasks or known
        if phase.frozen and set(due) <= set(phase.frozen_heads):
            raise ConfigError(
                f"Phase {number} trains nothing: encoder and heads of its tasks are frozen."
            )
    trained = {name for phase in phases_of(config) for name in phase.tasks or known}
    if left := [name for name in known if name not in trained]:
        raise ConfigError(
            f"No phase trains {left[0]!r:.60}: leave the task out, or name it in one."
        )


def _check_names(number: int, phase: PhaseConfig, known: Sequence[str]) -> None:
    for name in (*phase.tasks, *phase.frozen_heads):
        if name not in known:
            raise ConfigError(
                f"Phase {number} names the task {name!r:.60}, which the run does not have. "
                f"Known: {', '.join(known)}."
            )


def _check_methods(number: int, phase: PhaseConfig) -> None:
    for name in METHODS:
        if getattr(phase, f"{name}_options") and not getattr(phase, name):
            raise ConfigError(
                f"Phase {number} sets options of a {name}, but names none of its own."
            )
