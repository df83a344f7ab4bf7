"""What every way of sharing is: it owns the encoders and says which parameters are whose."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from torch import Tensor, nn

from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.tokens import Tokens

MakeEncoder = Callable[[], Encoder]
"""Makes one more encoder of the run's kind, with fresh starting weights."""


class Sharing(nn.Module, ABC):
    """Turns one task's tokens into vectors, with modules shared as the method says.

    A new way of sharing is one file: a class that is made from `(make_encoder, tasks, generator,
    **options)`. It may call `make_encoder` once or once per task, wrap or replace modules inside
    the encoder, and keep modules per task.

    Attributes:
        output_width: Width r of an encoded text.
    """

    output_width: int

    @abstractmethod
    def embed(self, task: int, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """Token vectors of the embedding layer, and as they enter the shared module.

        Returns:
            Two tensors (N, T, d), the same one twice if the task changes nothing in between.
        """

    @abstractmethod
    def encode(self, task: int, inputs: Tensor, tokens: Tokens) -> Tensor:
        """Token vectors (N, T, d) as they enter the shared module, to text vectors (N, r)."""

    @abstractmethod
    def shared_parameters(self) -> list[nn.Parameter]:
        """Parameters that every task uses, trained or not."""

    @abstractmethod
    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """Parameters that one task alone uses, trained or not."""

    def forward(self, task: int, tokens: Tokens) -> Tensor:
        """One task's texts as vectors, (N, r)."""
        _, inputs = self.embed(task, tokens)
        return self.encode(task, inputs, tokens)
