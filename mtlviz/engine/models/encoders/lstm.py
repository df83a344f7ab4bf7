"""A recurrent sentence encoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.embedding import WordEncoder
from mtlviz.engine.models.initial import lstm
from mtlviz.engine.models.pooling import average, check_pooling, last
from mtlviz.engine.models.tokens import Tokens
from mtlviz.errors import ConfigError


class RecurrentEncoder(WordEncoder):
    """Read the words in order with an LSTM; keep its last output, or the mean of all.

    Raises:
        ConfigError: The pooling is neither 'last' nor 'mean', or the depth is 0.

    Reference:
        Hochreiter, Schmidhuber, 1997; used by Wu, Zhang, Ré, ICLR 2020, for six sentence tasks.
    """

    def __init__(self, run: RunConfig, vectors: Tensor, generator: torch.Generator) -> None:
        config = run.capacity
        super().__init__(vectors, config.train_vectors, config.width)
        check_pooling("lstm", config.pooling, ("last", "mean"))
        if config.depth < 1:
            raise ConfigError("The lstm encoder needs a depth of at least 1, got 0.")
        self.recurrent = lstm(
            self.embedding_width, config.width, config.depth, config.dropout, generator
        )
        self.dropout = nn.Dropout(config.dropout)
        self.pool = last if config.pooling == "last" else average

    def encode(self, embedded: Tensor, tokens: Tokens) -> Tensor:
        """Run over the tokens, then pool the outputs of the real ones."""
        # Packing needs the lengths on the CPU, for which a GPU would have to stop. Read forwards,
        # padding comes after a text and changes none of its outputs.
        read = self._packed if embedded.device.type == "cpu" else self._padded
        outputs = read(embedded, tokens.mask)
        pooled = outputs if tokens.places is not None else self.pool(outputs, tokens.mask)
        return self.dropout(pooled)

    def _padded(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Outputs after every token, those of padding included, (N, T, r)."""
        return self.recurrent(embedded)[0]

    def _packed(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Outputs after the real tokens only, zeros elsewhere, (N, T, r)."""
        packed = pack_padded_sequence(
            embedded.float(), mask.sum(1), batch_first=True, enforce_sorted=False
        )
        # Many processors have no LSTM in half precision, and torch then refuses to run one.
        with torch.autocast("cpu", enabled=False):
            outputs, _ = self.recurrent(packed)
        return pad_packed_sequence(outputs, batch_first=True, total_length=mask.shape[1])[0]
