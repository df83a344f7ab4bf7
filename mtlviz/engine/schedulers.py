"""Which tasks are due at which update: a schedule is a table, made before training starts."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import ConfigError, unknown_choice

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Schedule:
    """Who is due when.

    Attributes:
        due: True where a task takes part in an update, shape (U, K).
        epoch: Epoch of each update, counted from 0, shape (U,).
    """

    due: NDArray[np.bool_]
    epoch: NDArray[np.int64]


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
    """
    updates = int(batches.min()) * epochs
    due = np.ones((updates, len(batches)), dtype=bool)
    return Schedule(due, np.arange(updates) // int(batches.min()))


def joint_fill_up(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """Every task takes part in every update, and small tasks start over until the largest is done.

    Reference: Emmental, "mixed" scheduler with `fillup`.
    """
    return joint(np.full_like(batches, batches.max()), epochs, generator)


def round_robin(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """Tasks take turns in a fixed cycle: 1, 2, 3, 1, 2, 3, ...

    An epoch ends when the smallest task has been seen once, so every task has equally many turns.
    """
    return _one_task_each([np.tile(np.arange(len(batches)), batches.min())] * epochs, len(batches))


def round_robin_fill_up(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """Tasks take turns in a fixed cycle, and small tasks start over until the largest is done."""
    return round_robin(np.full_like(batches, batches.max()), epochs, generator)


def proportional(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """One task an update, shuffled so that an epoch sees every batch of every task exactly once.

    Reference: Emmental's scheduler named "round_robin", which shuffles and does not cycle.
    """
    deck = np.repeat(np.arange(len(batches)), batches)
    return _one_task_each([generator.permutation(deck) for _ in range(epochs)], len(batches))


def sequential(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """All batches of task 1, then all of task 2, and so on, in every epoch."""
    return _one_task_each([np.repeat(np.arange(len(batches)), batches)] * epochs, len(batches))


def phases(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """Train each task for its share of the epochs before the next begins; nothing is mixed.

    With two tasks and an even number of epochs this is the half-and-half switch of Sharma's
    CS224N report. Late tasks overwrite what early ones taught.
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
    """
    return _sampled(batches, epochs, generator, np.ones(epochs))


def square_root(batches: Counts, epochs: int, generator: np.random.Generator) -> Schedule:
    """One task an update, drawn with probability proportional to the square root of its size.

    Its size is the batches in one pass, as in `sampled`.
    """
    return _sampled(batches, epochs, generator, np.full(epochs, 0.5))


def temperature(
    batches: Counts, epochs: int, generator: np.random.Generator, *, temperature: float = 10.0
) -> Schedule:
    """One task an update, drawn by size to the power 1/T: T = 1 proportional, large T even.

    Size is counted in batches, where the paper counts examples; see `sampled`.

    Args:
        batches: Batches in one pass through each task's training split, (K,).
        epochs: Number of epochs.
        generator: Draws the turns.
        temperature: T; sizes, in batches, count with the power 1/T.

    Reference: Karimi Mahabadi et al. 2021 (HyperFormer), T = 10. https://arxiv.org/abs/2106.04489

    Raises:
        ConfigError: If the temperature is not positive.
    """
    if temperature <= 0:
        raise ConfigError(f"`temperature` must be above 0, got {temperature}.")
    return _sampled(batches, epochs, generator, np.full(epochs, 1 / temperature))


def annealed(
    batches: Counts, epochs: int, generator: np.random.Generator, *, final_exponent: float = 0.2
) -> Schedule:
    """Drawn by size at first, nearly evenly at the end: the exponent falls from 1 epoch by epoch.

    Size is counted in batches, where the paper counts examples; see `sampled`.

    Args:
        batches: Batches in one pass through each task's training split, (K,).
        epochs: Number of epochs.
        generator: Draws the turns.
        final_exponent: Power with which sizes, in batches, count in the last epoch.

    Reference: Stickland & Murray 2019 (PALs), section 3.1. https://arxiv.org/abs/1902.02671

    Raises:
        ConfigError: If the final exponent lies outside 0 to 1.
    """
    if not 0 <= final_exponent <= 1:
        raise ConfigError(f"`final_exponent` must lie between 0 and 1, got {final_exponent}.")
    exponents = np.linspace(1, final_exponent, epochs) if epochs > 1 else np.ones(1)
    return _sampled(batches, epochs, generator, exponents)


SCHEDULERS: dict[str, Scheduler] = {
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
}


def make_schedule(
    name: str,
    chosen: Mapping[str, object],
    batches: Counts,
    epochs: int,
    generator: np.random.Generator,
) -> Schedule:
    """The named scheduler's table with its options set.

    Raises:
        ConfigError: If the name or an option is unknown, or an option's value is not allowed.
    """
    if name not in SCHEDULERS:
        raise unknown_choice("scheduler", name, SCHEDULERS)
    known = options(SCHEDULERS[name])
    for option, value in chosen.items():
        if option not in known:
            allowed_names = ", ".join(sorted(known)) or "none"
            raise ConfigError(
                f"The {name} scheduler has no option {option!r}. Known: {allowed_names}."
            )
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(
                f"`{option}` of the {name} scheduler must be a number, got {value!r}."
            )
    return SCHEDULERS[name](batches, epochs, generator, **chosen)


def options(method: Callable[..., object]) -> dict[str, object]:
    """The options a method takes beyond the common arguments, with their defaults."""
    parameters = inspect.signature(method).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def allowed(method: Callable[..., object], option: str) -> tuple[object, ...]:
    """The values an option is limited to, or an empty tuple where it is a free number."""
    return get_args(inspect.signature(method).parameters[option].annotation)


def option_help(method: Callable[..., object], option: str) -> str:
    """What the method's docstring says of an option, on one line; empty if it says nothing."""
    text = inspect.getdoc(method) or ""
    found = re.search(rf"^ +{option}: (.+(?:\n {{8,}}.+)*)", text, re.MULTILINE)
    return " ".join(found.group(1).split()) if found else ""
