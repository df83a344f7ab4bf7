"""Arms: which tasks train together, who is due when, and where each arm's numbers lie in arrays."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.errors import unknown_choice

Due = NDArray[np.bool_]
Arm = tuple[int, ...]
Index = NDArray[np.int64]


def all_arms(tasks: int) -> tuple[Arm, ...]:
    """Each task alone, each pair, and all tasks together."""
    single = [(task,) for task in range(tasks)]
    pairs = list(itertools.combinations(range(tasks), 2))
    everything = [] if tasks == 2 else [tuple(range(tasks))]
    return tuple(single + pairs + everything)


def arms_of(task: int, tasks: int) -> tuple[Arm, ...]:
    """The arms that one task takes part in: alone, in each pair, and with all."""
    return tuple(arm for arm in all_arms(tasks) if task in arm)


def arm_name(arm: Arm) -> str:
    """Short name of an arm, with tasks counted from 1: `1+2`."""
    return "+".join(str(task + 1) for task in arm)


@dataclass(frozen=True)
class Group:
    """The arms with equally many tasks, which are combined together.

    Attributes:
        arms: Their places among all arms, shape (n,).
        tasks: The tasks of each, shape (n, m).
        slots: Where each task keeps its numbers for that arm, shape (n, m).
    """

    arms: Index
    tasks: Index
    slots: Index


@dataclass(frozen=True)
class Layout:
    """Slots: task t's a-th slot holds its head in the a-th of the arms that contain it.

    Attributes:
        arms: All arms.
        tasks: Number of tasks K.
        slots: Slots of a task A: the most arms that any task takes part in.
        arm: Arm of each slot, shape (K, A); an unused slot points at arm 0.
        used: Whether the slot is used, shape (K, A).
        groups: Arms by number of tasks.
    """

    arms: tuple[Arm, ...]
    tasks: int
    slots: int
    arm: Index
    used: NDArray[np.bool_]
    groups: tuple[Group, ...]


def make_layout(arms: Sequence[Arm], tasks: int) -> Layout:
    """Lay out the arms so that tasks can be computed side by side."""
    members = [[place for place, arm in enumerate(arms) if task in arm] for task in range(tasks)]
    slots = max(len(places) for places in members)
    arm_of = np.zeros((tasks, slots), np.int64)
    used = np.zeros((tasks, slots), bool)
    for task, places in enumerate(members):
        arm_of[task, : len(places)] = places
        used[task, : len(places)] = True
    sizes = sorted({len(arm) for arm in arms})
    groups = tuple(_group(arms, members, size) for size in sizes)
    return Layout(tuple(arms), tasks, slots, arm_of, used, groups)


def _group(arms: Sequence[Arm], members: list[list[int]], size: int) -> Group:
    places = [place for place, arm in enumerate(arms) if len(arm) == size]
    slots = [[members[task].index(place) for task in arms[place]] for place in places]
    return Group(np.array(places), np.array([arms[place] for place in places]), np.array(slots))


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
