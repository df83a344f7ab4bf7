"""The plain weighting: every loss counts as it is."""

import numpy as np

from mtlviz.engine.weightings.weighting import Array, Step, Weighting


class Equal(Weighting):
    """Count every task's loss once: the plain sum, and hard to beat when it is tuned.

    w_i = 1.

    Reference:
        Kurin et al., NeurIPS 2022, In Defense of the Unitary Scalarization.
        https://arxiv.org/abs/2201.04122
    """

    constant = True

    def __init__(self, tasks: int) -> None:
        self._weights = np.ones(tasks)

    def weights(self, step: Step) -> Array:
        """See `Weighting`."""
        return self._weights.copy()
