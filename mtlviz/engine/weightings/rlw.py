"""Random loss weighting: the litmus test every other weighting should pass."""

import numpy as np

from mtlviz.engine.weightings.weighting import Array, Step, Weighting, softmax
from mtlviz.errors import unknown_choice

_DISTRIBUTIONS = ("normal", "dirichlet")


class RandomLossWeighting(Weighting):
    """Draw new random weights for every update: what any clever weighting should beat.

    The weights are K times the paper's, so they add up to the number of tasks.

    Args:
        tasks: Number of tasks K.
        distribution: `normal` takes the softmax of normal numbers, `dirichlet` draws evenly from
            all weights with this sum.

    Raises:
        ConfigError: If the distribution is unknown.

    Reference:
        Lin et al., TMLR 2022, section 3. https://arxiv.org/abs/2111.10603
    """

    def __init__(self, tasks: int, *, distribution: str = "normal") -> None:
        if distribution not in _DISTRIBUTIONS:
            raise unknown_choice("distribution", distribution, _DISTRIBUTIONS)
        self._tasks, self._distribution = tasks, distribution

    def weights(self, step: Step) -> Array:
        """Draw; see `Weighting`."""
        if self._distribution == "normal":
            return self._tasks * softmax(step.generator.standard_normal(self._tasks))
        return self._tasks * step.generator.dirichlet(np.ones(self._tasks))
