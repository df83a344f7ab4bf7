"""From one vector per token to one vector per text."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mtlviz.errors import ConfigError


def average(vectors: Tensor, mask: Tensor) -> Tensor:
    """Mean over a text's real tokens: (N, T, d) and (N, T) give (N, d)."""
    # Padding may hold anything, so it is replaced and not multiplied by zero.
    kept = vectors.masked_fill(~mask.unsqueeze(2), 0)
    return kept.sum(1) / mask.sum(1, keepdim=True).to(vectors.dtype)


def last(vectors: Tensor, mask: Tensor) -> Tensor:
    """The vector of a text's last real token: (N, T, d) and (N, T) give (N, d)."""
    rows = torch.arange(len(vectors), device=vectors.device)
    return vectors[rows, mask.sum(1) - 1]


def check_pooling(encoder: str, given: str, known: Sequence[str]) -> None:
    """Refuse a pooling that an encoder does not have.

    Raises:
        ConfigError: It is not among those the encoder knows.
    """
    if given not in known:
        raise ConfigError(
            f"The {encoder} encoder cannot pool by {given!r}. Known: {', '.join(known)}."
        )
