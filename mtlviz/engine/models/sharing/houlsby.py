"""Adapters as first published: two in each layer of a kept encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from mtlviz.engine.models.inserts.method import InsertMethod, Spot
from mtlviz.engine.models.inserts.places import NORMS, Place
from mtlviz.methods import AboveZero

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

Width = Annotated[int, Field(ge=1, le=4096)]


class Houlsby(InsertMethod):
    """Keep the encoder; each task learns two small bottlenecks in every layer, and its layer norms.

    What leaves attention, and what leaves the feed-forward part, becomes
    x + W_u GELU(W_d x + b_d) + b_u before it is added to what came in, with W_d (m, h). That is
    2 (2 h m + m + h) numbers a layer of width h, and 4 h for the norms. All start close to zero, so
    that at the start nearly nothing has changed.

    In encoders without attention one bottleneck stands at the output.

    Args:
        width: Width m of the bottleneck.
        deviation: Spread of its starting weights; published as working up to 0.01.
        norms: Whether each task trains layer norms of its own, as published.
        pace: Step size of the inserts as a multiple of the learning rate. Empty: 15 with a
            checkpoint (published: 3e-4; about 2e-5 for training everything), else 1.

    Reference:
        Houlsby et al., ICML 2019, section 2.1 and figure 2; https://arxiv.org/abs/1902.00751. Step
        size from github.com/google-research/adapter-bert.
    """

    title = "Houlsby adapters"
    elsewhere = ("output",)
    published_pace = 15.0

    def __init__(
        self,
        *,
        width: Width = 64,
        deviation: AboveZero = 0.01,
        norms: bool = True,
        **others: Any,
    ) -> None:
        super().__init__(**others)
        self.width, self.deviation = width, deviation
        self.places = ("attention", "contract", *(_LAYER_NORMS if norms else ()))

    def numbers_at(self, place: Place) -> int:
        """Both maps with their biases; scale and shift of a norm."""
        if place.name in NORMS:
            return 2 * place.outputs
        return 2 * place.outputs * self.width + self.width + place.outputs

    def kept_at(self, place: Place) -> float:
        """What comes in, and the inside before and after its activation."""
        return 0 if place.name in NORMS else place.outputs + 2 * self.width

    def insert(self, place: Place, generator: Generator) -> nn.Module:
        """A bottleneck, or a norm's changes."""
        from mtlviz.engine.models.inserts.parts import Bottleneck, NormChange

        if place.name in NORMS:
            return NormChange(place.outputs)
        return Bottleneck(place.outputs, self.width, self.deviation, generator)

    def change(self, inserts: Any, spot: Spot, x: Tensor, y: Tensor) -> Tensor:
        """The bottleneck's output, or the norm's with its own scale and shift."""
        part = inserts[spot.place.key]
        if spot.place.name in NORMS:
            return part(spot.site.module, x)
        return part(y)


_LAYER_NORMS: Sequence[str] = ("attention_norm", "output_norm")
