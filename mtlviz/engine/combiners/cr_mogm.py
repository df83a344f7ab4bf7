"""CR-MOGM: another combiner's weights, smoothed over the steps."""

from typing import ClassVar, Literal

import numpy as np

from mtlviz.engine.combiners.cagrad import cagrad
from mtlviz.engine.combiners.combination import Array, Combination, from_coefficients
from mtlviz.engine.combiners.combiner_state import Remembering
from mtlviz.engine.combiners.mgda import mgda
from mtlviz.engine.combiners.pcgrad import pcgrad
from mtlviz.methods import Share

_SMOOTHED = {"mgda": mgda, "pcgrad": pcgrad, "cagrad": cagrad}


class CRMOGM(Remembering):
    """Smooth a combiner's weights over the steps, so that a batch's noise turns the update less.

    The weights are α times those of the last step plus 1 − α times the method's own; the first
    step's are the method's own. Every step must bring the same tasks; one task alone has weight 1.

    The update is Σ w_i g_i, with w ← α w + (1 − α) v, where v are the method's own weights.

    Args:
        of: The combiner whose weights are smoothed, with its default options.
        alpha: Share of the last step's weights that is kept; 0 is the combiner itself.

    Reference:
        Zhou et al., NeurIPS 2022, On the Convergence of Stochastic Multi-Objective Gradient
        Manipulation and Beyond, Algorithm 1, with α fixed; 0.9 is torchjd's default.
    """

    title: ClassVar[str] = "CR-MOGM"
    remembered: ClassVar[tuple[str, ...]] = ("smoothed",)

    def __init__(
        self, *, of: Literal["mgda", "pcgrad", "cagrad"] = "mgda", alpha: Share = 0.9
    ) -> None:
        self._combine, self._alpha = _SMOOTHED[of], alpha
        self.smoothed: Array | None = None

    def __call__(self, gram: Array, generator: np.random.Generator) -> Combination:
        """Combine and move the smoothed weights; see `Combiner`.

        Raises:
            ConfigError: If the number of tasks or problems changed since the last step.
        """
        found = self._combine(gram, generator)
        if gram.shape[-1] == 1:
            return found
        fresh = found.coefficients
        last = fresh if self.smoothed is None else self.same_tasks(self.smoothed, fresh.shape)
        self.smoothed = self._alpha * last + (1 - self._alpha) * fresh
        return from_coefficients(self.smoothed.copy(), found.order)
