"""What an update does, to first order, and how long it is: from inner products alone."""

import numpy as np

from mtlviz.engine.combiners.combination import Array, Combination
from mtlviz.engine.combiners.gram import update_norm
from mtlviz.errors import ConfigError


def predicted_changes(gram: Array, weights: Array, step: float) -> Array:
    """Each task's loss change that a step of this size promises: −η G w, in units of the loss.

    Below 0 the step helps the task, above 0 it conflicts with it. First order: the promise holds
    for small steps along the update itself (plain gradient descent).

    Args:
        gram: Gram matrix, shape (..., K, K).
        weights: Weights of the task gradients, shape (..., K).
        step: Step size η, above 0.

    Returns:
        Loss changes, shape (..., K).

    Raises:
        ConfigError: If the step is not above 0.
    """
    if not step > 0:
        raise ConfigError(f"The step size must be above 0, got {step}.")
    return -step * (gram @ weights[..., None])[..., 0]


def match_sum_norm(combination: Combination, gram: Array) -> Combination:
    """The same direction, as long as the plain sum of the gradients.

    Weight conventions differ by a factor of K and more between methods, which acts as a hidden
    learning rate. This takes it out. A zero update has no direction and stays zero; where the plain
    sum is zero, so is the result.

    Args:
        combination: What a combiner returned.
        gram: The Gram matrix it was given, shape (..., K, K).
    """
    wanted = update_norm(gram, np.ones(gram.shape[:-1]))
    length = update_norm(gram, combination.weights)
    factor = np.divide(wanted, length, out=np.zeros_like(wanted), where=length > 0)
    return Combination(
        combination.weights * factor[..., None],
        combination.coefficients * factor[..., None, None],
        combination.order,
    )
