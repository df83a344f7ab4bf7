"""Dynamic weight average: weigh up the tasks whose loss falls slowly."""

import numpy as np

from mtlviz.engine.weightings.weighting import Array, Step, Weighting, softmax
from mtlviz.methods import AboveZero


class DynamicWeightAverage(Weighting):
    """Weigh up the tasks whose loss fell least from one epoch to the next.

    The weights are K softmax(ρ / T), with ρ the ratio of a task's mean losses in the last two
    epochs. They are 1 in the first two epochs and add up to the number of tasks. A task with no
    batch in an epoch keeps its last mean; a task whose earlier mean is zero or not yet known
    counts as standing still, with ρ = 1.

    In epoch t: w_i = K exp(ρ_i / T) / Σ exp(ρ_j / T), with ρ_i = L_i(t − 1) / L_i(t − 2).

    Args:
        tasks: Number of tasks K.
        temperature: T; the larger, the more even the weights.

    Reference:
        Liu et al., CVPR 2019, eq. 7. https://arxiv.org/abs/1803.10704
    """

    title = "DWA"

    remembered = ("epoch", "sums", "counts", "last", "before")

    def __init__(self, tasks: int, *, temperature: AboveZero = 2.0) -> None:
        self._temperature = temperature
        self.epoch = 0
        self.sums, self.counts = np.zeros(tasks), np.zeros(tasks)
        self.last, self.before = np.full(tasks, np.nan), np.full(tasks, np.nan)

    def weights(self, step: Step) -> Array:
        """See `Weighting`."""
        self._turn_to(step.epoch)
        known = np.isfinite(self.last) & np.isfinite(self.before) & (self.before != 0)
        ratios = np.divide(self.last, self.before, out=np.ones_like(self.last), where=known)
        return len(ratios) * softmax(ratios / self._temperature)

    def observe(
        self, step: Step, *, norms: Array | None = None, losses_after: Array | None = None
    ) -> None:
        """Add to the epoch's mean losses; see `Weighting`."""
        self._turn_to(step.epoch)
        self.sums = self.sums + np.where(step.due, step.losses, 0.0)
        self.counts = self.counts + step.due

    def _turn_to(self, epoch: int) -> None:
        """Close the epoch that was running when another begins."""
        if epoch == self.epoch:
            return
        seen = self.counts > 0
        mean = np.divide(self.sums, self.counts, out=self.last.copy(), where=seen)
        self.epoch, self.before, self.last = epoch, self.last, mean
        self.sums, self.counts = np.zeros_like(mean), np.zeros_like(mean)
