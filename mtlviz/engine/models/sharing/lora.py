"""LoRA: changes of low rank to the linear maps of a kept encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.inserts.method import InsertMethod
from mtlviz.engine.models.inserts.peft_format import read_lora, read_settings
from mtlviz.engine.models.inserts.places import Place
from mtlviz.errors import ConfigError
from mtlviz.methods import AboveZero

if TYPE_CHECKING:
    from torch import Generator, nn

_MAPS = {
    "query_value": ("query", "value"),
    "attention": ("query", "key", "value", "attention"),
    "all": ("query", "key", "value", "attention", "expand", "contract"),
}


class LoRA(InsertMethod):
    """Keep the encoder; each task learns changes of low rank to its linear maps.

    A map W of width h becomes W + (alpha / rank) B A, with A (rank, h) random and B (h, rank) zero,
    so that at the start nothing has changed. That is 2 · 2 h · rank numbers a layer for queries and
    values; nothing is added to the time of a trained model, as B A can be added to W.

    In encoders without attention it changes every linear map.

    Args:
        rank: Rank of the change: how many directions it can turn.
        alpha: Size of the change; what counts is alpha / rank.
        maps: Which maps change: those of queries and values, all of attention, or every linear map.
        start: Folder of a LoRA in peft's format with which every set of inserts begins, such as one
            that was trained on another task; empty for a fresh one. Its rank must be this one.
        pace: Step size of the inserts as a multiple of the learning rate. Empty: 25 with a
            checkpoint, as published (5e-4 against 2e-5 for training everything), else 1.

    Reference:
        Hu et al., ICLR 2022, eq. 3; https://arxiv.org/abs/2106.09685. Step size and alpha / rank
        from the scripts at github.com/microsoft/LoRA.
    """

    title = "LoRA"
    elsewhere = ("map",)
    lacks = "it changes linear maps, and there is none"
    published_pace = 25.0

    def __init__(
        self,
        *,
        rank: Annotated[int, Field(ge=1, le=1024)] = 8,
        alpha: AboveZero = 16.0,
        maps: Literal["query_value", "attention", "all"] = "query_value",
        start: str = "",
        **others: Any,
    ) -> None:
        super().__init__(**others)
        self.rank, self.scale, self.places = rank, alpha / rank, _MAPS[maps]
        self.start = start

    def check(self, config: RunConfig, kinds: Sequence[str] = ()) -> None:
        """As for all inserts, and the LoRA to begin with has the same rank.

        Raises:
            MtlvizError: If it has not, or cannot be read.
        """
        super().check(config, kinds)
        if self.start and (given := read_settings(self.start)[1]["r"]) != self.rank:
            raise ConfigError(
                f"The LoRA to begin with has rank {given}; `rank` must be as much, got {self.rank}."
            )

    def numbers_at(self, place: Place) -> int:
        """A and B."""
        return self.rank * (place.inputs + place.outputs)

    def kept_at(self, place: Place) -> float:
        """What comes in, once for queries, keys and values, and what A makes of it."""
        return self.rank + (0 if place.name in ("key", "value") else place.inputs)

    def insert(self, place: Place, generator: Generator) -> nn.Module:
        """The change of one map."""
        from mtlviz.engine.models.inserts.parts import LowRank

        return LowRank(place.inputs, place.outputs, self.rank, self.scale, generator)

    def inserts(self, places: Sequence[Place], generator: Generator) -> nn.Module:
        """The changes of all maps, fresh or as given."""
        import torch

        made = super().inserts(places, generator)
        if self.start:
            with torch.no_grad():
                for key, (down, up) in read_lora(self.start, places).items():
                    made[key].down.copy_(down)
                    made[key].up.copy_(up / self.scale)
        return made
