"""What every encoder is: an embedding layer, and a module that makes one vector of its output."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from mtlviz.engine.models.tokens import Tokens


class Encoder(nn.Module, ABC):
    """Turns texts into vectors in two halves, so that a task's alignment fits between them.

    Attributes:
        attends: Whether its layers are those of a transformer.
        embedding_width: Width d of the vectors between the halves.
        output_width: Width r of an encoded text: the capacity.
    """

    attends: bool = False
    embedding_width: int
    output_width: int

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

    def freeze(self) -> None:
        """Keep the whole encoder as it is: nothing trains and nothing is dropped out."""
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Encoder:
        """Switch dropout on or off; a frozen encoder stays without dropout."""
        frozen = not any(parameter.requires_grad for parameter in self.parameters())
        return super().train(mode and not frozen)
