"""Smooth Tchebycheff scalarisation: mostly the task that is worst off, but never it alone."""

from typing import ClassVar

import numpy as np

from mtlviz.engine.weightings.weighting import Array, Step, Weighting, softmax
from mtlviz.methods import AboveZero


class SmoothTchebycheff(Weighting):
    """Weigh up the largest losses: a smooth form of training the worst-off task alone.

    The weights are the slopes of μ log Σ exp(L / (K μ)), scaled to add up to the number of due
    tasks: the softmax of L / (K μ). A small μ trains the task with the largest loss alone, a large
    one weighs all alike. Losses count as they are, with preferences of 1/K and the ideal loss 0.

    Args:
        tasks: Number of tasks K.
        mu: μ, how smooth the maximum is; the paper tries 0.01, 0.1, 0.5 and 1.

    Reference:
        Lin et al., ICML 2024, Smooth Tchebycheff Scalarization, equation 6.
        https://arxiv.org/abs/2402.19078
    """

    title: ClassVar[str] = "STCH"

    def __init__(self, tasks: int, *, mu: AboveZero = 0.1) -> None:
        self._scale = tasks * mu

    def weights(self, step: Step) -> Array:
        """See `Weighting`. Tasks that are not due get 0."""
        weights = np.zeros(len(step.due))
        weights[step.due] = step.due.sum() * softmax(step.losses[step.due] / self._scale)
        return weights
