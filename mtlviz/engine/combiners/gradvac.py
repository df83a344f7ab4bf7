"""GradVac: pull gradients towards the similarity they usually have, not only out of conflict."""

from typing import ClassVar

import numpy as np

from mtlviz.engine.combiners.combination import Array, Combination, from_coefficients
from mtlviz.engine.combiners.combiner_state import Remembering
from mtlviz.engine.combiners.gram import norms
from mtlviz.engine.combiners.pcgrad import Order, random_order
from mtlviz.methods import Share

# Below this sine two directions count as equal: no finite multiple of one turns another into it.
_SMALLEST_SINE = 1e-8


class GradVac(Remembering):
    """Raise each pair's gradient cosine to its running average before adding: a softer PCGrad.

    A target per pair of tasks follows the cosines seen so far, starting at 0. Where task i's
    current gradient is less similar to gradient j than the target, a multiple of gradient j is
    added that makes the cosine equal to it. With targets of 0 this is PCGrad. Pairs with a zero
    gradient are passed over, and one task alone has weight 1.

    The targets belong to the run: make a new object for each. Every step must bring the same tasks.

    With cosine φ below its target t: h ← h + ‖h‖ (t √(1 − φ²) − φ √(1 − t²)) / (‖g_j‖ √(1 −
    t²)) g_j, beginning with h = g_i; then t ← (1 − β) t + β φ. The update is Σ h_i.

    Attributes:
        beta: How fast the targets follow, from 0 (never: PCGrad) to 1 (at once).
        targets: Cosine wanted of each pair, shape (..., K, K); None before the first step.

    Reference:
        Wang et al., ICLR 2021, Gradient Vaccine, Algorithm 1. https://arxiv.org/abs/2010.05874
    """

    title: ClassVar[str] = "GradVac"
    remembered: ClassVar[tuple[str, ...]] = ("targets",)

    def __init__(self, *, beta: Share = 0.01) -> None:
        self.beta = beta
        self.targets: Array | None = None

    def __call__(self, gram: Array, generator: np.random.Generator) -> Combination:
        """Combine and move the targets; see `Combiner`.

        Raises:
            ConfigError: If the number of tasks or problems changed since the last step.
        """
        order = random_order(gram.shape[:-1], generator)
        coefficients = np.zeros(gram.shape) + np.eye(gram.shape[-1])
        if gram.shape[-1] > 1:
            kept = np.zeros(gram.shape) if self.targets is None else self.targets
            targets = self.same_tasks(kept, gram.shape)
            for visit in range(order.shape[-1]):
                self._visit(gram, coefficients, targets, order[..., visit, None])
            self.targets = targets
        return from_coefficients(coefficients, order)

    def _visit(self, gram: Array, coefficients: Array, targets: Array, met: Order) -> None:
        """Let every task i meet its task j = met, shape (..., K, 1); changes both in place."""
        products = coefficients @ gram
        own = np.sqrt(np.maximum((products * coefficients).sum(axis=-1, keepdims=True), 0))
        lengths = np.broadcast_to(norms(gram)[..., None, :], gram.shape)
        other = np.take_along_axis(lengths, met, axis=-1)
        known = (own > 0) & (other > 0)
        inner = np.take_along_axis(products, met, axis=-1)
        cosine = np.divide(inner, own * other, out=np.zeros_like(inner), where=known)
        cosine = np.clip(cosine, -1, 1)
        target = np.take_along_axis(targets, met, axis=-1)
        added = _multiple(cosine, target) * np.divide(
            own, other, out=np.zeros_like(own), where=known
        )
        # Most pairs need nothing, and an unknown cosine asks for nothing.
        added = np.where(known & (cosine < target), added, 0.0)
        coefficients += added * (met == np.arange(gram.shape[-1]))
        followed = np.where(known, (1 - self.beta) * target + self.beta * cosine, target)
        np.put_along_axis(targets, met, followed, axis=-1)


def _multiple(cosine: Array, target: Array) -> Array:
    """How much of unit vector j turns a unit vector with this cosine to j to the target cosine."""
    sine, wanted = np.sqrt(1 - cosine**2), np.sqrt(np.maximum(1 - target**2, 0))
    return (target * sine - cosine * wanted) / np.maximum(wanted, _SMALLEST_SINE)
