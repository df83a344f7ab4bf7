"""A hypernetwork: one net makes every task's adapters and norms from a small vector of the task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from mtlviz.engine.models.inserts.method import InsertMethod, Spot
from mtlviz.engine.models.inserts.places import NORMS, Place
from mtlviz.engine.models.sharing.method import Beside, SharingSize, Variant
from mtlviz.engine.models.sharing.pfeiffer import Reduction
from mtlviz.methods import AboveZero

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

    from mtlviz.engine.estimate.sizes import EncoderSize

_HIDDEN = 128
"""Inner width of the net that joins the vectors, as published."""


class Hypernetwork(InsertMethod):
    """Keep the encoder; all tasks train one net that makes each task's adapters from its vector.

    A vector of the task, one of the layer and one of the part (attention or feed-forward) are
    joined by a net of two layers. From the result z, linear maps make the bottleneck
    x + W_u GELU(W_d x + b_d) + b_u that stands there, and changes of the layer norm's scale and
    shift. Each task has its vector alone, t numbers; all else is shared, so that tasks meet in it.

    With h the layer's width and m = h / reduction, the shared net has
    2 (t + 1) h m + (t + 1) (m + h) for bottlenecks, 2 (t + 1) h for norms, 3 t · 128 + 128 +
    128 t + t + 2 t for joining, and t for each layer and part. What makes W_u, b_u and the norms
    starts at zero: at the start nothing has changed. A generated weight is a sum of t products, so
    that one update moves it up to t times as far as a weight that trains itself: small steps.

    In encoders without attention one bottleneck stands at the output. The publication generates
    norms inside adapters of T5; here the encoder's own norms change.

    Args:
        embedding: Width t of the vectors.
        reduction: How many times narrower than the layer a bottleneck is.
        variant: 'fixed' keeps the encoder as it is, 'joint' trains it too.
        pace: Step size of net and vectors as a multiple of the learning rate. Empty: 1, as in the
            publication's settings, where 3e-4 trains either the net or all of T5.

    Reference:
        Karimi Mahabadi et al., ACL 2021 (HyperFormer++), sections 2.2 to 2.4;
        https://arxiv.org/abs/2106.04489. Step sizes: `hyperformer++.json` and `finetune.json` of
        its repository.
    """

    title = "Hypernetwork"
    elsewhere = ("output",)
    places = ("attention", "attention_norm", "contract", "output_norm")

    def __init__(
        self,
        *,
        embedding: Annotated[int, Field(ge=1, le=1024)] = 64,
        reduction: Reduction = 32,
        variant: Variant = "fixed",
        pace: AboveZero | None = None,
    ) -> None:
        super().__init__(owner="both", variant=variant, pace=pace)
        self.embedding, self.reduction = embedding, reduction

    @property
    def beside(self) -> Beside:
        """Each task's vector, and what makes adapters and norms of it."""
        return Beside(("a vector of the task",), ("net that makes adapters in the layers",))

    def size(self, encoder: EncoderSize, tasks: int) -> SharingSize:
        """A vector for each task, the net for all; a token passes the bottlenecks that it makes."""
        places = self.used(encoder.places)
        width, inner = places[0].outputs, places[0].narrowed(self.reduction)
        bottlenecks = sum(place.name not in NORMS for place in places)
        return SharingSize(
            self.embedding, self.numbers(places), bottlenecks * (2 * width * inner + inner + width)
        )

    def numbers(self, places: Sequence[Place]) -> int:
        """All of the shared net."""
        width, inner, task = places[0].outputs, places[0].narrowed(self.reduction), self.embedding
        made = 2 * width * inner + inner + width
        made += 2 * width if any(place.name in NORMS for place in places) else 0
        join = (3 * task + 1) * _HIDDEN + (_HIDDEN + 1) * task + 2 * task
        return (task + 1) * made + join + task * (_layers(places) + 2)

    def kept_at(self, place: Place) -> float:
        """What a bottleneck reads, and its inside before and after its activation."""
        inner = place.narrowed(self.reduction)
        return 0 if place.name in NORMS else place.outputs + 2 * inner

    def common(self, places: Sequence[Place], generator: Generator) -> nn.Module:
        """The net."""
        from mtlviz.engine.models.inserts.hyper import Generators, Widths

        norms = any(place.name in NORMS for place in places)
        widths = Widths(
            places[0].outputs, places[0].narrowed(self.reduction), self.embedding, _HIDDEN
        )
        return Generators(widths, _layers(places), norms, generator)

    def own_part(self, places: Sequence[Place], generator: Generator) -> nn.Module:
        """The task's vector."""
        from mtlviz.engine.models.inserts.hyper import TaskVector

        return TaskVector(self.embedding, generator)

    def change_for(self, module: Any, spot: Spot, x: Tensor, y: Tensor) -> Tensor:
        """What the net makes for the task, applied."""
        layer, name, *_ = spot.place
        part = int(name in ("contract", "output_norm"))
        made = module.common.joined(module.own[spot.moment.task].vector, max(layer, 0), part)
        if name in NORMS:
            return module.common.normed(made, spot.site.module, x)
        return module.common.adapted(made, y)


def _layers(places: Sequence[Place]) -> int:
    """Layers that have a vector."""
    return 1 + max(0, *(place.layer for place in places))
