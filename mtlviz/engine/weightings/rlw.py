"""Random loss weighting: the litmus test every other weighting should pass."""

from typing import Literal

import numpy as np

from mtlviz.engine.weightings.weighting import Array, Step, Weighting, softmax


class RandomLossWeighting(Weighting):
    """Draw new random weights for every update: what any clever weighting should beat.

    The weights are K times the paper's, so they add up to the number of tasks.

    w = K softmax(z) with z from N(0, 1), or w = K times a draw from the flat Dirichlet
    distribution.

    Args:
        tasks: Number of tasks K.
        distribution: `normal` takes the softmax of normal numbers, `dirichlet` draws evenly from
            all weights with this sum.

    Reference:
        Lin et al., TMLR 2022, section 3. https://arxiv.org/abs/2111.10603
    """

    title = "RLW"

    def __init__(
        self, tasks: int, *, distribution: Literal["normal", "dirichlet"] = "normal"
    ) -> None:
        self._tasks, self._distribution = tasks, distribution

    def weights(self, step: Step) -> Array:
        """Draw; see `Weighting`."""
        if self._distribution == "normal":
            return self._tasks * softmax(step.generator.standard_normal(self._tasks))
        return self._tasks * step.generator.dirichlet(np.ones(self._tasks))
