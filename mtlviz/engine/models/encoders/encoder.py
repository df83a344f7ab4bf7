"""What every encoder is: an embedding layer, and a module that makes one vector of its output."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from typing import Any

from torch import Tensor, nn
from torch.utils.checkpoint import noop_context_fn

from mtlviz.engine.models.inserts.places import Place
from mtlviz.engine.models.inserts.sites import Sites
from mtlviz.engine.models.tokens import Tokens

Layered = Generator[Tensor, Tensor, Tensor]
"""Hands out what each layer gives, and goes on with what is sent back for it."""
Surroundings = Callable[[], tuple[AbstractContextManager[Any], AbstractContextManager[Any]]]
"""What surrounds a layer's forward pass, and its repetition where activations are made again."""


class Encoder(nn.Module, ABC):
    """Turns texts into vectors in two halves, so that a task's alignment fits between them.

    Attributes:
        attends: Whether its layers are those of a transformer.
        embedding_width: Width d of the vectors between the halves.
        output_width: Width r of an encoded text: the capacity.
        pretrained: Whether it starts from a checkpoint.
        drops_out: Whether dropout goes on in training when none of its weights train.
        replay: What surrounds a layer's pass and its repetition.
    """

    attends: bool = False
    embedding_width: int
    output_width: int
    pretrained: bool = False
    drops_out: bool = False
    replay: Surroundings

    def __init__(self) -> None:
        super().__init__()
        self.replay = noop_context_fn

    def surround(self, replay: Surroundings) -> None:
        """Say what surrounds a layer's forward pass, and its repetition in the backward pass."""
        self.replay = replay

    @property
    def places(self) -> tuple[Place, ...]:
        """Where something can be put inside, with widths."""
        return ()

    def sites(self) -> Sites:
        """The modules at these places, by layer and name."""
        return {}

    _held: tuple[nn.Module, ...] = ()

    @abstractmethod
    def embed(self, tokens: Tokens) -> Tensor:
        """The embedding layer: one vector per token, (N, T, d)."""

    @abstractmethod
    def encode(self, embedded: Tensor, tokens: Tokens) -> Tensor:
        """The shared module: one vector per text.

        Args:
            embedded: What `embed` returned, possibly aligned, (N, T, d).
            tokens: The texts; what their `mask` calls padding never changes the result.

        Returns:
            One vector per text, (N, r); one per token, (N, T, r), where `tokens.places` asks for
            them.
        """

    def forward(self, tokens: Tokens) -> Tensor:
        """Both halves: one vector per text, (N, r)."""
        return self.encode(self.embed(tokens), tokens)

    def layer_of(self, name: str) -> int:
        """The layer that a parameter of this name belongs to, from 1; 0 for the embedding layer."""
        return 1

    @property
    def depth(self) -> int:
        """How many layers there are above the embedding layer."""
        return max(self.layer_of(name) for name, _ in self.named_parameters())

    def layered(self, embedded: Tensor, tokens: Tokens) -> Layered:
        """What `encode` does, layer by layer, so that other encoders may look in between.

        An encoder whose layers cannot be parted looks out once, at its end.
        """
        return (yield self.encode(embedded, tokens))

    @property
    def stops(self) -> int:
        """How often `layered` hands out a layer's vectors."""
        return 1

    def freeze(self) -> None:
        """Keep the whole encoder as it is: nothing trains and nothing is dropped out."""
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        self.eval()

    def lowest(self, count: int) -> tuple[nn.Module, ...]:
        """The lower layers of a pretrained encoder, so many, and what lies below them.

        Raises:
            ConfigError: It has fewer.
        """
        return ()

    def hold(self, modules: tuple[nn.Module, ...]) -> None:
        """Let nothing be dropped out in these modules, from now on; the others do as before."""
        self._held = modules

    def train(self, mode: bool = True) -> Encoder:
        """Switch dropout on or off; a frozen encoder stays without, unless it shall not."""
        trains = any(parameter.requires_grad for parameter in self.parameters())
        super().train(mode and (trains or self.drops_out))
        for module in self._held:
            module.eval()
        return self


def unmixed(steps: Layered) -> Tensor:
    """What an encoder gives where nobody looks in between its layers."""
    try:
        hidden = next(steps)
        while True:
            hidden = steps.send(hidden)
    except StopIteration as done:
        return done.value
