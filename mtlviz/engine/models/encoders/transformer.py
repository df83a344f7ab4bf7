"""A small transformer trained from scratch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from mtlviz.engine.config import CapacityConfig, RunConfig
from mtlviz.engine.models.encoders.embedding import WordEncoder
from mtlviz.engine.models.initial import layer_norm, linear, normal
from mtlviz.engine.models.pooling import average, check_pooling
from mtlviz.engine.models.tokens import Tokens
from mtlviz.errors import ConfigError

POSITION_DEVIATION = 0.05
"""Starting spread of position and segment vectors: about a third of that of random word vectors,
so that at the start a word says more than its place."""


class TransformerEncoder(WordEncoder):
    """Attention over the words, trained from scratch: any width, depth and number of heads.

    Layer norm comes before each block. Word vectors of another width are projected. With 'cls'
    pooling a learned vector is put in front of the text and its output stands for the text; with
    'mean' the outputs are averaged.

    Raises:
        ConfigError: The heads do not divide the width, or the pooling is 'pooler' or 'last'.

    Reference:
        Vaswani et al., NeurIPS 2017; Xiong et al., ICML 2020, for the place of layer norm.
    """

    def __init__(self, run: RunConfig, vectors: Tensor, generator: torch.Generator) -> None:
        config = run.capacity
        super().__init__(vectors, config.train_vectors, config.width)
        check_pooling("transformer", config.pooling, ("cls", "mean"))
        if config.width % config.attention_heads:
            raise ConfigError(
                f"The width must be a multiple of the attention heads, got width {config.width} "
                f"and {config.attention_heads} heads."
            )
        width, inputs = config.width, self.embedding_width
        self.positions = nn.Parameter(
            normal((run.data.max_length, inputs), POSITION_DEVIATION, generator)
        )
        self.segments = nn.Parameter(normal((2, inputs), POSITION_DEVIATION, generator))
        self.project = nn.Identity() if inputs == width else linear(inputs, width, generator)
        self.summary = None
        if config.pooling == "cls":
            self.summary = nn.Parameter(normal((width,), POSITION_DEVIATION, generator))
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config, generator) for _ in range(config.depth))
        self.norm = layer_norm(width)
        self.recompute = run.optimisation.gradient_checkpointing

    def embed(self, tokens: Tokens) -> Tensor:
        """Word vector plus position vector, plus segment vector."""
        length = tokens.ids.shape[1]
        # A single text is all first segment, so that every task trains every shared parameter.
        segments = self.segments[0 if tokens.segments is None else tokens.segments]
        return self.words(tokens.ids) + self.positions[:length] + segments

    def encode(self, embedded: Tensor, tokens: Tokens) -> Tensor:
        """Run the blocks, attending to real tokens only, then pool."""
        hidden, mask = self.dropout(self.project(embedded)), tokens.mask
        if self.summary is not None:
            first = self.summary.to(hidden.dtype).expand(len(hidden), 1, -1)
            hidden = torch.cat([first, hidden], dim=1)
            mask = functional.pad(mask, (1, 0), value=True)
        # Without a mask the fastest kernels of attention can be used.
        attended = None if tokens.full else mask[:, None, None]
        for block in self.blocks:
            hidden = self._run(block, hidden, attended)
        hidden = self.norm(hidden)
        if tokens.places is not None:
            return hidden if self.summary is None else hidden[:, 1:]
        return hidden[:, 0] if self.summary is not None else average(hidden, mask)

    def _run(self, block: nn.Module, hidden: Tensor, mask: Tensor | None) -> Tensor:
        if self.recompute and torch.is_grad_enabled():
            return checkpoint(block, hidden, mask, use_reentrant=False)
        return block(hidden, mask)


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
