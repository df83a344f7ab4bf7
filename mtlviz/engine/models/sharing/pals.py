"""Projected attention layers: a small attention of each task beside every layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from mtlviz.engine.models.inserts.method import InsertMethod, Spot
from mtlviz.engine.models.inserts.places import Place
from mtlviz.engine.models.sharing.method import Variant
from mtlviz.errors import ConfigError

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn


class PALs(InsertMethod):
    """Share the whole encoder and train it; each task adds a small attention beside every layer.

    What a layer's last norm reads gets GELU(V_d attention(V_e x)) added, with x what the layer
    reads. V_e (d, h) and V_d (h, d) are the task's, the same for all layers; queries, keys and
    values (d, d) are the task's and the layer's; attention has no output map. That is
    2 h d + d + h + 3 L (d² + d) numbers for L layers of width h. V_d starts at zero, which differs
    from the program of the paper, so that at the start this is hard sharing.

    Args:
        width: Width d of the task's attention.
        heads: Heads of the task's attention; they must divide the width.
        variant: 'joint' trains the encoder too, as published; 'fixed' keeps it as it is.
        pace: Step size of the inserts as a multiple of the learning rate; 1 if empty, as published.

    Reference:
        Stickland, Murray, ICML 2019, section 3.3; https://arxiv.org/abs/1902.02671.
    """

    title = "PALs"
    places = ("beside",)
    lacks = "a task's attention stands beside layers of a transformer, and there are none"

    def __init__(
        self,
        *,
        width: Annotated[int, Field(ge=1, le=4096)] = 204,
        heads: Annotated[int, Field(ge=1, le=64)] = 6,
        variant: Variant = "joint",
        **others: Any,
    ) -> None:
        super().__init__(variant=variant, **others)
        self.width, self.heads = width, heads
        if width % heads:
            raise ConfigError(
                f"The width of PALs must be a multiple of their heads, got {width} and {heads}."
            )

    def numbers(self, places: Sequence[Place]) -> int:
        """Two maps for all layers, three for each, with their biases."""
        outer, inner = places[0].outputs, self.width
        return 2 * outer * inner + inner + outer + 3 * len(places) * (inner**2 + inner)

    def kept_at(self, place: Place) -> float:
        """What comes in and goes out, and inside once narrowed, three times and joined."""
        return 2 * place.outputs + 5 * self.width

    def inserts(self, places: Sequence[Place], generator: Generator) -> nn.Module:
        """The task's maps, and its attention in each layer."""
        from mtlviz.engine.models.inserts.attention_parts import ProjectedAttention

        keys = [place.key for place in places]
        return ProjectedAttention(places[0].outputs, self.width, self.heads, keys, generator)

    def change(self, inserts: Any, spot: Spot, x: Tensor, y: Tensor) -> Tensor:
        """What the norm reads, and what the task's attention makes of the layer's input."""
        return y + inserts(spot.place.key, x, spot.moment.mask)
