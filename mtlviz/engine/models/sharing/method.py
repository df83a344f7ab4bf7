"""What is known of a way of sharing without torch, and how its module is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from mtlviz.engine.config import RunConfig

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.models.encoders.encoder import Encoder
    from mtlviz.engine.models.sharing.sharing import MakeEncoder, Sharing

Variant = Literal["joint", "fixed"]


class SharingMethod:
    """A way in which tasks share an encoder; the first line of a subclass's docstring is its help.

    Its options are the keyword-only parameters of its making. As it stands it is hard sharing: a
    subclass adds parts for each task, and says what they do before and after the shared module.
    Torch is imported only inside the functions that make or run the module.

    Attributes:
        own: Names of the parts that hold one entry per task, each that task's alone.
        shares: Whether tasks share anything but their form.
        trains_encoder: Whether the shared encoder trains.
    """

    own: ClassVar[tuple[str, ...]] = ()
    shares: ClassVar[bool] = True
    trains_encoder: bool = True

    def check(self, config: RunConfig, kinds: Sequence[str] = ()) -> None:
        """Refuse an encoder or kinds of task that it cannot work with; it works with all.

        Args:
            config: The run's settings.
            kinds: Kinds of its tasks, as far as they are known.

        Raises:
            ConfigError: If it cannot work with them.
        """

    def extra(self, inputs: int, outputs: int) -> int:
        """Parameters that it gives to each task: of word vectors and of texts these wide."""
        return 0

    def make(self, make_encoder: MakeEncoder, tasks: int, generator: Generator) -> Sharing:
        """The module: a shared encoder, and this method's parts."""
        from mtlviz.engine.models.sharing.sharing import SharedEncoder

        return SharedEncoder(self, make_encoder(), tasks, generator)

    def parts(self, encoder: Encoder, tasks: int, generator: Generator) -> dict[str, Any]:
        """Modules and lists of parameters beside the encoder, by name."""
        return {}

    def enter(self, module: Any, task: int, embedded: Tensor) -> Tensor:
        """A task's token vectors (N, T, d) as they enter the shared module."""
        return embedded

    def leave(self, module: Any, task: int, encoded: Tensor) -> Tensor:
        """A task's text vectors (N, r) as they leave it."""
        return encoded
