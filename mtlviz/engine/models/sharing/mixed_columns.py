"""Columns of layers that run side by side and are mixed after every layer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mtlviz.engine.models.encoders.encoder import Encoder, Layered
from mtlviz.engine.models.sharing.sharing import OwnEncoders
from mtlviz.engine.models.tokens import Tokens


class StitchedEncoders(OwnEncoders):
    """A column for each task; see `CrossStitch`.

    Args:
        encoders: One for each task.
        mix: Where the mixtures start: 0 separate, 1 the mean of all.
        hold: Whether they stay there.

    """

    def __init__(self, encoders: Sequence[Encoder], mix: float, hold: bool) -> None:
        super().__init__(encoders)
        count = len(encoders)
        start = (1 - mix) * torch.eye(count) + mix / count
        self.mixtures = nn.Parameter(start.repeat(encoders[0].stops, 1, 1), requires_grad=not hold)

    def encode(self, task: int, inputs: Tensor, tokens: Tokens) -> Tensor:
        """All columns in step, the task's own result at the end."""
        columns = [
            encoder.layered(inputs if k == task else encoder.embed(tokens), tokens)
            for k, encoder in enumerate(self.encoders)
        ]
        hidden = [next(column) for column in columns]
        for mixture in self.mixtures[:-1]:
            mixed = _mixed(mixture, hidden)
            hidden = [column.send(part) for column, part in zip(columns, mixed, strict=True)]
        ends = torch.stack([_ended(*pair) for pair in zip(columns, hidden, strict=True)])
        return torch.einsum("j,j...->...", self.mixtures[-1, task].to(ends.dtype), ends)

    def shared_parameters(self) -> list[nn.Parameter]:
        """All columns and mixtures: a text of any task passes them."""
        return list(self.parameters())

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """None."""
        return []


def _mixed(mixture: Tensor, hidden: Sequence[Tensor]) -> list[Tensor]:
    """Σ_j a_ij x_j for each column i."""
    together = torch.stack(list(hidden))
    return list(torch.einsum("ij,j...->i...", mixture.to(together.dtype), together))


def _ended(column: Layered, hidden: Tensor) -> Tensor:
    """What a column makes of its last layer's vectors."""
    try:
        column.send(hidden)
    except StopIteration as done:
        return done.value
    raise RuntimeError("A column has more layers than stops to look in.")
