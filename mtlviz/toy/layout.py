"""Arms: which tasks train together; and where each arm's numbers lie in the batched arrays."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
