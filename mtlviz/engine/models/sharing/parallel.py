"""Parallel adapters: a bottleneck beside the feed-forward part of each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtlviz.engine.models.inserts.method import InsertMethod
from mtlviz.engine.models.inserts.places import Place
from mtlviz.engine.models.sharing.pfeiffer import Reduction
from mtlviz.methods import AboveZero

if TYPE_CHECKING:
    from torch import Generator, nn


class Parallel(InsertMethod):
    """Keep the encoder; each task learns a bottleneck beside every feed-forward part.

    FFN(x) becomes FFN(x) + scale · (W_u ReLU(W_d x + b_d) + b_u): the bottleneck reads what the
    feed-forward part reads. That is 2 h m + m + h numbers a layer of width h, with
    m = h / reduction. W_u starts at zero, so that at the start nothing has changed.

    In encoders without attention it stands beside each linear map.

    Args:
        reduction: How many times narrower than the layer the bottleneck is.
        scale: Factor of what it adds.
        pace: Step size of the inserts as a multiple of the learning rate. Empty: 5 with a
            checkpoint (1e-4 against 2e-5 for training everything, as for other adapters), else 1.

    Reference:
        He et al., ICLR 2022, table 1; https://arxiv.org/abs/2110.04366. Defaults of AdapterHub's
        ParBnConfig.
    """

    title = "Parallel adapters"
    places = ("feed",)
    elsewhere = ("map",)
    lacks = "it stands beside a feed-forward part or a linear map, and there is none"
    published_pace = 5.0

    def __init__(
        self,
        *,
        reduction: Reduction = 2,
        scale: AboveZero = 4.0,
        **others: Any,
    ) -> None:
        super().__init__(**others)
        self.reduction, self.scale = reduction, scale

    def numbers_at(self, place: Place) -> int:
        """Both maps with their biases."""
        inner = place.narrowed(self.reduction)
        return (place.inputs + 1) * inner + (inner + 1) * place.outputs

    def kept_at(self, place: Place) -> float:
        """What comes in, and the inside."""
        return place.inputs + place.narrowed(self.reduction)

    def insert(self, place: Place, generator: Generator) -> nn.Module:
        """A bottleneck beside something."""
        from mtlviz.engine.models.inserts.parts import Beside

        inner = place.narrowed(self.reduction)
        return Beside(place.inputs, place.outputs, inner, self.scale, generator)
