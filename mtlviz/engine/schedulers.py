"""Which tasks are due at which update: a schedule is a table, made before training starts."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import ConfigError
from mtlviz.methods import AboveZero, Registry, Share

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Schedule:
    """Who is due when.

    Attributes:
        due: True where a task takes part in an update, shape (U, K).
        epoch: Epoch of each update, counted from 0, shape (U,).
        starts: Update at which each phase begins, rising from 0.
    """

    due: NDArray[np.bool_]
    epoch: NDArray[np.int64]
    starts: tuple[int, ...] = (0,)

    def phase(self, update: int) -> int:
        """Number of the phase, from 0, that an update belongs to."""
        return bisect_right(self.starts, update) - 1

    def cut(self, most: int | None) -> "Schedule":
        """The schedule without what comes after so many updates; all of it if None."""
        return replace(self, due=self.due[:most], epoch=self.epoch[:most])


Scheduler = Callable[[Counts, int, np.random.Generator], Schedule]


def _one_task_each(turns_per_epoch: list[NDArray[np.int64]], tasks: int) -> Schedule:
    """The schedule in which every update belongs to one task, given the turns of each epoch."""
    turns = np.concatenate(turns_per_epoch)
    epoch = np.repeat(np.arange(len(turns_per_epoch)), [len(turns) for turns in turns_per_epoch])
    return Schedule(turns[:, None] == np.arange(tasks), epoch)


def _sampled(
    batches: Counts, epochs: int, generator: np.random.Generator, exponent: NDArray[np.float64]
) -> Schedule:
    """Draw each update's task with probability proportional to size ** exponent of its epoch."""
    total = int(batches.sum())
    turns = []
    for epoch in range(epochs):
        share = batches.astype(float) ** exponent[epoch]
        turns.append(generator.choice(len(batches), size=total, p=share / share.sum()))
    return _one_task_each(turns, len(batches))


def joint(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """Every task takes part in every update: the classic summed loss.

    An epoch ends when the smallest task has been seen once (Emmental's "mixed" scheduler).

    With n_i batches of task i, E epochs have U = E min n_i updates, each of all K tasks.

    Reference:
        Emmental, "mixed" scheduler.
    """
    updates = int(batches.min()) * epochs
    due = np.ones((updates, len(batches)), dtype=bool)
    return Schedule(due, np.arange(updates) // int(batches.min()))


def joint_fill_up(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """Every task takes part in every update, and small tasks start over until the largest is done.

    With n_i batches of task i, E epochs have U = E max n_i updates, each of all K tasks.

    Reference: Emmental, "mixed" scheduler with `fillup`.
    """
    return joint(np.full_like(batches, batches.max()), epochs, generator)


def round_robin(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """Tasks take turns in a fixed cycle: 1, 2, 3, 1, 2, 3, ...

    An epoch ends when the smallest task has been seen once, so every task has equally many turns.

    Update t = 0, 1, ... belongs to task 1 + (t mod K); an epoch has K min n_i of them.

    Reference:
        None: plain practice.
    """
    return _one_task_each([np.tile(np.arange(len(batches)), batches.min())] * epochs, len(batches))


def round_robin_fill_up(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """Tasks take turns in a fixed cycle, and small tasks start over until the largest is done.

    Update t = 0, 1, ... belongs to task 1 + (t mod K); an epoch has K max n_i of them.

    Reference:
        None: plain practice.
    """
    return round_robin(np.full_like(batches, batches.max()), epochs, generator)


def proportional(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """One task an update, shuffled so that an epoch sees every batch of every task exactly once.

    Of Σ n_j updates of an epoch, n_i belong to task i, in random order.

    Reference: Emmental's scheduler named "round_robin", which shuffles and does not cycle.
    """
    deck = np.repeat(np.arange(len(batches)), batches)
    return _one_task_each([generator.permutation(deck) for _ in range(epochs)], len(batches))


def sequential(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """All batches of task 1, then all of task 2, and so on, in every epoch.

    Of Σ n_j updates of an epoch, the first n_1 belong to task 1, the next n_2 to task 2.

    Reference:
        None: plain practice.
    """
    return _one_task_each([np.repeat(np.arange(len(batches)), batches)] * epochs, len(batches))


def phases(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """Train each task for its share of the epochs before the next begins; nothing is mixed.

    Late tasks overwrite what early ones taught. A run of texts takes this for a list of phases, one
    a task, which can then be changed one by one.

    Epoch e = 0, 1, ... of E belongs to task 1 + ⌊e K / E⌋.

    Reference:
        None: plain practice, fine-tuning on one task after another.
    """
    if epochs < len(batches):
        raise ConfigError(
            f"The phases scheduler needs at least one epoch per task: "
            f"got {epochs} epochs for {len(batches)} tasks."
        )
    owners = np.arange(epochs) * len(batches) // epochs
    return _one_task_each([np.repeat(task, batches[task]) for task in owners], len(batches))


def sampled(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """One task an update, drawn at random with probability proportional to its size.

    Here and below a task's size is the batches in one pass, a last one that is not full included:
    beside a batch size near its number of examples a small task is drawn more often than by these.

    P(i) = n_i / Σ n_j, in Σ n_j updates an epoch.

    Reference:
        Stickland & Murray 2019 (PALs), section 3.1, with the exponent 1.
        https://arxiv.org/abs/1902.02671
    """
    return _sampled(batches, epochs, generator, np.ones(epochs))


def square_root(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """One task an update, drawn with probability proportional to the square root of its size.

    Its size is the batches in one pass, as in `sampled`.

    P(i) = √n_i / Σ √n_j, in Σ n_j updates an epoch.

    Reference:
        Stickland & Murray 2019 (PALs), section 3.1, with the exponent 1/2.
        https://arxiv.org/abs/1902.02671
    """
    return _sampled(batches, epochs, generator, np.full(epochs, 0.5))


def temperature(
    batches: Counts, epochs: int, generator: np.random.Generator, *, temperature: AboveZero = 10.0
) -> Schedule:
    """One task an update, drawn by size to the power 1/T: T = 1 proportional, large T even.

    Size is counted in batches, where the paper counts examples; see `sampled`.

    P(i) = n_i^(1/T) / Σ n_j^(1/T), in Σ n_j updates an epoch.

    Args:
        batches: Batches in one pass through each task's training split, (K,).
        epochs: Number of epochs.
        generator: Draws the turns.
        temperature: T; sizes, in batches, count with the power 1/T.

    Reference: Karimi Mahabadi et al. 2021 (HyperFormer), T = 10. https://arxiv.org/abs/2106.04489
    """
    return _sampled(batches, epochs, generator, np.full(epochs, 1 / temperature))


def annealed(
    batches: Counts, epochs: int, generator: np.random.Generator, *, final_exponent: Share = 0.2
) -> Schedule:
    """Drawn by size at first, nearly evenly at the end: the exponent falls from 1 epoch by epoch.

    Size is counted in batches, where the paper counts examples; see `sampled`.

    P(i) = n_i^a / Σ n_j^a, with a falling evenly from 1 in the first epoch to the final
    exponent in the last: a = 1 − (1 − a_E) (e − 1) / (E − 1) in epoch e of E.

    Args:
        batches: Batches in one pass through each task's training split, (K,).
        epochs: Number of epochs.
        generator: Draws the turns.
        final_exponent: Power with which sizes, in batches, count in the last epoch.

    Reference: Stickland & Murray 2019 (PALs), section 3.1. https://arxiv.org/abs/1902.02671
    """
    exponents = np.linspace(1, final_exponent, epochs) if epochs > 1 else np.ones(1)
    return _sampled(batches, epochs, generator, exponents)


SCHEDULERS: Registry[Scheduler] = Registry("scheduler", {
    "joint": joint,
    "joint_fill_up": joint_fill_up,
    "round_robin": round_robin,
    "round_robin_fill_up": round_robin_fill_up,
    "proportional": proportional,
    "sampled": sampled,
    "square_root": square_root,
    "temperature": temperature,
    "annealed": annealed,
    "sequential": sequential,
    "phases": phases,
})  # fmt: skip

UNEVEN = frozenset({"annealed", "sequential", "phases"})
"""Schedulers that change which tasks train as they go on: early scores say little of late ones."""
