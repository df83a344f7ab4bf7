"""The mean of a text's word vectors, then linear layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.embedding import WordEncoder
from mtlviz.engine.models.initial import linear
from mtlviz.engine.models.pooling import average
from mtlviz.engine.models.tokens import Tokens


class MeanEncoder(WordEncoder):
    """Average the word vectors, then apply linear layers with ReLU: fast, blind to word order.

    Depth 0 is one linear map without ReLU, the linear shared module of the theory. A pair read
    jointly becomes one bag of words; encode pairs separately to compare their texts.

    Reference:
        Wu, Zhang, Ré, ICLR 2020, section 2: the shared module B, linear or with ReLU.
    """

    def __init__(self, run: RunConfig, vectors: Tensor, generator: torch.Generator) -> None:
        config = run.capacity
        super().__init__(vectors, config.train_vectors, config.width)
        self.layers = stack(
            self.embedding_width, config.width, config.depth, config.dropout, generator
        )
        if config.depth == 0:
            self.layers.append(linear(self.embedding_width, config.width, generator))

    def encode(self, embedded: Tensor, tokens: Tokens) -> Tensor:
        """Average over the real tokens, then the layers."""
        return self.layers(average(embedded, tokens.mask))


def stack(
    inputs: int, width: int, depth: int, dropout: float, generator: torch.Generator
) -> nn.Sequential:
    """So many layers of linear, ReLU and dropout."""
    layers = nn.Sequential()
    for layer in range(depth):
        layers.append(linear(width if layer else inputs, width, generator))
        layers.append(nn.ReLU())
        layers.append(nn.Dropout(dropout))
    return layers
