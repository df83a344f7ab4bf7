"""Layers whose starting weights come from a given generator and from nowhere else.

Torch's own constructors draw from the process-wide generator; `skip_init` builds a layer without
drawing, and the helpers here fill it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from mtlviz.engine.randomness import untouched_random_state

Layer = TypeVar("Layer", bound=nn.Module)


def linear(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    """A linear layer, uniform within ±1/√inputs as torch's own."""
    layer = skip_init(nn.Linear, inputs, outputs)
    return _uniform(layer, 1 / sqrt(inputs), generator)


def convolution(inputs: int, outputs: int, width: int, generator: torch.Generator) -> nn.Conv1d:
    """A convolution over tokens of some width, uniform within ±1/√(inputs·width)."""
    layer = skip_init(nn.Conv1d, inputs, outputs, width)
    return _uniform(layer, 1 / sqrt(inputs * width), generator)


def lstm(
    inputs: int, width: int, depth: int, dropout: float, generator: torch.Generator
) -> nn.LSTM:
    """An LSTM of some layers, uniform within ±1/√width as torch's own."""
    # LSTM is the one constructor that `skip_init` cannot keep from drawing.
    with untouched_random_state():
        layer = nn.LSTM(
            inputs, width, depth, batch_first=True, dropout=dropout if depth > 1 else 0.0
        )
    return _uniform(layer, 1 / sqrt(width), generator)


def layer_norm(width: int) -> nn.LayerNorm:
    """A layer norm: scale one, shift zero; draws nothing."""
    return nn.LayerNorm(width)


def normal(shape: Sequence[int], deviation: float, generator: torch.Generator) -> Tensor:
    """Normal numbers around zero."""
    return torch.empty(*shape).normal_(0, deviation, generator=generator)


def uniform(shape: Sequence[int], bound: float, generator: torch.Generator) -> Tensor:
    """Uniform numbers within ±bound."""
    return torch.empty(*shape).uniform_(-bound, bound, generator=generator)


def _uniform(layer: Layer, bound: float, generator: torch.Generator) -> Layer:
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
    return layer
