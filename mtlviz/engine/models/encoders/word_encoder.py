"""The module of encoders that start from word vectors."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.encoder import Encoder, Layered
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
        self._depth, self._stops = run.capacity.depth, method.stops(run)
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

    def layer_of(self, name: str) -> int:
        """As the method says."""
        return self.method.layer_of(name, self._depth)

    def layered(self, embedded: Tensor, tokens: Tokens) -> Layered:
        """As the method says."""
        return self.method.layered(self, embedded, tokens)

    @property
    def stops(self) -> int:
        """As the method says."""
        return self._stops


_LAYER = 3  # Linear, ReLU, dropout.


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


def by_layer(layers: nn.Sequential) -> Iterator[nn.Sequential]:
    """The layers of a stack one by one; a single linear map is one layer."""
    for first in range(0, len(layers), _LAYER):
        yield layers[first : first + _LAYER]


def stack_layer(name: str, before: int = 0) -> int:
    """The layer of a parameter `layers.3.weight` of a stack that stands above so many others."""
    return int(name.split(".")[1]) // _LAYER + 1 + before
