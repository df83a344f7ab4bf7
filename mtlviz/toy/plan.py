"""Who is due when, for every arm: the schedules, cut into steps in which each task has its turn.

A step is as much of a schedule as gives every task of the arm one turn on average, so that an arm
and the same tasks trained alone see each task equally often. Where one update takes all tasks a
step is one update; where tasks take turns it is as many as the arm has tasks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.errors import unknown_choice
from mtlviz.toy.layout import Layout

Due = NDArray[np.bool_]


@dataclass(frozen=True)
class Plan:
    """The updates of a run.

    Attributes:
        due: For each group of arms, who is due, shape (T, U, n, S or 1, m): T steps of U updates.
        updates: Most updates of any arm in a step.
        joint: Whether every task of every arm is due at each update.
    """

    due: tuple[Due, ...]
    updates: int
    joint: bool


def make_plan(
    layout: Layout,
    scheduler: str,
    options: dict[str, object],
    steps: int,
    seeds: Sequence[tuple[int, int]],
) -> Plan:
    """Ask the scheduler for every arm's schedule.

    Args:
        layout: The arms.
        scheduler: Name in the registry of schedulers.
        options: Its options.
        steps: Training steps.
        seeds: Base seed and repetition of each model.

    Raises:
        ConfigError: If the scheduler or an option is unknown or not allowed.
    """
    if scheduler not in SCHEDULERS:
        raise unknown_choice("scheduler", scheduler, SCHEDULERS)
    due = []
    for group in layout.groups:
        size = group.tasks.shape[1]
        arms = [
            _schedules(scheduler, options, size, steps, [(*seed, int(place), 4) for seed in seeds])
            for place in group.arms
        ]
        # (arms, seeds, T, U, m) to (T, U, arms, seeds, m).
        due.append(np.moveaxis(np.array(arms), (2, 3), (0, 1)))
    updates = max(table.shape[1] for table in due)
    return Plan(tuple(due), updates, all(table.all() for table in due))


def _schedules(
    scheduler: str, options: dict[str, object], size: int, steps: int, seeds: list[tuple[int, ...]]
) -> list[Due]:
    """One arm's schedule for each seed, or only one if nothing in it is drawn."""
    if size == 1:
        return [np.ones((steps, 1, 1), bool)]
    generator = np.random.default_rng(seeds[0])
    untouched = generator.bit_generator.state
    first = _schedule(scheduler, options, size, steps, generator)
    if generator.bit_generator.state == untouched:
        return [first]
    later = [np.random.default_rng(seed) for seed in seeds[1:]]
    return [first, *(_schedule(scheduler, options, size, steps, each) for each in later)]


def _schedule(
    scheduler: str,
    options: dict[str, object],
    size: int,
    steps: int,
    generator: np.random.Generator,
) -> Due:
    """One arm's schedule cut into steps, shape (T, U, m)."""
    method, batches = SCHEDULERS[scheduler], np.ones(size, np.int64)
    epochs = max(steps, size)
    due = method(batches, epochs, generator, **options).due
    turns = round(due.sum() / epochs)
    if turns < size:
        # This scheduler gives each task only its share of the epochs: ask for as many more.
        due = method(batches, -(-epochs * size // turns), generator, **options).due
    updates = len(due) // epochs
    return due[: updates * steps].reshape(steps, updates, size)
