"""The net of a hypernetwork: from vectors of task, layer and part to adapters and norms."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from mtlviz.engine.models.initial import layer_norm, linear, normal

_DEVIATION = 0.01
"""Spread of what makes W_d: with vectors of unit length a place, its entries come to about 0.08."""


class Widths(NamedTuple):
    """Widths of the net: of the layer, a bottleneck, the vectors, and the joining net's inside."""

    layer: int
    bottleneck: int
    vector: int
    hidden: int


class TaskVector(nn.Module):
    """All that a task has of its own."""

    def __init__(self, width: int, generator: Generator) -> None:
        super().__init__()
        self.vector = nn.Parameter(normal((width,), 1.0, generator))


class Generators(nn.Module):
    """Vectors of layers and parts, the net that joins them with a task's, and linear maps above it.

    Args:
        widths: Its widths.
        layers: Layers that have a vector.
        norms: Whether norms are changed too.
        generator: Source of starting weights; what makes W_u, b_u and norms starts at zero.
    """

    def __init__(self, widths: Widths, layers: int, norms: bool, generator: Generator) -> None:
        super().__init__()
        width, inner, vector, hidden = self.widths = widths
        self.layers = nn.Parameter(normal((layers, vector), 1.0, generator))
        self.parts = nn.Parameter(normal((2, vector), 1.0, generator))
        self.enter = linear(3 * vector, hidden, generator)
        self.leave = linear(hidden, vector, generator)
        self.norm = layer_norm(vector)
        self.down = _map(vector, inner * width, generator)
        self.down_bias = _map(vector, inner)
        self.up = _map(vector, width * inner)
        self.up_bias = _map(vector, width)
        self.scale = _map(vector, width) if norms else None
        self.shift = _map(vector, width) if norms else None

    def joined(self, task: Tensor, layer: int, part: int) -> Tensor:
        """The vector z (t,) that everything at a place is made of."""
        given = torch.cat([task, self.layers[layer], self.parts[part]])
        return self.norm(self.leave(functional.relu(self.enter(given))))

    def adapted(self, z: Tensor, x: Tensor) -> Tensor:
        """Token vectors, and what the bottleneck made of z adds to them."""
        width, inner = self.widths[:2]
        down, up = self.down(z).view(inner, width), self.up(z).view(width, inner)
        between = functional.gelu(functional.linear(x, down, self.down_bias(z)))
        return x + functional.linear(between, up, self.up_bias(z))

    def normed(self, z: Tensor, norm: nn.LayerNorm, x: Tensor) -> Tensor:
        """What a norm makes of its input with the scale and shift made of z."""
        scale, shift = norm.weight + self.scale(z), norm.bias + self.shift(z)
        return functional.layer_norm(x, norm.normalized_shape, scale, shift, norm.eps)


def _map(inputs: int, outputs: int, generator: Generator | None = None) -> nn.Linear:
    """A linear map that starts at zero, or, but for its bias, close to it."""
    made = nn.utils.skip_init(nn.Linear, inputs, outputs)
    with torch.no_grad():
        made.bias.zero_()
        made.weight.zero_()
        if generator is not None:
            made.weight.normal_(0, _DEVIATION, generator=generator)
    return made
