"""SDMGrad: near the mean gradient, with weights that a few steps of descent improve."""

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from mtlviz.engine.combiners.combination import Array, Combination, from_weights
from mtlviz.engine.combiners.combiner_state import Remembering
from mtlviz.engine.combiners.gram import norms

_RATE, _MOMENTUM = 10.0, 0.5


class SDMGrad(Remembering):
    """Mix the mean gradient with MGDA's update, whose weights are improved from step to step.

    Weights w on the simplex make ‖(w + λ/K)ᵀJ‖ shorter by projected gradient steps that begin
    where the last update's ended; the update's weights are (w + λ/K) / (1 + λ). λ = 0 is close to
    MGDA, a large λ to the mean. The Gram matrix is taken relative to the gradients' mean length.
    The paper multiplies gradients of two independent batches, so that noise does not lengthen the
    diagonal; here both factors are the update's own. Every step must bring the same tasks.

    Args:
        direction: λ, the pull towards the mean gradient: 0.3 in the authors' experiments.
        steps: Steps of descent on w at each update.
        learning_rate: Size of these steps; the authors' code takes 10, with momentum 0.5.

    Reference:
        Xiao, Ban & Ji, NeurIPS 2023, Algorithm 1. https://arxiv.org/abs/2305.18409
    """

    title: ClassVar[str] = "SDMGrad"
    remembered: ClassVar[tuple[str, ...]] = ("shares",)

    def __init__(
        self,
        *,
        direction: Annotated[float, Field(ge=0, le=1e6)] = 0.3,
        steps: Annotated[int, Field(ge=1, le=1000)] = 20,
        learning_rate: Annotated[float, Field(gt=0, le=1e6)] = _RATE,
    ) -> None:
        self._direction, self._steps, self._rate = direction, steps, learning_rate
        self.shares: Array | None = None

    def __call__(self, gram: Array, generator: np.random.Generator) -> Combination:
        """Combine and improve the weights; see `Combiner`.

        Raises:
            ConfigError: If the number of tasks or problems changed since the last step.
        """
        if gram.shape[-1] == 1:
            return from_weights(np.ones(gram.shape[:-1]))
        self.shares = self._improved(relative(gram), self.last_shares(gram.shape[:-1]))
        wanted = self._direction / gram.shape[-1]
        return from_weights((self.shares + wanted) / (1 + self._direction))

    def _improved(self, gram: Array, shares: Array) -> Array:
        """The shares after this update's steps of descent, shape (..., K)."""
        wanted, velocity = self._direction / gram.shape[-1], np.zeros(())
        for _ in range(self._steps):
            slope = (gram @ (shares + wanted)[..., None])[..., 0]
            velocity = _MOMENTUM * velocity + slope
            shares = onto_simplex(shares - self._rate * velocity)
        return shares


def relative(gram: Array) -> Array:
    """The Gram matrix of the gradients over their mean length; zeros where all are zero."""
    squared = norms(gram).mean(axis=-1)[..., None, None] ** 2
    return np.divide(gram, squared, out=np.zeros_like(gram), where=squared > 0)


def onto_simplex(values: Array) -> Array:
    """The nearest shares that are not negative and add up to 1, shape (..., K).

    Reference:
        Held, Wolfe & Crowder 1974; Duchi et al., ICML 2008, Figure 1.
    """
    falling = -np.sort(-values, axis=-1)
    excess = falling.cumsum(axis=-1) - 1
    # The level of the largest set that stays above it is the highest of all levels.
    level = (excess / np.arange(1, values.shape[-1] + 1)).max(axis=-1, keepdims=True)
    return np.maximum(values - level, 0)
