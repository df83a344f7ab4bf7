"""Prefix tuning: keys and values of each task that its texts attend to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from mtlviz.engine.models.inserts.method import InsertMethod, Spot
from mtlviz.engine.models.inserts.places import Place

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn


class Prefix(InsertMethod):
    """Keep the encoder; each task learns keys and values that its texts attend to in every layer.

    Attention becomes softmax(q [P_k; K]ᵀ / √d) [P_v; V], with `length` learned keys P_k and values
    P_v in front of the text's own. That is 2 · length · h numbers a layer of width h. They start at
    random: at the start this is not the encoder as it was.

    With an inner width, the numbers of all layers are made from one vector a place by a net of two
    layers with tanh, which trains more steadily and holds more numbers while it trains:
    length · h + (h + 1) · inner + (inner + 1) · 2 L h.

    Args:
        length: Learned keys and values in front of each text.
        inner: Width of the net that makes them; empty to train them directly.
        pace: Step size of the prefixes as a multiple of the learning rate. Empty: 10 with a
            checkpoint, else 1; publications differ widely, and this is a choice of this program.

    Reference:
        Li, Liang, ACL 2021, eq. 3 and section 4.3; https://arxiv.org/abs/2101.00190.
    """

    title = "Prefix tuning"
    places = ("heads",)
    lacks = "its keys and values are for attention, and there is none"
    published_pace = 10.0

    def __init__(
        self,
        *,
        length: Annotated[int, Field(ge=1, le=512)] = 20,
        inner: Annotated[int, Field(ge=1, le=4096)] | None = None,
        **others: Any,
    ) -> None:
        super().__init__(**others)
        self.length, self.inner = length, inner

    def numbers(self, places: Sequence[Place]) -> int:
        """Keys and values of every layer, or what makes them."""
        width, made = places[0].outputs, 2 * len(places) * places[0].outputs
        if self.inner is None:
            return self.length * made
        return self.length * width + (width + 1) * self.inner + (self.inner + 1) * made

    def inserts(self, places: Sequence[Place], generator: Generator) -> nn.Module:
        """Keys and values by layer."""
        from mtlviz.engine.models.inserts.attention_parts import MadePrefixes, Prefixes

        keys, width = [place.key for place in places], places[0].outputs
        if self.inner is None:
            return Prefixes(keys, self.length, width, generator)
        return MadePrefixes(keys, self.length, width, self.inner, generator)

    def extend(
        self, inserts: Any, spot: Spot, keys: Tensor, values: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The layer's learned keys and values in front."""
        return inserts(spot.place.key, keys, values)
