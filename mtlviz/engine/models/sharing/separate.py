"""No sharing: the single-task baselines, trained side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtlviz.engine.models.sharing.method import Counts, SharingMethod

if TYPE_CHECKING:
    from torch import Generator

    from mtlviz.engine.estimate.sizes import EncoderSize
    from mtlviz.engine.models.sharing.sharing import MakeEncoder, Sharing


class Separate(SharingMethod):
    """Give every task an encoder of its own: single-task training, the baseline.

    Task k answers A_k(f(x; θ_k)): encoder θ_k and head A_k are its own.

    Reference:
        None: single-task training.
    """

    shares = False

    def counts(self, encoder: EncoderSize, tasks: int) -> Counts:
        """An encoder for each task."""
        return Counts(0, encoder.trained, tasks * (encoder.total - encoder.trained))

    def make(self, make_encoder: MakeEncoder, tasks: int, generator: Generator) -> Sharing:
        """One encoder for each task."""
        from mtlviz.engine.models.sharing.sharing import OwnEncoders

        return OwnEncoders([make_encoder() for _ in range(tasks)])
