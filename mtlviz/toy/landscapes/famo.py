"""FAMO on a landscape: task weights that follow how fast each loss falls."""

import numpy as np

from mtlviz.toy.landscapes.formulas import Array
from mtlviz.toy.landscapes.optimisers import Adam
from mtlviz.toy.landscapes.pairs import Pairs

# Added to a loss above its floor before the logarithm, as in the official code.
_OFFSET = 1e-8


class Famo:
    """Weigh tasks so that all losses fall at the same relative rate, at the cost of one gradient.

    The weights are z/D, scaled to add up to 1, with z = softmax(ξ) and D each loss above its floor.
    After every step Adam moves ξ against z ⊙ (δ − Σ zδ), δ being the fall of log D.
    The update is shortened to length 1 where it is longer, as the official code does.

    Args:
        count: Number N of runs.
        floors: What each loss is measured from, shape (2,): below any value it takes.
        rate: Adam's learning rate for ξ.
        decay: Pull of ξ towards 0, added to its gradient (γ). The published toy has none.

    Reference:
        Liu et al., NeurIPS 2023, Algorithm 1 and experiments/toy/trainer.py of the official code.
        https://arxiv.org/abs/2306.03792
    """

    def __init__(
        self, count: int, floors: Array, *, rate: float = 0.025, decay: float = 0.0
    ) -> None:
        self._floors = np.asarray(floors, dtype=np.float64)[:, None]
        self._decay = decay
        self._logits = np.zeros((2, count))
        self._optimiser = Adam(self._logits, rate)
        self._share = np.full((2, count), 0.5)
        self._before: Array | None = None

    def __call__(self, pairs: Pairs, losses: Array) -> Array:
        """Weights at the losses of this step, shape (2, N); learns from the step before."""
        height = losses - self._floors + _OFFSET
        logarithms = np.log(height)
        if self._before is not None:
            self._learn(self._before - logarithms)
        self._before = logarithms
        weights = self._share / height
        weights /= weights[0] + weights[1]
        squared = weights * weights * pairs.squared
        length = squared[0] + squared[1] + 2 * weights[0] * weights[1] * pairs.inner
        return weights / np.sqrt(np.maximum(length, 1))

    def _learn(self, falls: Array) -> None:
        share = self._share
        moved = share * falls
        slope = moved - share * (moved[0] + moved[1])
        if self._decay:
            slope += self._decay * self._logits
        self._optimiser.step(slope)
        # Two tasks: the softmax is a logistic function of the difference.
        first = 1 / (1 + np.exp(self._logits[1] - self._logits[0]))
        self._share = np.stack([first, 1 - first])
