"""Attention over what several adapters add."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from mtlviz.engine.models.initial import normal

_DEVIATION, _CLOSE = 0.02, 1e-6
"""Spread of queries and keys, as in BERT; and of what values differ from the identity."""


class Stage(nn.Module):
    """Whether adapters are fused; part of the model's state, so that a stored one answers so."""

    fuses: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("fuses", torch.tensor(True))


class Fusion(nn.Module):
    """One task's attention at one place.

    Args:
        width: Width h of token vectors.
        generator: Source of starting weights; biases start at zero.
    """

    def __init__(self, width: int, generator: Generator) -> None:
        super().__init__()
        self.query = nn.Parameter(normal((width, width), _DEVIATION, generator))
        self.query_bias = nn.Parameter(torch.zeros(width))
        self.key = nn.Parameter(normal((width, width), _DEVIATION, generator))
        self.key_bias = nn.Parameter(torch.zeros(width))
        self.value = nn.Parameter(normal((width, width), _CLOSE, generator))

    def forward(self, asking: Tensor, found: Sequence[Tensor]) -> Tensor:
        """What is added (N, T, h).

        Args:
            asking: The layer's output as it was, (N, T, h).
            found: What each adapter adds, as wide.
        """
        added = torch.stack(list(found), dim=-2)
        keys = functional.linear(added, self.key, self.key_bias)
        asked = functional.linear(asking, self.query, self.query_bias).unsqueeze(-2)
        weights = (asked * keys).sum(-1, keepdim=True).softmax(-2)
        # As values are linear, they are taken once, of the mixture.
        mixed = (weights * added).sum(-2)
        return mixed + functional.linear(mixed, self.value)
