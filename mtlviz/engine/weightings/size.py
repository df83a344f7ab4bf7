"""Weights by the number of training examples."""

from collections.abc import Sequence

import numpy as np

from mtlviz.engine.weightings.weighting import (
    Array,
    Step,
    Weighting,
    adding_up,
    one_per_task,
)
from mtlviz.errors import ConfigError


class Size(Weighting):
    """Weigh tasks by their number of examples: to duplicate data without reading it twice.

    An exponent of 1 makes every example count alike although each task has one batch an update; -1
    duplicates small tasks until all are equally large; 0 is equal weights. The weights add up to
    the number of tasks.

    w_i = K n_i^p / Σ n_j^p, with n_i examples and p the exponent.

    Args:
        tasks: Number of tasks K.
        sizes: Training examples of each task, shape (K,).
        exponent: Power of the size the weight is proportional to.

    Raises:
        ConfigError: If a size is not above 0.

    Reference:
        Wu, Zhang & Ré, blog on ICLR 2020: duplicating a task's data raises its weight.
    """

    constant = True

    def __init__(self, tasks: int, *, sizes: Sequence[float], exponent: float = 1.0) -> None:
        counts = one_per_task("sizes", sizes, tasks)
        if not counts.all():
            raise ConfigError(f"`sizes` must all be above 0, got {list(sizes)}.")
        # Relative to the largest, so that no power overflows.
        logs = exponent * np.log(counts)
        self._weights = adding_up(np.exp(logs - logs.max()), tasks)

    def weights(self, step: Step) -> Array:
        """See `Weighting`."""
        return self._weights.copy()
