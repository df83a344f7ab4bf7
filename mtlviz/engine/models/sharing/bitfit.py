"""BitFit: nothing trains but the biases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mtlviz.engine.models.inserts.method import InsertMethod
from mtlviz.engine.models.inserts.places import WITH_BIAS, Place

if TYPE_CHECKING:
    from torch import Generator, nn

_WHICH = {"all": WITH_BIAS, "query_inner": ("query", "expand")}


class BitFit(InsertMethod):
    """Keep the encoder; each task learns biases of its own.

    Every bias b becomes b + d with d of the task, which starts at zero: weight decay pulls to the
    encoder as it was. That is 11 h numbers a layer of width h and h for the norm of the embeddings,
    or 5 h a layer with biases of queries and of the feed-forward part's inner layer alone.

    Args:
        biases: All of them, or those of queries and of inner layers, half as many.
        pace: Step size of the biases as a multiple of the learning rate. Empty: 100 with a
            checkpoint, as published (1e-3 against 1e-5 for training everything), else 1.

    Reference:
        Ben Zaken, Goldberg, Ravfogel, ACL 2022, section 3; https://arxiv.org/abs/2106.10199. Step
        sizes from github.com/benzakenelad/BitFit.
    """

    title = "BitFit"
    elsewhere = ("map", "filter")
    lacks = "it trains biases, and torch computes those of an LSTM in one piece with its weights"
    published_pace = 100.0

    def __init__(
        self,
        *,
        biases: Literal["all", "query_inner"] = "all",
        **others: Any,
    ) -> None:
        super().__init__(**others)
        self.places = _WHICH[biases]

    def numbers_at(self, place: Place) -> int:
        """One number for each entry of the output."""
        return place.outputs

    def insert(self, place: Place, generator: Generator) -> nn.Module:
        """The difference from the encoder's bias."""
        from mtlviz.engine.models.inserts.parts import Shift

        return Shift(place.outputs, channels_first=place.name == "filter")
