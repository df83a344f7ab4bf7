"""Where something can stand inside an encoder, known without torch: names, layers and widths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Place(NamedTuple):
    """A spot inside an encoder.

    Attributes:
        layer: Number of its layer; −1 for what stands around the layers.
        name: What stands there, in the words below.
        inputs: Width of what comes in.
        outputs: Width of what goes out.
    """

    layer: int
    name: str
    inputs: int
    outputs: int

    @property
    def key(self) -> str:
        """Its name among all places of the encoder."""
        return f"{'around' if self.layer < 0 else self.layer}_{self.name}"

    def narrowed(self, reduction: int) -> int:
        """Width of a bottleneck so many times narrower than what goes out, at least 1."""
        return max(1, self.outputs // reduction)


LINEAR = ("query", "key", "value", "attention", "expand", "contract", "map", "project")
"""Linear maps: their output may be changed, knowing their input."""
NORMS = ("embedding_norm", "attention_norm", "output_norm", "final_norm")
"""Layer norms."""
WITH_BIAS = (*LINEAR, *NORMS, "filter")
"""Everything that adds a bias."""


def transformer_places(layers: int, width: int, feed_forward: int) -> Iterator[Place]:
    """The places of a transformer's layers.

    Beside its linear maps and norms: 'inner' is the feed-forward part after its activation, 'feed'
    stands beside the whole feed-forward part, 'sum' is what the last norm of a layer reads,
    'beside' the same seen from what the layer reads, and 'heads' are keys and values.
    """
    for layer in range(layers):
        for name in ("query", "key", "value", "attention", "attention_norm"):
            yield Place(layer, name, width, width)
        yield Place(layer, "expand", width, feed_forward)
        yield Place(layer, "inner", feed_forward, feed_forward)
        yield Place(layer, "contract", feed_forward, width)
        for name in ("output_norm", "feed", "sum", "beside", "heads"):
            yield Place(layer, name, width, width)


def stack_places(inputs: int, width: int, depth: int) -> Iterator[Place]:
    """The places of so many linear layers with ReLU, and their output."""
    for layer in range(depth):
        yield Place(layer, "map", width if layer else inputs, width)
        yield Place(layer, "inner", width, width)
    yield Place(-1, "output", width, width)
