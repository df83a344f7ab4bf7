"""Adam for the few numbers a weighting learns, with a step count of its own for every task."""

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.weightings.weighting import Array

_DECAY = (0.9, 0.999)
_EPSILON = 1e-8


def adam_step(state: Array, gradient: Array, due: NDArray[np.bool_], learning_rate: float) -> Array:
    """One step down the gradient for the due tasks; the others stand still, moments included.

    Args:
        state: Parameters, first moments, second moments and step counts in a row, shape (4K,).
        gradient: Slope of the loss, shape (K,).
        due: Which tasks move, shape (K,).
        learning_rate: Step size.

    Returns:
        The next state, shape (4K,).

    Reference:
        Kingma & Ba 2015, Algorithm 1. https://arxiv.org/abs/1412.6980
    """
    values, first, second, count = state.reshape(4, -1)
    count = count + 1
    first = _DECAY[0] * first + (1 - _DECAY[0]) * gradient
    second = _DECAY[1] * second + (1 - _DECAY[1]) * gradient**2
    size = np.sqrt(second / (1 - _DECAY[1] ** count)) + _EPSILON
    values = values - learning_rate * first / (1 - _DECAY[0] ** count) / size
    moved = np.stack([values, first, second, count])
    return np.where(due, moved, state.reshape(4, -1)).reshape(-1)


def adam_start(values: Array) -> Array:
    """The state before the first step, shape (4K,)."""
    return np.concatenate([values, np.zeros(3 * len(values))])


def adam_values(state: Array) -> Array:
    """The parameters in a state, shape (K,)."""
    return state[: len(state) // 4]
