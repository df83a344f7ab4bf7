"""The block of the transformer that is trained from scratch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from mtlviz.engine.config import CapacityConfig
from mtlviz.engine.models.initial import layer_norm, linear
from mtlviz.engine.models.inserts.sites import Site

_THREE = ("query", "key", "value")


class Block(nn.Module):
    """Attention, then a feed-forward layer four times as wide, each added to its input."""

    def __init__(self, config: CapacityConfig, generator: torch.Generator) -> None:
        super().__init__()
        width = config.width
        self.heads = config.attention_heads
        self.attention_norm, self.feed_norm = layer_norm(width), layer_norm(width)
        self.queries_keys_values = linear(width, 3 * width, generator)
        self.attention_output = linear(width, width, generator)
        self.expand = linear(width, 4 * width, generator)
        self.contract = linear(4 * width, width, generator)
        self.dropout = nn.Dropout(config.dropout)
        self.attend, self.output = Attend(config.dropout), nn.Identity()

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        """One layer: (N, T, r) in, (N, T, r) out; mask (N, 1, 1, T), None without padding."""
        hidden = hidden + self.dropout(self._attend(self.attention_norm(hidden), mask))
        wide = functional.gelu(self.expand(self.feed_norm(hidden)))
        return self.output(hidden + self.dropout(self.contract(wide)))

    def sites(self) -> dict[str, Site]:
        """Where something can be put inside, by name."""
        width, maps = self.attention_output.in_features, self.queries_keys_values
        parts = {name: slice(n * width, (n + 1) * width) for n, name in enumerate(_THREE)}
        return {
            **{name: Site(maps, part=part) for name, part in parts.items()},
            "attention": Site(self.attention_output),
            "attention_norm": Site(self.attention_norm),
            "expand": Site(self.expand),
            "inner": Site(self.contract, before=True),
            "contract": Site(self.contract),
            "output_norm": Site(self.feed_norm),
            "feed": Site(self.contract, reads=self.expand),
            "sum": Site(self.output),
            "beside": Site(self.output, reads=self.attention_norm),
            "heads": Site(self.attend, of_keys=True),
        }

    def _attend(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        parts = self.queries_keys_values(hidden).unflatten(2, (3, self.heads, -1))
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        attended = self.attend(queries, keys, values, mask)
        return self.attention_output(attended.transpose(1, 2).flatten(2))


class Attend(nn.Module):
    """Attention of queries to keys, with dropout; a module of its own so that keys can be added."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        """Three tensors (N, H, T, d) and a mask (N, 1, 1, T), None without padding."""
        rate = self.rate if self.training else 0.0
        return functional.scaled_dot_product_attention(
            queries, keys, values, attn_mask=mask, dropout_p=rate
        )


def run_block(
    block: nn.Module, hidden: Tensor, mask: Tensor | None, again: Callable[[], Any] | None
) -> Tensor:
    """A block's output.

    Args:
        block: The block.
        hidden: Token vectors (N, T, r).
        mask: Real tokens (N, 1, 1, T); None without padding.
        again: Where activations are made again in the backward pass: what surrounds the block's
            pass, and its repetition.
    """
    if again is not None and torch.is_grad_enabled():
        return checkpoint(block, hidden, mask, use_reentrant=False, context_fn=again)
    return block(hidden, mask)
