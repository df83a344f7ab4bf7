"""Partial sharing: some layers for all tasks, the others for each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mtlviz.engine.models.sharing.tied import Tied
from mtlviz.errors import ConfigError

Layers = Annotated[int, Field(ge=0, le=48)]


class Partial(Tied):
    """Share some layers among all tasks and give each task its own copy of the others.

    'lower' shares the embedding layer and the first so many layers above it: what words mean in
    common, what to make of them task by task. 'upper' shares the last so many layers, and each
    task has its own embedding layer and lower layers: different texts, one way to judge them. All
    copies start alike: with every layer shared below this is hard sharing, with none above
    everything is separate. What follows the last layer (norm, pooler) stands with it.

    Task k answers A_k(u(l(x; θ); θ_k)) with lower layers l shared, or A_k(u(l(x; θ_k); θ)) with
    upper layers u shared.

    Args:
        layers: How many layers all tasks share.
        end: Which end of the encoder they share: 'lower' (with the embedding layer) or 'upper'.

    Reference:
        Long and Wang, 2015 (lower layers shared), and Misra et al., CVPR 2016, figure 2, which
        tries every place to split. https://arxiv.org/abs/1604.03539
    """

    def __init__(self, *, layers: Layers = 1, end: Literal["lower", "upper"] = "lower") -> None:
        self.layers, self.end = layers, end

    def shared_layers(self, depth: int) -> set[int]:
        """The lowest so many and the embedding layer, or the highest so many."""
        if self.layers > depth:
            raise ConfigError(
                f"Partial sharing asks for {self.layers} shared layers, but this encoder has "
                f"{depth}."
            )
        lower = set(range(self.layers + 1))
        return lower if self.end == "lower" else set(range(depth - self.layers + 1, depth + 1))
