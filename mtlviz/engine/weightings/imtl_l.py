"""IMTL-L: learn scales that bring all losses to the same size."""

from typing import ClassVar

import numpy as np

from mtlviz.engine.weightings.adam import adam_start, adam_step, adam_values
from mtlviz.engine.weightings.weighting import Array, Step, Weighting, refuse_losses
from mtlviz.methods import AboveZero


class ImpartialLosses(Weighting):
    """Learn a scale for each loss that makes all scaled losses 1: no task counts by its units.

    The weights e^s belong to numbers s that are learned along, by Adam on Σ e^s L − s. At rest a
    weight is the inverse of the task's loss. They do not add up to anything fixed, so the effective
    learning rate changes. Losses must not be negative.

    Args:
        tasks: Number of tasks K.
        learning_rate: Adam's step on s. The paper learns s with the network's own optimiser.

    Raises:
        LossesRefused: If a due task's loss is negative.

    Reference:
        Liu et al., ICLR 2021, Towards Impartial Multi-task Learning, section 3.2.
        https://openreview.net/forum?id=IMPnRXEWpvr
    """

    title: ClassVar[str] = "IMTL-L"
    adds_up = False
    remembered = ("log_scales",)

    def __init__(self, tasks: int, *, learning_rate: AboveZero = 0.01) -> None:
        self._learning_rate = learning_rate
        self.log_scales = adam_start(np.zeros(tasks))

    def weights(self, step: Step) -> Array:
        """See `Weighting`."""
        return np.exp(adam_values(self.log_scales))

    def observe(
        self, step: Step, *, norms: Array | None = None, losses_after: Array | None = None
    ) -> None:
        """Move s; see `Weighting`."""
        refuse_losses("imtl_l", step, step.losses >= 0, "of at least 0")
        slope = self.weights(step) * np.where(step.due, step.losses, 0.0) - 1
        self.log_scales = adam_step(self.log_scales, slope, step.due, self._learning_rate)
