"""What partial sharing and split layers have in common: copies of an encoder with common layers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.sharing.method import Beside, Counts, SharingMethod

if TYPE_CHECKING:
    from torch import Generator

    from mtlviz.engine.estimate.shapes import CheckpointShape
    from mtlviz.engine.estimate.sizes import EncoderSize
    from mtlviz.engine.models.sharing.sharing import MakeEncoder, Sharing


class Tied(SharingMethod):
    """Give each task a copy of the encoder, in which some layers are the same for all tasks."""

    @abstractmethod
    def shared_layers(self, depth: int) -> set[int]:
        """Numbers of the layers that all tasks share; 0 is the embedding layer.

        Args:
            depth: Number of layers above the embedding layer.

        Raises:
            ConfigError: If the encoder has no such layers.
        """

    @property
    def beside(self) -> Beside:
        """Each task's own copies of the layers that are not shared."""
        return Beside(("layers that are not shared",))

    def check(self, config: RunConfig, kinds: Sequence[str] = ()) -> None:
        """Refuse more layers than the encoder has, where the settings say how many these are.

        Raises:
            ConfigError: If there are not so many.
        """
        encoder = ENCODERS[config.capacity.encoder]
        if encoder.method.uses_word_vectors:
            self.shared_layers(len(encoder().layer_sizes(config, config.capacity.vector_width)))

    def check_encoder(self, config: RunConfig, shape: CheckpointShape | None = None) -> None:
        """Refuse more layers than a pretrained encoder has.

        Raises:
            ConfigError: If there are not so many.
        """
        if shape is not None:
            self.shared_layers(len(shape.layers))

    def counts(self, encoder: EncoderSize, tasks: int) -> Counts:
        """The shared layers once, the others for each task."""
        common = self.shared_layers(len(encoder.layers) - 1)
        shared = [each for number, each in enumerate(encoder.layers) if number in common]
        own = [each for number, each in enumerate(encoder.layers) if number not in common]
        kept = [sum(size - trained for size, trained in part) for part in (shared, own)]
        return Counts(
            sum(trained for _, trained in shared),
            sum(trained for _, trained in own),
            kept[0] + tasks * kept[1],
        )

    def make(self, make_encoder: MakeEncoder, tasks: int, generator: Generator) -> Sharing:
        """Copies of one encoder, with the shared layers in common."""
        from mtlviz.engine.models.sharing.columns import TiedEncoders, alike

        encoder = make_encoder()
        shared = self.shared_layers(encoder.depth)
        return TiedEncoders(alike(encoder, tasks), shared)
