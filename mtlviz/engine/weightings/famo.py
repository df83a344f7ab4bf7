"""FAMO: make all losses fall at the same rate, from the losses alone."""

from collections.abc import Sequence

import numpy as np

from mtlviz.engine.weightings.adam import adam_start, adam_step, adam_values
from mtlviz.engine.weightings.weighting import (
    Array,
    Step,
    Weighting,
    numbers,
    refuse_losses,
    softmax,
)
from mtlviz.errors import ConfigError
from mtlviz.methods import AboveZero, AtLeastZero

_EPSILON = 1e-8


class Famo(Weighting):
    """Learn weights that make all losses fall at the same relative rate, from losses alone.

    A due task's weight is proportional to z / (L − b), with z = softmax(ξ) and b the lowest loss
    that is possible. After the update the losses are measured again on the same batches, and Adam
    moves ξ towards the tasks whose log loss fell least. The weights of the due tasks add up to
    their number, which is that many times the paper's. No loss may be below b, zero by default; one
    that has reached it takes nearly all the weight, as in the authors' code, which adds 1e-8 too.

    Args:
        tasks: Number of tasks K.
        learning_rate: Adam's step on ξ (paper: 0.025).
        gamma: Pull of ξ back to 0: 0.001 in the paper, 0.01 in the authors' famo.py, 0.00001 in
            their weight_methods.py, 0 in their toy example.
        lowest_losses: b of each task, shape (K,).

    Raises:
        ConfigError: If `lowest_losses` does not fit, or the losses after the update are missing.
        LossesRefused: If a loss is below its b.

    Reference:
        Liu et al., NeurIPS 2023, Algorithm 1. https://arxiv.org/abs/2306.03792
    """

    title = "FAMO"

    needs_losses_after = True
    remembered = ("logits",)

    def __init__(
        self,
        tasks: int,
        *,
        learning_rate: AboveZero = 0.025,
        gamma: AtLeastZero = 0.001,
        lowest_losses: Sequence[float] | None = None,
    ) -> None:
        self._learning_rate = learning_rate
        self._gamma = gamma
        self._lowest = np.zeros(tasks) if lowest_losses is None else numbers(lowest_losses)
        if self._lowest.shape != (tasks,) or not np.isfinite(self._lowest).all():
            raise ConfigError(f"`lowest_losses` needs {tasks} numbers, got {lowest_losses!r}.")
        self.logits = adam_start(np.zeros(tasks))

    def weights(self, step: Step) -> Array:
        """See `Weighting`. Tasks that are not due get 0."""
        allowed = step.losses >= self._lowest
        refuse_losses("famo", step, allowed, "not below `lowest_losses`")
        due = step.due
        raw = self._shares(step) / (step.losses - self._lowest + _EPSILON)[due]
        weights = np.zeros(len(due))
        weights[due] = raw * (due.sum() / raw.sum())
        return weights

    def observe(
        self, step: Step, *, norms: Array | None = None, losses_after: Array | None = None
    ) -> None:
        """Move ξ; see `Weighting`."""
        if losses_after is None:
            raise ConfigError("The famo weighting needs the losses after the update.")
        due = step.due
        # Such losses have no logarithm; the next update, which begins with them, will say so.
        if not (losses_after >= self._lowest)[due].all():
            return
        fall = np.log((step.losses - self._lowest + _EPSILON)[due])
        fall -= np.log((losses_after - self._lowest + _EPSILON)[due])
        shares = self._shares(step)
        slope = np.zeros(len(due))
        slope[due] = shares * (fall - shares @ fall)
        slope += self._gamma * adam_values(self.logits)
        self.logits = adam_step(self.logits, slope, due, self._learning_rate)

    def _shares(self, step: Step) -> Array:
        """Softmax of the due tasks' ξ, among themselves."""
        return softmax(adam_values(self.logits)[step.due])
