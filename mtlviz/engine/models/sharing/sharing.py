"""What every way of sharing is: it owns the encoders and says which parameters are whose."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
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

    def paced(self) -> Sequence[Paced]:
        """Parameters with a step size of their own; none unless the method has some."""
        return ()

    def begin_phase(self, number: int) -> Iterable[nn.Parameter]:
        """Go on to a phase of the run, from 0; the parameters that are kept as they are in it."""
        return ()

    def encoder_parameters(self) -> list[nn.Parameter]:
        """Parameters of encoders, whosever they are: they train at the encoder's step size."""
        encoders = (module for module in self.modules() if isinstance(module, Encoder))
        return list(dict.fromkeys(p for encoder in encoders for p in encoder.parameters()))

    def by_layer(self, parameters: Sequence[nn.Parameter]) -> list[list[int]]:
        """The places of parameters in a list, by the encoder's layers.

        Returns:
            One list for the embedding layer, one for each layer above it, and one for what stands
            beside the encoder.
        """
        encoders = [module for module in self.modules() if isinstance(module, Encoder)]
        depth = max(encoder.depth for encoder in encoders)
        named = ((e, name, p) for e in encoders for name, p in e.named_parameters())
        layer = {parameter: encoder.layer_of(name) for encoder, name, parameter in named}
        found: list[list[int]] = [[] for _ in range(depth + 2)]
        for place, parameter in enumerate(parameters):
            found[layer.get(parameter, depth + 1)].append(place)
        return found

    def after_update(self, rate: float) -> None:
        """What is done to the parameters after each update with the encoder's step size."""

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

    def begin_phase(self, number: int) -> Iterable[nn.Parameter]:
        """As the method says."""
        return self.method.begin_phase(self, number)

    def shared_parameters(self) -> list[nn.Parameter]:
        """All of the encoder, and the parts that the tasks share."""
        parts = (getattr(self, name) for name in self.method.in_common)
        return [*self.encoder.parameters(), *(p for part in parts for p in part.parameters())]

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """The task's entries of the method's parts."""
        return [p for name in self.method.own for p in _parameters(getattr(self, name)[task])]


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


def _parameters(part: nn.Parameter | nn.Module) -> list[nn.Parameter]:
    """A part that is one parameter, or those of a module."""
    return list(part.parameters()) if isinstance(part, nn.Module) else [part]
