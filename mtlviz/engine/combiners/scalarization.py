"""The classic combiners, which look at no gradient: the sum and the mean."""

import numpy as np

from mtlviz.engine.combiners.combination import Array, Combination, from_weights


def total(gram: Array, generator: np.random.Generator) -> Combination:
    """Add the task gradients: the classic multi-task step.

    Equal to one backward pass through the sum of the losses. A zero gradient adds nothing, and one
    task alone has weight 1.

    The update is Σ g_i.

    Reference:
        None: plain practice.
    """
    return from_weights(np.ones(gram.shape[:-1]))


def mean(gram: Array, generator: np.random.Generator) -> Combination:
    """Average the task gradients: the sum with a learning rate K times smaller.

    The update is (1/K) Σ g_i.

    Reference:
        None: plain practice.
    """
    return from_weights(np.full(gram.shape[:-1], 1 / gram.shape[-1]))
