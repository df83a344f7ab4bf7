"""Soft sharing: encoders of their own, drawn together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtlviz.engine.models.sharing.method import Counts, SharingMethod
from mtlviz.methods import AtLeastZero

if TYPE_CHECKING:
    from torch import Generator

    from mtlviz.engine.estimate.sizes import EncoderSize
    from mtlviz.engine.models.sharing.sharing import MakeEncoder, Sharing


class Soft(SharingMethod):
    """Give each task its own encoder, and pull all of them towards their mean after every update.

    After each update every weight θ_k of task k's encoder becomes θ_k − η λ (θ_k − θ̄), with step
    size η and the mean θ̄ over tasks: the step of the penalty λ/2 Σ ‖θ_k − θ̄‖², kept apart from
    AdamW's scaling as its weight decay is. All encoders start alike. At λ = 0 everything is
    separate; once η λ reaches 1 the encoders are one again after every update. No trained weight
    is shared, so task gradients never meet and there is nothing to combine.

    Args:
        pull: Strength λ of the pull; the weights lose the share η λ of their distance an update.

    Reference:
        Duong et al., ACL 2015, equation 2: an ℓ₂ penalty on the distance of two tasks' weights.
        https://aclanthology.org/P15-2139 Here the pull is decoupled, as in AdamW.
    """

    shares = False
    meets = "each encoder is pulled towards the others"

    def __init__(self, *, pull: AtLeastZero = 10.0) -> None:
        self.pull = pull

    def counts(self, encoder: EncoderSize, tasks: int) -> Counts:
        """An encoder for each task."""
        return Counts(0, encoder.trained, tasks * (encoder.total - encoder.trained))

    def make(self, make_encoder: MakeEncoder, tasks: int, generator: Generator) -> Sharing:
        """Copies of one encoder."""
        from mtlviz.engine.models.sharing.columns import PulledEncoders, alike

        return PulledEncoders(alike(make_encoder(), tasks), self.pull)
