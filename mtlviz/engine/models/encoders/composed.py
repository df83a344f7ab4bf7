"""The module of encoders that start from word vectors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.encoders.method import WordEncoderMethod
from mtlviz.engine.models.initial import linear
from mtlviz.engine.models.inserts.places import Place
from mtlviz.engine.models.inserts.sites import Sites
from mtlviz.engine.models.tokens import Tokens


class ComposedEncoder(Encoder):
    """A table of word vectors, and a method's parts above it.

    Args:
        method: What it does.
        run: Settings of the run.
        vectors: The table (V, d).
        generator: Source of the starting weights.
    """

    def __init__(
        self,
        method: WordEncoderMethod,
        run: RunConfig,
        vectors: Tensor,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        kept = not run.capacity.train_vectors
        self.words = nn.Embedding.from_pretrained(vectors.clone(), freeze=kept)
        self.method, self.attends = method, method.attends
        self.embedding_width, self.output_width = vectors.shape[1], run.capacity.width
        self._places = method.places(run, self.embedding_width)
        for name, part in method.parts(run, self.embedding_width, generator).items():
            setattr(self, name, part)

    def embed(self, tokens: Tokens) -> Tensor:
        """As the method says."""
        return self.method.embed(self, tokens)

    def encode(self, embedded: Tensor, tokens: Tokens) -> Tensor:
        """As the method says."""
        return self.method.encode(self, embedded, tokens)

    @property
    def places(self) -> tuple[Place, ...]:
        """As the method says."""
        return self._places

    def sites(self) -> Sites:
        """As the method says."""
        return self.method.sites(self)


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
