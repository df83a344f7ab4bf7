"""Small modules that attend, or are attended to."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from mtlviz.engine.models.initial import normal, uniform

_DEVIATION = 0.02
"""Spread of BERT's own starting weights."""


class ProjectedAttention(nn.Module):
    """A task's attention beside the layers: GELU(V_d attention(V_e x)).

    Args:
        width: Width h of token vectors.
        inner: Width d of the attention.
        heads: Its heads.
        places: Names of the layers' places.
        generator: Source of starting weights; V_d and all biases start at zero.
    """

    def __init__(
        self, width: int, inner: int, heads: int, places: Sequence[str], generator: Generator
    ) -> None:
        super().__init__()
        self.heads = heads
        self.enter = nn.Parameter(normal((inner, width), _DEVIATION, generator))
        self.enter_bias = nn.Parameter(torch.zeros(inner))
        self.maps = nn.ParameterDict(
            {place: normal((3 * inner, inner), 1 / sqrt(inner), generator) for place in places}
        )
        self.biases = nn.ParameterDict({place: torch.zeros(3 * inner) for place in places})
        self.leave = nn.Parameter(torch.zeros(width, inner))
        self.leave_bias = nn.Parameter(torch.zeros(width))

    def forward(self, place: str, x: Tensor, mask: Tensor) -> Tensor:
        """What it adds beside a layer that reads x (N, T, h); mask (N, T)."""
        narrow = functional.linear(x, self.enter, self.enter_bias)
        three = functional.linear(narrow, self.maps[place], self.biases[place])
        parts = three.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        # The transformer trained from scratch may put a vector in front of the text.
        seen = functional.pad(mask, (x.shape[1] - mask.shape[1], 0), value=True)
        attended = functional.scaled_dot_product_attention(*parts, attn_mask=seen[:, None, None])
        joined = attended.transpose(1, 2).flatten(2)
        return functional.gelu(functional.linear(joined, self.leave, self.leave_bias))


class Prefixes(nn.Module):
    """Learned keys and values of every layer.

    Args:
        places: Names of the layers' places.
        length: Keys of a layer.
        width: Width h of a layer, all heads together.
        generator: Source of starting weights.
    """

    def __init__(
        self, places: Sequence[str], length: int, width: int, generator: Generator
    ) -> None:
        super().__init__()
        self.pairs = nn.ParameterDict(
            {place: normal((length, 2 * width), _DEVIATION, generator) for place in places}
        )

    def pair(self, place: str) -> Tensor:
        """A layer's keys and values side by side, (P, 2 h)."""
        return self.pairs[place]

    def forward(self, place: str, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values (N, H, T, d) with the layer's in front, (N, H, P + T, d)."""
        examples, heads = keys.shape[:2]
        parts = self.pair(place).to(keys.dtype).unflatten(1, (2, heads, -1)).permute(1, 2, 0, 3)
        first, second = (part.expand(examples, -1, -1, -1) for part in parts)
        return torch.cat([first, keys], 2), torch.cat([second, values], 2)


class MadePrefixes(Prefixes):
    """Keys and values of every layer, made from one vector a place by a net with tanh.

    Args:
        places: Names of the layers' places.
        length: Keys of a layer.
        width: Width h of a layer.
        inner: Width inside the net.
        generator: Source of starting weights.
    """

    def __init__(
        self, places: Sequence[str], length: int, width: int, inner: int, generator: Generator
    ) -> None:
        nn.Module.__init__(self)
        self.vectors = nn.Parameter(normal((length, width), _DEVIATION, generator))
        self.enter = nn.Parameter(uniform((inner, width), 1 / sqrt(width), generator))
        self.enter_bias = nn.Parameter(torch.zeros(inner))
        self.maps = nn.ParameterDict(
            {place: uniform((2 * width, inner), 1 / sqrt(inner), generator) for place in places}
        )
        self.biases = nn.ParameterDict({place: torch.zeros(2 * width) for place in places})

    def pair(self, place: str) -> Tensor:
        """What the net makes for a layer."""
        hidden = torch.tanh(functional.linear(self.vectors, self.enter, self.enter_bias))
        return functional.linear(hidden, self.maps[place], self.biases[place])
