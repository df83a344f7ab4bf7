"""One adapter for all tasks and one for each, in every layer of a kept encoder."""

from __future__ import annotations

from mtlviz.engine.models.sharing.method import Beside, Variant
from mtlviz.engine.models.sharing.pfeiffer import Pfeiffer, Reduction
from mtlviz.methods import AboveZero


class SharedPrivate(Pfeiffer):
    """Keep the encoder; all tasks learn one bottleneck in every layer together, and each its own.

    A text passes the common bottleneck of a layer first, then its task's. Of all that trains, the
    common bottlenecks alone are shared: the tasks' gradients meet there, and are as small.

    u ← u + B(u), then u ← u + B_k(u), with B(u) = W_u ReLU(W_d LN(u) + b_d) + b_u.

    Args:
        reduction: How many times narrower than the layer each bottleneck is.
        deviation: Spread of their starting weights.
        variant: 'fixed' keeps the encoder as it is, 'joint' trains it too.
        pace: Step size of the inserts as a multiple of the learning rate. Empty: 5 with a
            checkpoint (published for such bottlenecks: 1e-4; about 2e-5 for training everything),
            else 1.

    Reference:
        None for the pair: bottlenecks of Pfeiffer et al., EACL 2021; a common part beside private
        ones as in Liu, Qiu, Huang, ACL 2017; https://arxiv.org/abs/1704.05742.
    """

    title = "Shared and private adapters"

    @property
    def beside(self) -> Beside:
        """Adapters of all tasks, and of each."""
        return Beside(("adapters of its own in the layers",), ("common adapters in the layers",))

    def __init__(
        self,
        *,
        reduction: Reduction = 16,
        deviation: AboveZero = 0.01,
        variant: Variant = "fixed",
        pace: AboveZero | None = None,
    ) -> None:
        super().__init__(
            reduction=reduction, deviation=deviation, owner="both", variant=variant, pace=pace
        )
