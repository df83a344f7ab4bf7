"""GradNorm: learn weights that let all tasks train at similar rates."""

import numpy as np

from mtlviz.engine.weightings.adam import adam_start, adam_step, adam_values
from mtlviz.engine.weightings.weighting import (
    Array,
    Step,
    Weighting,
    adding_up,
    refuse_losses,
)
from mtlviz.errors import ConfigError
from mtlviz.methods import AboveZero, AtLeastZero

# Ours; the paper does not say what happens when a step leads to a negative weight.
_SMALLEST = 1e-3


class GradNorm(Weighting):
    """Learn weights that give slow tasks longer gradients, so that all train at similar rates.

    With G = w‖∇L‖ and the relative loss r = (L / L₀) / mean(L / L₀), Adam moves w down
    Σ |G − mean(G) rᵅ|, the target held fixed; then the weights are scaled to add up to the number
    of tasks. L₀ is a task's loss at its first update, which must be above 0. Only due tasks take
    part in the means, so one task at a time leaves the weights alone. No weight falls below 0.001
    before it is scaled (ours). ‖∇L‖ is taken over all shared parameters, where the paper takes
    those of the last shared layer alone: weights can differ from the paper's.

    Args:
        tasks: Number of tasks K.
        alpha: How strongly slow tasks are helped; 0.12 in the paper's toy, 1.5 in its NYUv2 runs.
        learning_rate: Adam's step on w.

    Raises:
        ConfigError: If the gradient norms are missing.
        LossesRefused: If a loss is negative, or zero at a task's first update.

    Reference:
        Chen et al., ICML 2018, eq. 2 and Algorithm 1. https://arxiv.org/abs/1711.02257
    """

    title = "GradNorm"

    needs_norms = True
    remembered = ("learned", "first")

    def __init__(
        self, tasks: int, *, alpha: AtLeastZero = 1.5, learning_rate: AboveZero = 0.025
    ) -> None:
        self._alpha = alpha
        self._learning_rate = learning_rate
        self.learned = adam_start(np.ones(tasks))
        self.first = np.full(tasks, np.nan)

    def weights(self, step: Step) -> Array:
        """See `Weighting`."""
        new = np.isnan(self.first)
        allowed = (step.losses > 0) | (~new & (step.losses == 0))
        refuse_losses("gradnorm", step, allowed, "above 0 at the start and never negative")
        return adam_values(self.learned).copy()

    def observe(
        self, step: Step, *, norms: Array | None = None, losses_after: Array | None = None
    ) -> None:
        """Move the weights; see `Weighting`."""
        if norms is None:
            raise ConfigError("The gradnorm weighting needs the norms of the task gradients.")
        self.first = np.where(step.due & np.isnan(self.first), step.losses, self.first)
        slope = self._slope(step, norms)
        if slope is None:
            return
        moved = adam_step(self.learned, slope, step.due, self._learning_rate)
        tasks = len(self.first)
        moved[:tasks] = adding_up(np.maximum(moved[:tasks], _SMALLEST), tasks)
        self.learned = moved

    def _slope(self, step: Step, norms: Array) -> Array | None:
        """Slope of Σ |G − target| in each weight, shape (K,); 0 for tasks that are not due.

        None where all due losses are zero: then no task lags behind another.
        """
        due = step.due
        lengths = (adam_values(self.learned) * norms)[due]
        progress = step.losses[due] / self.first[due]
        if not progress.any():
            return None
        target = lengths.mean() * (progress / progress.mean()) ** self._alpha
        slope = np.zeros(len(due))
        slope[due] = np.sign(lengths - target) * norms[due]
        return slope
