"""The small modules that stand inside an encoder."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from mtlviz.engine.models.initial import uniform


class LowRank(nn.Module):
    """A change of low rank: adds scale · B A x to what a linear map makes of x.

    Args:
        inputs: Width of x.
        outputs: Width of the map's output.
        rank: Rows of A, columns of B.
        scale: alpha / rank.
        generator: Source of A; B starts at zero.
    """

    def __init__(
        self, inputs: int, outputs: int, rank: int, scale: float, generator: Generator
    ) -> None:
        super().__init__()
        self.scale = scale
        self.down = nn.Parameter(uniform((rank, inputs), 1 / sqrt(inputs), generator))
        self.up = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """What the map makes of x, changed."""
        return y + self.scale * functional.linear(functional.linear(x, self.down), self.up)


class Bottleneck(nn.Module):
    """Adds W_u φ(W_d x + b_d) + b_u to x.

    Args:
        width: Width h of x.
        inner: Width m between the two maps.
        deviation: Spread of both maps' weights, cut off at twice as much; biases start at zero.
        generator: Source of the weights.
        activation: φ.
    """

    def __init__(
        self,
        width: int,
        inner: int,
        deviation: float,
        generator: Generator,
        activation: Callable[[Tensor], Tensor] = functional.gelu,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.down = nn.Parameter(truncated((inner, width), deviation, generator))
        self.down_bias = nn.Parameter(torch.zeros(inner))
        self.up = nn.Parameter(truncated((width, inner), deviation, generator))
        self.up_bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """The input, and what the bottleneck adds to it."""
        return x + self.added(x)

    def added(self, x: Tensor) -> Tensor:
        """What it adds alone."""
        inner = self.activation(functional.linear(x, self.down, self.down_bias))
        return functional.linear(inner, self.up, self.up_bias)


class Beside(nn.Module):
    """Adds scale · (W_u ReLU(W_d x + b_d) + b_u) to what something makes of x.

    Args:
        inputs: Width of x.
        outputs: Width of what is made of it.
        inner: Width between the two maps.
        scale: Factor of what is added.
        generator: Source of W_d; all else starts at zero.
    """

    def __init__(
        self, inputs: int, outputs: int, inner: int, scale: float, generator: Generator
    ) -> None:
        super().__init__()
        self.scale = scale
        self.down = nn.Parameter(uniform((inner, inputs), 1 / sqrt(inputs), generator))
        self.down_bias = nn.Parameter(torch.zeros(inner))
        self.up = nn.Parameter(torch.zeros(outputs, inner))
        self.up_bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """What was made of x, and what is added."""
        inner = functional.relu(functional.linear(x, self.down, self.down_bias))
        return y + self.scale * functional.linear(inner, self.up, self.up_bias)


class Shift(nn.Module):
    """Adds a vector, which starts at zero: the change of a bias.

    Args:
        width: Entries of the vector.
        channels_first: Whether the entries come before the words, as in convolutions.
    """

    def __init__(self, width: int, *, channels_first: bool = False) -> None:
        super().__init__()
        self.channels_first = channels_first
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """What goes out, shifted."""
        return y + (self.shift.unsqueeze(1) if self.channels_first else self.shift)


class Factor(nn.Module):
    """Multiplies by one plus a vector, which starts at zero."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.change = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """What goes out, each entry times its factor."""
        return y * (1 + self.change)


class NormChange(nn.Module):
    """A task's own scale and shift of a layer norm, as differences from the norm's."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale, self.shift = (nn.Parameter(torch.zeros(width)) for _ in range(2))

    def forward(self, norm: nn.LayerNorm, x: Tensor) -> Tensor:
        """What the norm with the task's scale and shift makes of x."""
        scale, shift = norm.weight + self.scale, norm.bias + self.shift
        return functional.layer_norm(x, norm.normalized_shape, scale, shift, norm.eps)


def truncated(shape: tuple[int, int], deviation: float, generator: Generator) -> Tensor:
    """Normal numbers around zero, none farther than two deviations."""
    made = torch.empty(*shape)
    end = 2 * deviation
    return nn.init.trunc_normal_(made, std=deviation, a=-end, b=end, generator=generator)


def normed(module: nn.Module, x: Tensor) -> Tensor:
    """What a layer norm makes of x, none of its hooks called; x itself where there is no norm."""
    if not isinstance(module, nn.LayerNorm):
        return x
    return functional.layer_norm(x, module.normalized_shape, module.weight, module.bias, module.eps)
