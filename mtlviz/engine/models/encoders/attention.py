"""The block of the transformer that is trained from scratch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from mtlviz.engine.config import CapacityConfig
from mtlviz.engine.models.initial import layer_norm, linear


class Block(nn.Module):
    """Attention, then a feed-forward layer four times as wide, each added to its input."""

    def __init__(self, config: CapacityConfig, generator: torch.Generator) -> None:
        super().__init__()
        width = config.width
        self.heads, self.rate = config.attention_heads, config.dropout
        self.attention_norm, self.feed_norm = layer_norm(width), layer_norm(width)
        self.queries_keys_values = linear(width, 3 * width, generator)
        self.attention_output = linear(width, width, generator)
        self.expand = linear(width, 4 * width, generator)
        self.contract = linear(4 * width, width, generator)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        """One layer: (N, T, r) in, (N, T, r) out; mask (N, 1, 1, T), None without padding."""
        hidden = hidden + self.dropout(self._attend(self.attention_norm(hidden), mask))
        wide = functional.gelu(self.expand(self.feed_norm(hidden)))
        return hidden + self.dropout(self.contract(wide))

    def _attend(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        parts = self.queries_keys_values(hidden).unflatten(2, (3, self.heads, -1))
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(
            queries, keys, values, attn_mask=mask, dropout_p=self.rate if self.training else 0.0
        )
        return self.attention_output(attended.transpose(1, 2).flatten(2))


def run_block(block: nn.Module, hidden: Tensor, mask: Tensor | None, *, recompute: bool) -> Tensor:
    """A block's output; with `recompute` its activations are made again in the backward pass."""
    if recompute and torch.is_grad_enabled():
        return checkpoint(block, hidden, mask, use_reentrant=False)
    return block(hidden, mask)
