"""What every way of sharing is: it owns the encoders and says which parameters are whose."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from torch import Generator, Tensor, nn

from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.sharing.method import SharingMethod
from mtlviz.engine.models.tokens import Tokens

MakeEncoder = Callable[[], Encoder]
"""Makes one more encoder of the run's kind, with fresh starting weights."""


@dataclass(frozen=True)
class Paced:
    """Parameters whose step size differs from that of the group they belong to.

    Attributes:
        parameters: These.
        factor: Their step size as a multiple of the run's learning rate.
    """

    parameters: Sequence[nn.Parameter] = field(default_factory=tuple)
    factor: float = 1.0


class Sharing(nn.Module, ABC):
    """Turns one task's tokens into vectors, with modules shared as the method says.

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

    def paced(self) -> Paced:
        """Parameters with a step size of their own; none unless the method has some."""
        return Paced()

    def forward(self, task: int, tokens: Tokens) -> Tensor:
        """One task's texts as vectors, (N, r)."""
        _, inputs = self.embed(task, tokens)
        return self.encode(task, inputs, tokens)


class SharedEncoder(Sharing):
    """One encoder for all tasks, and what a method puts around it.

    Args:
        method: What it puts there.
        encoder: The shared encoder.
        tasks: Number of tasks.
        generator: Source of starting weights.
    """

    def __init__(
        self, method: SharingMethod, encoder: Encoder, tasks: int, generator: Generator
    ) -> None:
        super().__init__()
        self.method, self.encoder, self.output_width = method, encoder, encoder.output_width
        if not method.trains_encoder:
            encoder.freeze()
        for name, part in method.parts(encoder, tasks, generator).items():
            setattr(self, name, part)

    def embed(self, task: int, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """The shared embedding layer, then what the method does before the shared module."""
        embedded = self.encoder.embed(tokens)
        return embedded, self.method.enter(self, task, embedded)

    def encode(self, task: int, inputs: Tensor, tokens: Tokens) -> Tensor:
        """The shared encoder, then what the method does after it."""
        return self.method.leave(self, task, self.encoder.encode(inputs, tokens))

    def shared_parameters(self) -> list[nn.Parameter]:
        """All of the encoder."""
        return list(self.encoder.parameters())

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """The task's entries of the method's parts."""
        return [getattr(self, name)[task] for name in self.method.own]


class OwnEncoders(Sharing):
    """An encoder for each task."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        super().__init__()
        self.encoders = nn.ModuleList(encoders)
        self.output_width = encoders[0].output_width

    def embed(self, task: int, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """The task's own embedding layer."""
        embedded = self.encoders[task].embed(tokens)
        return embedded, embedded

    def encode(self, task: int, inputs: Tensor, tokens: Tokens) -> Tensor:
        """The task's own encoder."""
        return self.encoders[task].encode(inputs, tokens)

    def shared_parameters(self) -> list[nn.Parameter]:
        """None."""
        return []

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """All of the task's own encoder."""
        return list(self.encoders[task].parameters())
