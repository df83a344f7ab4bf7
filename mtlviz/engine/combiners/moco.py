"""MoCo: MGDA's weights, followed slowly, so that single batches bias them less."""

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from mtlviz.engine.combiners.combination import Array, Combination, from_weights
from mtlviz.engine.combiners.combiner_state import Remembering
from mtlviz.engine.combiners.sdmgrad import onto_simplex, relative
from mtlviz.methods import Share


class MoCo(Remembering):
    """Follow MGDA's weights in small steps, on inner products averaged over the updates.

    Weights λ on the simplex move down ½ λᵀ(M + ρI)λ, one projected step an update, where M
    follows the Gram matrix of the gradients relative to their mean length. The paper averages the
    gradients themselves, and moves along the averages: that needs every task's gradient a second
    time. Averaging inner products instead keeps the weights the same where gradients change slowly,
    and leaves the noise of a batch on M's diagonal, as ρ does; the update is of this batch's
    gradients. Every step must bring the same tasks; one task alone has weight 1.

    Args:
        beta: First step of M towards the new Gram matrix; 1 keeps nothing of earlier updates.
        gamma: First step of the weights.
        rho: Pull of the weights towards equal ones.
        decay: Both steps shrink as the number of updates to this negative power.

    Reference:
        Fernando et al., ICLR 2023, Algorithm 1, with the step sizes of the authors' code in LibMTL.
        https://openreview.net/forum?id=dLAYGdKTi2
    """

    title: ClassVar[str] = "MoCo"
    remembered: ClassVar[tuple[str, ...]] = ("shares", "average", "count")

    def __init__(
        self,
        *,
        beta: Share = 0.5,
        gamma: Annotated[float, Field(ge=0, le=1e6)] = 0.1,
        rho: Annotated[float, Field(ge=0, le=1e6)] = 0.0,
        decay: Share = 0.5,
    ) -> None:
        self._beta, self._gamma, self._rho, self._decay = beta, gamma, rho, decay
        self.shares: Array | None = None
        self.average: Array | None = None
        self.count = np.zeros(())

    def __call__(self, gram: Array, generator: np.random.Generator) -> Combination:
        """Combine and move the weights; see `Combiner`.

        Raises:
            ConfigError: If the number of tasks or problems changed since the last step.
        """
        if gram.shape[-1] == 1:
            return from_weights(np.ones(gram.shape[:-1]))
        fresh, shares = relative(gram), self.last_shares(gram.shape[:-1])
        last = fresh if self.average is None else self.average
        self.count = self.count + 1
        shrunk = float(self.count) ** -self._decay
        self.average = last + self._beta * shrunk * (fresh - last)
        slope = (self.average @ shares[..., None])[..., 0] + self._rho * shares
        self.shares = onto_simplex(shares - self._gamma * shrunk * slope)
        return from_weights(self.shares.copy())
