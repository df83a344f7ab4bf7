"""What a weighting is: how much each task's loss counts, decided anew before every update.

A weighting is made anew for each run, since most remember something. The training loop asks

1. `weights(step)` before the backward passes, and multiplies each due task's loss by its weight;
2. `observe(step, ...)` after the update, with whatever the class says it needs.

All arrays have one entry per task of the run, shape (K,). Only the entries of due tasks count: the
others may hold anything, and get a weight that nobody may use.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import CheckpointError, ConfigError

Array = NDArray[np.float64]


class LossesRefused(ConfigError):
    """A weighting cannot work with the losses of an update, which nobody could know before."""


@dataclass(frozen=True)
class Step:
    """What is known before the backward passes of one update.

    Attributes:
        losses: Mean loss of each due task on its batch, not weighted, shape (K,).
        due: Which tasks take part in the update, shape (K,).
        epoch: Epoch of the update, counted from 0.
        generator: Source of any randomness.
        norms: Where the weighting needs them, the length of each due task's gradient, as for
            `observe`, shape (K,); None otherwise.
    """

    losses: Array
    due: NDArray[np.bool_]
    epoch: int
    generator: np.random.Generator
    norms: Array | None = None


class Weighting(Protocol):
    """Scales the task losses.

    Attributes:
        constant: Whether the weights are known before any loss is.
        adds_up: Whether the weights of the due tasks add up to their number.
        needs_norms: Whether the step and `observe` must be given gradient norms.
        needs_losses_after: Whether `observe` must be given the losses after the update. This costs
            a second forward pass over the same batches, with the same dropout masks or none.
        remembered: Names of the attributes that a resumed run must bring back.
    """

    constant: ClassVar[bool] = False
    adds_up: ClassVar[bool] = True
    needs_norms: ClassVar[bool] = False
    needs_losses_after: ClassVar[bool] = False
    remembered: ClassVar[tuple[str, ...]] = ()

    def weights(self, step: Step) -> Array:
        """The weight of each task's loss in this update, shape (K,); not negative if due.

        Raises:
            LossesRefused: If the method is not defined for these losses; the run ends there.
        """
        ...

    def observe(
        self, step: Step, *, norms: Array | None = None, losses_after: Array | None = None
    ) -> None:
        """Learn from an update.

        Args:
            step: What `weights` was given.
            norms: Length of each due task's gradient, of its loss without the weight, shape (K,):
                on the last shared layer, or on all shared parameters.
            losses_after: Losses on the same batches after the update, shape (K,).
        """

    def state_dict(self) -> dict[str, object]:
        """What an exact continuation needs, in a form that JSON can hold."""
        return {name: _plain(getattr(self, name)) for name in self.remembered}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Go on from a stored state.

        Raises:
            CheckpointError: If the state belongs to another weighting.
        """
        if set(state) != set(self.remembered):
            raise CheckpointError(
                f"The stored weighting remembers {sorted(state)}, "
                f"this one needs {sorted(self.remembered)}."
            )
        for name, value in state.items():
            setattr(self, name, _restored(value))


def _plain(value: object) -> object:
    """An array as a list, in which a missing number is None: JSON knows no NaN."""
    if not isinstance(value, np.ndarray):
        return value
    return [
        None if isinstance(entry, float) and np.isnan(entry) else entry for entry in value.tolist()
    ]


def _restored(value: object) -> object:
    if not isinstance(value, list):
        return value
    return np.array([np.nan if entry is None else entry for entry in value], dtype=np.float64)


def adding_up(weights: Array, total: float) -> Array:
    """The same proportions, scaled to add up to a total: a weighting is no hidden learning rate."""
    return weights * (total / weights.sum())


def softmax(values: Array) -> Array:
    """Positive shares that add up to 1."""
    exponentials = np.exp(values - values.max())
    return exponentials / exponentials.sum()


def numbers(given: object) -> Array:
    """What was given as numbers; none of them where it is anything else."""
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return np.empty(0)


def one_per_task(name: str, given: object, tasks: int) -> Array:
    """A setting with one non-negative number per task, not all zero.

    Raises:
        ConfigError: If it is anything else.
    """
    values = numbers(given)
    if values.shape != (tasks,) or not np.isfinite(values).all() or (values < 0).any():
        raise ConfigError(
            f"`{name}` needs {tasks} numbers that are not negative, one per task, got {given!r}."
        )
    if not values.any():
        raise ConfigError(f"`{name}` must not be all zero.")
    return values


def refuse_losses(method: str, step: Step, allowed: NDArray[np.bool_], rule: str) -> None:
    """Refuse losses that a method cannot work with.

    Args:
        method: Its name in the registry.
        step: The update.
        allowed: Whether each task's loss will do, shape (K,).
        rule: What losses must be, in words.

    Raises:
        LossesRefused: If a due task's loss will not do.
    """
    if not allowed[step.due].all():
        given = ", ".join(f"{loss:.4g}" for loss in step.losses[step.due])
        raise LossesRefused(f"The {method} weighting needs losses {rule}, got {given}.")
