"""Adapters as AdapterFusion uses them: one in each layer of a kept encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from mtlviz.engine.models.inserts.method import InsertMethod, Spot
from mtlviz.engine.models.inserts.places import Place
from mtlviz.methods import AboveZero

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

Reduction = Annotated[int, Field(ge=1, le=1024)]


class Pfeiffer(InsertMethod):
    """Keep the encoder; each task learns one small bottleneck in every layer.

    With u the sum that a layer's last norm reads (feed-forward part and what came in), the norm
    gets u + W_u ReLU(W_d LN(u) + b_d) + b_u instead: the bottleneck reads the layer's output as it
    was. That is 2 h m + m + h numbers a layer of width h, with m = h / reduction. Weights start
    close to zero, so that at the start nearly nothing has changed.

    In the transformer trained from scratch, whose layers end without a norm, it reads u itself; in
    encoders without attention it stands at the output.

    Args:
        reduction: How many times narrower than the layer the bottleneck is.
        deviation: Spread of its starting weights.
        pace: Step size of the inserts as a multiple of the learning rate. Empty: 5 with a
            checkpoint (published: 1e-4; about 2e-5 for training everything), else 1.

    Reference:
        Pfeiffer et al., EACL 2021 (AdapterFusion), appendix; https://arxiv.org/abs/2005.00247.
        Place and residual as AdapterHub's SeqBnConfig.
    """

    title = "Pfeiffer adapters"
    places = ("sum",)
    elsewhere = ("output",)
    published_pace = 5.0

    def __init__(
        self,
        *,
        reduction: Reduction = 16,
        deviation: AboveZero = 0.01,
        **others: Any,
    ) -> None:
        super().__init__(**others)
        self.reduction, self.deviation = reduction, deviation

    def numbers_at(self, place: Place) -> int:
        """Both maps with their biases."""
        inner = place.narrowed(self.reduction)
        return 2 * place.outputs * inner + inner + place.outputs

    def kept_at(self, place: Place) -> float:
        """What comes in, and the inside."""
        return place.outputs + place.narrowed(self.reduction)

    def insert(self, place: Place, generator: Generator) -> nn.Module:
        """A bottleneck."""
        from torch.nn.functional import relu

        from mtlviz.engine.models.inserts.parts import Bottleneck

        inner = place.narrowed(self.reduction)
        return Bottleneck(place.outputs, inner, self.deviation, generator, relu)

    def change(self, inserts: Any, spot: Spot, x: Tensor, y: Tensor) -> Tensor:
        """The sum, and what the bottleneck makes of the layer's output."""
        from mtlviz.engine.models.inserts.parts import normed

        return y + inserts[spot.place.key].added(normed(spot.site.module, y))
