"""Hard sharing: one encoder for all tasks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mtlviz.engine.models.sharing.sharing import MakeEncoder, Sharing
from mtlviz.engine.models.tokens import Tokens


class Hard(Sharing):
    """Share the whole encoder; only the heads belong to single tasks.

    Reference:
        Caruana, 1997; eq. 1 of Wu, Zhang, Ré, ICLR 2020.
    """

    def __init__(self, make_encoder: MakeEncoder, tasks: int, generator: torch.Generator) -> None:
        super().__init__()
        self.encoder = make_encoder()
        self.output_width = self.encoder.output_width

    def embed(self, task: int, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """The shared embedding layer."""
        embedded = self.encoder.embed(tokens)
        return embedded, embedded

    def encode(self, task: int, inputs: Tensor, tokens: Tokens) -> Tensor:
        """The shared encoder."""
        return self.encoder.encode(inputs, tokens)

    def shared_parameters(self) -> list[nn.Parameter]:
        """All of the encoder."""
        return list(self.encoder.parameters())

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """None besides the head."""
        return []
