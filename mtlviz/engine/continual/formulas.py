"""Penalties that keep old tasks, written with operators alone: for numpy arrays and torch tensors.

EWC's sum over old tasks, ½ Σⱼ Fⱼ (θ − θⱼ)², has the slope F θ − M, where F = Σ Fⱼ and M = Σ Fⱼ θⱼ:
two numbers a parameter hold it exactly, however many tasks there are.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Anchor(NamedTuple):
    """What EWC keeps: the sum of Fisher informations F, and of F times the parameters then, M."""

    fisher: Any
    moment: Any


def anchored(before: Anchor | None, fisher: Any, parameters: Any) -> Anchor:
    """The anchor when one more task was learned.

    Args:
        before: What was kept so far; None at the first task.
        fisher: Fisher information of the new task, as the parameters are now.
        parameters: The parameters, as they are now.
    """
    if before is None:
        return Anchor(fisher, fisher * parameters)
    return Anchor(before.fisher + fisher, before.moment + fisher * parameters)


def ewc_slope(anchor: Anchor, parameters: Any, strength: float) -> Any:
    """The slope of λ/2 Σⱼ Fⱼ (θ − θⱼ)²."""
    return strength * (anchor.fisher * parameters - anchor.moment)


def ewc_penalty(anchor: Anchor, parameters: Any, strength: float) -> Any:
    """The penalty itself, less the constant that depends on no parameter; a number."""
    return strength * ((anchor.fisher * parameters / 2 - anchor.moment) * parameters).sum()


def softened(logits: Array, temperature: float) -> Array:
    """Class probabilities at a temperature, over the last axis."""
    scaled = logits / temperature
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    powers = np.exp(scaled)
    return powers / powers.sum(axis=-1, keepdims=True)


def distillation_slope(old: Array, new: Array, temperature: float) -> Array:
    """The slope of τ² KL(old ‖ new) by the new logits: τ times the difference of softened answers.

    Args:
        old: Logits of the model as it was, shape (..., C).
        new: Logits now, shape (..., C).
        temperature: τ.
    """
    return temperature * (softened(new, temperature) - softened(old, temperature))
