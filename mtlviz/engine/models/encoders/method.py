"""What is known of an encoder without torch, and how its module is made where torch is wanted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from mtlviz.engine.config import RunConfig
from mtlviz.errors import ConfigError

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.estimate.shapes import CheckpointShape
    from mtlviz.engine.models.encoders.encoder import Encoder, Layered
    from mtlviz.engine.models.inserts.places import Place
    from mtlviz.engine.models.inserts.sites import Sites
    from mtlviz.engine.models.tokens import Tokens


class EncoderMethod(ABC):
    """A kind of encoder; the first line of a subclass's docstring is its help.

    The app checks, sizes and draws encoders in a process without torch: a subclass imports torch
    only inside the functions that make or run the module.

    Attributes:
        noun: What sentences call it.
        poolings: How it can make one vector of many; with one alone the setting does nothing.
        uses_word_vectors: Whether it starts from a table of word vectors, or from a checkpoint.
        settings: Names of further settings of the capacity that it reads, for forms.
        least_width: Smallest width it can have.
        least_depth: Fewest layers it can have.
        attends: Whether its layers are those of a transformer.
        keeps_tokens: Whether it can give a vector for each token that tells of the whole input.
        per_text: Whether its layers see each text once, not each token.
        kept: Numbers a layer keeps for its backward pass, a token, in units of its width.
        efficiency: Share of a bare matrix product's speed that its layers reach, measured.
        layer_seconds: Time that Python and torch need around the arithmetic of a layer.
    """

    noun: ClassVar[str] = "an encoder"
    poolings: ClassVar[tuple[str, ...]] = ("mean",)
    uses_word_vectors: ClassVar[bool] = True
    settings: ClassVar[tuple[str, ...]] = ()
    least_width: ClassVar[int] = 1
    least_depth: ClassVar[int] = 0
    attends: ClassVar[bool] = False
    keeps_tokens: ClassVar[bool] = False
    per_text: ClassVar[bool] = False
    kept: ClassVar[float] = 5.0
    efficiency: ClassVar[float] = 0.2
    layer_seconds: ClassVar[float] = 1e-3

    def check(self, config: RunConfig) -> None:
        """Refuse settings that it cannot follow.

        Raises:
            ConfigError: If width, depth or pooling are none that it can have.
        """
        capacity = config.capacity
        name, pooling = capacity.encoder, capacity.pooling
        if len(self.poolings) > 1 and pooling not in self.poolings:
            known = ", ".join(sorted(self.poolings))
            raise ConfigError(f"The {name} encoder cannot pool by {pooling!r}. Known: {known}.")
        least = (self.least_width, self.least_depth)
        if capacity.width < least[0] or capacity.depth < least[1]:
            raise ConfigError(
                f"The {name} encoder needs a width of at least {least[0]} and a depth of at least "
                f"{least[1]}, got width {capacity.width} and depth {capacity.depth}."
            )

    def size(self, config: RunConfig, inputs: int) -> tuple[int, int]:
        """Parameters beside the word vectors: those that are looked up, and those of the layers.

        Args:
            config: The run's settings.
            inputs: Width of the word vectors.
        """
        raise NotImplementedError

    def layer_sizes(self, config: RunConfig, inputs: int) -> tuple[int, ...]:
        """Parameters of each layer above the embedding layer; the last has what stands above it.

        Args:
            config: The run's settings.
            inputs: Width of the word vectors.
        """
        return (self.size(config, inputs)[1],)

    def stops(self, config: RunConfig) -> int:
        """Between how many of its layers other encoders can look in, its end counted."""
        return 1

    def places(
        self, config: RunConfig, inputs: int, shape: CheckpointShape | None = None
    ) -> tuple[Place, ...]:
        """Where ways of sharing may put something inside; none where it has no such places.

        Args:
            config: The run's settings.
            inputs: Width of the word vectors.
            shape: Of its checkpoint, where it has one.
        """
        return ()

    @abstractmethod
    def make(self, run: RunConfig, vectors: Tensor | None, generator: Generator) -> Encoder:
        """The module.

        Args:
            run: Settings of the run.
            vectors: Word vectors (V, d) to start from; None where it uses none.
            generator: Source of the starting weights.

        Raises:
            MtlvizError: If the settings, or the checkpoint they name, do not do.
        """


class WordEncoderMethod(EncoderMethod):
    """An encoder over a table of word vectors: its parts, and what they do with a text's words."""

    def make(self, run: RunConfig, vectors: Tensor | None, generator: Generator) -> Encoder:
        """The table of word vectors and this method's parts as one module."""
        from mtlviz.engine.models.encoders.word_encoder import ComposedEncoder

        self.check(run)
        return ComposedEncoder(self, run, vectors, generator)

    @abstractmethod
    def parts(self, run: RunConfig, inputs: int, generator: Generator) -> dict[str, Any]:
        """Modules and parameters above the word vectors of this width, by name."""

    def sites(self, module: Any) -> Sites:
        """The modules at its places, by layer and name."""
        return {}

    def embed(self, module: Any, tokens: Tokens) -> Tensor:
        """The embedding layer: one vector per token, (N, T, d); each word's own if not replaced."""
        return module.words(tokens.ids)

    def encode(self, module: Any, embedded: Tensor, tokens: Tokens) -> Tensor:
        """From token vectors (N, T, d) to text vectors (N, r); padding never changes the result.

        Where `tokens.places` asks for them, to vectors of the tokens, (N, T, r). A method says
        either this or `layered`.

        Args:
            module: Has what `parts` returned as its attributes.
            embedded: The token vectors, possibly aligned.
            tokens: The texts.
        """
        from mtlviz.engine.models.encoders.encoder import unmixed

        return unmixed(self.layered(module, embedded, tokens))

    def layered(self, module: Any, embedded: Tensor, tokens: Tokens) -> Layered:
        """The same layer by layer; see `Encoder.layered`."""
        return (yield self.encode(module, embedded, tokens))

    def layer_of(self, name: str, depth: int) -> int:
        """The layer that a parameter of this name belongs to; 0 for the embedding layer.

        Args:
            name: As `named_parameters` calls it.
            depth: Layers that the run's settings ask for.
        """
        return 0 if name.startswith("words.") else 1


def linear_size(inputs: int, outputs: int) -> int:
    """Parameters of a linear layer."""
    return (inputs + 1) * outputs


def stack_size(inputs: int, width: int, depth: int) -> int:
    """Parameters of so many linear layers one after the other."""
    return sum(linear_size(width if layer else inputs, width) for layer in range(depth))
