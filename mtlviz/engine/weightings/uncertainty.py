"""Uncertainty weighting: learn how noisy each task is, and trust noisy ones less."""

import numpy as np

from mtlviz.engine.weightings.adam import adam_start, adam_step, adam_values
from mtlviz.engine.weightings.weighting import Array, Step, Weighting, refuse_losses
from mtlviz.methods import AboveZero


class Uncertainty(Weighting):
    """Learn each task's noise level and divide its loss by it: noisy tasks count less.

    The weights ½e^(−s) belong to log-variances s that are learned along, by Adam on
    Σ ½e^(−s) L + ½s. At rest a weight is half the inverse of the task's loss. They do not add up to
    anything fixed, so the effective learning rate changes. Losses must not be negative.

    Args:
        tasks: Number of tasks K.
        learning_rate: Adam's step on s. The paper learns s with the network's own optimiser; a rate
            of its own keeps s moving where the network's is as small as fine-tuning wants it.
        start: First value of every s: 0 in nash-mtl's code, −0.5 in LibMTL's.

    Raises:
        LossesRefused: If a due task's loss is negative.

    Reference:
        Kendall et al., CVPR 2018. https://arxiv.org/abs/1705.07115
    """

    adds_up = False
    remembered = ("log_variances",)

    def __init__(self, tasks: int, *, learning_rate: AboveZero = 0.01, start: float = 0.0) -> None:
        self._learning_rate = learning_rate
        self.log_variances = adam_start(np.full(tasks, float(start)))

    def weights(self, step: Step) -> Array:
        """See `Weighting`."""
        return 0.5 * np.exp(-adam_values(self.log_variances))

    def observe(
        self, step: Step, *, norms: Array | None = None, losses_after: Array | None = None
    ) -> None:
        """Move s; see `Weighting`."""
        refuse_losses("uncertainty", step, step.losses >= 0, "of at least 0")
        slope = 0.5 - self.weights(step) * np.where(step.due, step.losses, 0.0)
        self.log_variances = adam_step(self.log_variances, slope, step.due, self._learning_rate)
