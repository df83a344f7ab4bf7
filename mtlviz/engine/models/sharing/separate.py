"""No sharing: the single-task baselines, trained side by side."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mtlviz.engine.models.sharing.sharing import MakeEncoder, Sharing
from mtlviz.engine.models.tokens import Tokens


class Separate(Sharing):
    """Give every task an encoder of its own: single-task training, the baseline."""

    def __init__(self, make_encoder: MakeEncoder, tasks: int, generator: torch.Generator) -> None:
        super().__init__()
        self.encoders = nn.ModuleList(make_encoder() for _ in range(tasks))
        self.output_width = self.encoders[0].output_width

    def embed(self, task: int, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """The task's own embedding layer."""
        embedded = self.encoders[task].embed(tokens)
        return embedded, embedded

    def encode(self, task: int, inputs: Tensor, tokens: Tokens) -> Tensor:
        """The task's own encoder."""
        return self.encoders[task].encode(inputs, tokens)

    def shared_parameters(self) -> list[nn.Parameter]:
        """None."""
        return []

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """All of the task's own encoder."""
        return list(self.encoders[task].parameters())
