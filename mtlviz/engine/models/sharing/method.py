"""What is known of a way of sharing without torch, and how its module is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from mtlviz.engine.config import RunConfig
from mtlviz.engine.phase_config import PhaseConfig

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

    from mtlviz.engine.estimate.shapes import CheckpointShape
    from mtlviz.engine.estimate.sizes import EncoderSize
    from mtlviz.engine.models.encoders.encoder import Encoder
    from mtlviz.engine.models.sharing.sharing import MakeEncoder, Sharing

Variant = Literal["joint", "fixed"]


class SharingSize(NamedTuple):
    """Parameters that a way of sharing adds to the encoder.

    Attributes:
        own: To each task.
        shared: To all tasks together.
        inside: How many of them a token passes inside the encoder.
    """

    own: int
    shared: int = 0
    inside: int = 0


class Kept(NamedTuple):
    """What a pass of one task's texts keeps for its backward pass.

    Attributes:
        share: Of what one encoder keeps that trains.
        more: Numbers a token beside it.
    """

    share: float = 1.0
    more: float = 0.0


KEPT_SHARE = 0.65
"""Of what a transformer's layers keep, the share without what weights that do not train would read;
counted on this program's transformer."""


class Counts(NamedTuple):
    """Parameters of a model without its heads.

    Attributes:
        shared: Trained ones that all tasks use.
        own: Trained ones of each task alone.
        frozen: Those that training leaves as they are, of all tasks together.
    """

    shared: int
    own: int
    frozen: int


class Beside(NamedTuple):
    """What a model has beside trunk and heads, in the words of its picture.

    Attributes:
        own: Each task for itself.
        common: All tasks together.
    """

    own: tuple[str, ...] = ()
    common: tuple[str, ...] = ()


class SharingMethod:
    """A way in which tasks share an encoder; the first line of a subclass's docstring is its help.

    Its options are the keyword-only parameters of its making. As it stands it is hard sharing: a
    subclass adds parts for each task, and says what they do before and after the shared module.
    Torch is imported only inside the functions that make or run the module.

    Attributes:
        own: Names of the parts that hold one entry per task, each that task's alone.
        in_common: Names of the parts beside the encoder that all tasks share.
        shares: Whether tasks share anything but their form.
        trains_encoder: Whether the shared encoder trains.
        meets: How tasks help each other where nothing that trains is shared; empty if they cannot.
        stages: Phases of a run that names none; none where it is one.
    """

    own: ClassVar[tuple[str, ...]] = ()
    in_common: ClassVar[tuple[str, ...]] = ()
    shares: ClassVar[bool] = True
    trains_encoder: bool = True
    meets: ClassVar[str] = ""
    stages: ClassVar[tuple[PhaseConfig, ...]] = ()

    def check(self, config: RunConfig, kinds: Sequence[str] = ()) -> None:
        """Refuse an encoder or kinds of task that it cannot work with; it works with all.

        Args:
            config: The run's settings.
            kinds: Kinds of its tasks, as far as they are known.

        Raises:
            ConfigError: If it cannot work with them.
        """

    @property
    def beside(self) -> Beside:
        """What stands beside trunk and heads."""
        own, common = ((n.replace("_", " ") for n in part) for part in (self.own, self.in_common))
        return Beside(tuple(own), tuple(common))

    @property
    def trains_shared(self) -> bool:
        """Whether anything trains that all tasks use, unless the whole encoder is frozen."""
        return self.shares and self.trains_encoder

    def check_encoder(self, config: RunConfig, shape: CheckpointShape | None = None) -> None:
        """Refuse a pretrained encoder of this shape; it works with all.

        Raises:
            ConfigError: If it cannot work with it.
        """

    def size(self, encoder: EncoderSize, tasks: int) -> SharingSize:
        """Parameters that it adds to an encoder shared by so many tasks."""
        own = self.extra(encoder.table[1], encoder.width)
        shared = self.together(encoder.width, tasks)
        return SharingSize(own, shared, inside=own + shared)

    def extra(self, inputs: int, outputs: int) -> int:
        """Parameters that it gives to each task: of word vectors and of texts these wide."""
        return 0

    def together(self, outputs: int, tasks: int) -> int:
        """Parameters beside the encoder that all tasks share, for texts so wide."""
        return 0

    def counts(self, encoder: EncoderSize, tasks: int) -> Counts:
        """How many parameters are whose.

        Args:
            encoder: One encoder in numbers.
            tasks: Number of tasks.
        """
        added = self.size(encoder, tasks)
        trained = encoder.trained if self.trains_encoder else 0
        return Counts(trained + added.shared, added.own, encoder.total - trained)

    def kept(self, encoder: EncoderSize, tasks: int) -> Kept:
        """What one task's pass keeps for its backward pass."""
        return Kept(1.0 if self.trains_encoder else KEPT_SHARE)

    def make(self, make_encoder: MakeEncoder, tasks: int, generator: Generator) -> Sharing:
        """The module: a shared encoder, and this method's parts."""
        from mtlviz.engine.models.sharing.sharing import SharedEncoder

        return SharedEncoder(self, make_encoder(), tasks, generator)

    def parts(self, encoder: Encoder, tasks: int, generator: Generator) -> dict[str, Any]:
        """Modules and lists of parameters beside the encoder, by name."""
        return {}

    def begin_phase(self, module: Any, number: int) -> Iterable[nn.Parameter]:
        """Go on to a phase of the run, from 0; the parameters that are kept as they are in it."""
        return ()

    def enter(self, module: Any, task: int, embedded: Tensor) -> Tensor:
        """A task's token vectors (N, T, d) as they enter the shared module."""
        return embedded

    def leave(self, module: Any, task: int, encoded: Tensor) -> Tensor:
        """A task's text vectors (N, r) as they leave it."""
        return encoded
