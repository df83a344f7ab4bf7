"""Experts above an encoder, run all at once, and gates that weigh them."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import torch
from torch import Generator, Tensor, nn

from mtlviz.engine.models.initial import uniform


class Experts(nn.Module):
    """So many layers of ReLU beside each other, each as wide as what it reads.

    Args:
        count: Number of experts.
        width: Width r of a text's vector.
        generator: Source of the starting weights, uniform within ±1/√r as of torch's own layers.
    """

    def __init__(self, count: int, width: int, generator: Generator) -> None:
        super().__init__()
        bound = 1 / sqrt(width)
        self.weight = nn.Parameter(uniform((count, width, width), bound, generator))
        self.bias = nn.Parameter(uniform((count, width), bound, generator))

    def forward(self, texts: Tensor) -> Tensor:
        """What every expert makes of vectors (..., r): (..., E, r)."""
        made = torch.einsum("...i,eoi->...eo", texts, self.weight.to(texts.dtype))
        return (made + self.bias.to(texts.dtype)).relu()


def weighed(gate: Tensor, texts: Tensor, answers: Sequence[Tensor]) -> Tensor:
    """The experts' answers weighed by a gate: Σ_e softmax(W x)_e answer_e.

    Args:
        gate: W (E, r); zeros weigh all experts alike.
        texts: Vectors x (..., r).
        answers: Answers (..., E_i, r) whose numbers of experts add up to E.
    """
    shares = torch.softmax(texts @ gate.to(texts.dtype).T, dim=-1)
    return torch.einsum("...e,...er->...r", shares, torch.cat(list(answers), dim=-2))
