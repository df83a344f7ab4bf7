"""Splitting single layers: those in which the tasks pull against each other most."""

from __future__ import annotations

from mtlviz.engine.models.sharing.tied import Tied
from mtlviz.errors import ConfigError


class Recon(Tied):
    """Share the encoder, but give each task its own copy of the layers in which tasks conflict.

    A first run with hard sharing records how the tasks' gradients lie in each layer; the Run page
    names the layers that conflict most. A second run, with those layers split, starts anew. All
    copies start alike, so that the two runs differ in the split alone.

    A layer's score is the number of updates and pairs i < j with g_i · g_j < 0 in that layer;
    layers of the highest scores have weights θ_k of each task, all others θ.

    Args:
        split: Numbers of the layers that each task has for itself, from 1, with commas between
            them; 0 is the embedding layer. Empty splits none.

    Reference:
        Shi et al., ICLR 2023, Algorithm 1: count how often the gradients of two tasks are at an
        angle of more than 90° in a layer, split the layers with the highest counts, train again.
        https://arxiv.org/abs/2302.11289
    """

    title = "Recon"

    def __init__(self, *, split: str = "1") -> None:
        self.split = _numbers(split)

    def shared_layers(self, depth: int) -> set[int]:
        """All but those that are split."""
        beyond = sorted(layer for layer in self.split if layer > depth)
        if beyond:
            raise ConfigError(
                f"Layer {beyond[0]} is to be split, but this encoder has layers 0 (embedding) to "
                f"{depth}."
            )
        return set(range(depth + 1)) - self.split


def _numbers(text: str) -> set[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and part.isascii() and len(part) < 4 for part in parts):
        raise ConfigError(
            "`split` of the recon sharing must be numbers of layers such as '2,3', got "
            f"{text!r:.60}."
        )
    return {int(part) for part in parts}
