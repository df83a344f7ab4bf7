"""Excess risk: weigh up the tasks that can still be improved, and not those that are just noisy."""

from typing import ClassVar

import numpy as np

from mtlviz.engine.weightings.weighting import Array, Step, Weighting, softmax
from mtlviz.methods import AboveZero

_EPSILON = 1e-7


class ExcessRisk(Weighting):
    """Weigh up the tasks that are farthest from their best, whatever losses noise leaves them.

    The excess of a task's loss over the least possible is judged by ‖∇L‖² / √(Σ ‖∇L‖²), the sum
    over its updates so far, relative to its first; each update multiplies a weight by e^(η excess).
    The paper divides each parameter's square by a sum of its own, which needs the gradients of all
    tasks a second time; here one sum serves all parameters of a task. The weights add up to the
    number of due tasks, and are equal at the first update.

    Args:
        tasks: Number of tasks K.
        learning_rate: η. The default is ours: weights move over hundreds of updates.

    Reference:
        He et al., ICML 2024, Robust Multi-Task Learning with Excess Risks, equations 6, 7 and 9.
        https://arxiv.org/abs/2402.02009
    """

    title: ClassVar[str] = "ExcessMTL"
    needs_norms = True
    remembered = ("squares", "first", "logits")

    def __init__(self, tasks: int, *, learning_rate: AboveZero = 0.01) -> None:
        self._rate = learning_rate
        self.squares, self.logits = np.zeros(tasks), np.zeros(tasks)
        self.first = np.full(tasks, np.nan)

    def weights(self, step: Step) -> Array:
        """See `Weighting`. Tasks that are not due get 0."""
        logits = self._moved(step, step.norms)[2]
        weights = np.zeros(len(step.due))
        weights[step.due] = step.due.sum() * softmax(logits[step.due])
        return weights

    def observe(
        self, step: Step, *, norms: Array | None = None, losses_after: Array | None = None
    ) -> None:
        """Keep what was learned; see `Weighting`."""
        self.squares, self.first, self.logits = self._moved(step, norms)

    def _moved(self, step: Step, norms: Array | None) -> tuple[Array, Array, Array]:
        """Sums of squares, first excesses and logits after this update, shape (K,) each."""
        if norms is None:
            return self.squares, self.first, self.logits
        squared = np.where(step.due, norms, 0.0) ** 2
        squares = self.squares + squared
        excess = squared / np.sqrt(squares + _EPSILON)
        new = step.due & np.isnan(self.first)
        first = np.where(new, excess, self.first)
        moves = step.due & ~new
        gained = np.divide(excess, first + _EPSILON, out=np.zeros_like(excess), where=moves)
        logits = self.logits + self._rate * gained
        return squares, first, logits - logits.max()
