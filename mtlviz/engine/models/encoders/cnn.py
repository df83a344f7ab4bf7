"""Kim's convolutional sentence encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.method import WordEncoderMethod, linear_size
from mtlviz.engine.models.inserts.places import Place, stack_places

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.estimate.shapes import CheckpointShape
    from mtlviz.engine.models.encoders.encoder import Layered
    from mtlviz.engine.models.inserts.sites import Sites
    from mtlviz.engine.models.tokens import Tokens

WIDTHS = (3, 4, 5)
"""Words that a filter sees at once."""


class Convolution(WordEncoderMethod):
    """Filters over 3, 4 and 5 neighbouring words; each keeps its strongest answer in the text.

    The capacity is the number of filters, divided as evenly as it goes among the three widths, so
    it is at least 3. Depth 1 is the convolution alone; more depth adds linear layers with ReLU.
    Text outside the sentence counts as zero vectors.

    Filter j of width k gives max_t ReLU(w_j · (x_t, ..., x_(t+k−1)) + b_j) over the places t of
    a text, with k = 3, 4, 5.

    Reference:
        Kim, EMNLP 2014. https://arxiv.org/abs/1408.5882
    """

    title = "CNN"
    noun = "an encoder of word filters"
    least_width, least_depth = len(WIDTHS), 1
    kept, efficiency, layer_seconds = 5.0, 0.2, 0.8e-3

    def size(self, config: RunConfig, inputs: int) -> tuple[int, int]:
        """Filters and linear layers."""
        return 0, sum(self.layer_sizes(config, inputs))

    def layer_sizes(self, config: RunConfig, inputs: int) -> tuple[int, ...]:
        """The filters, then each linear layer."""
        width, depth = config.capacity.width, config.capacity.depth
        filters = sum(linear_size(inputs * size, count) for size, count in _filters(width))
        return (filters, *(linear_size(width, width) for _ in range(depth - 1)))

    def stops(self, config: RunConfig) -> int:
        """After the filters and after each layer."""
        return config.capacity.depth

    def layer_of(self, name: str, depth: int) -> int:
        """Filters are the first layer."""
        from mtlviz.engine.models.encoders.word_encoder import stack_layer

        if name.startswith("layers."):
            return stack_layer(name, before=1)
        return 0 if name.startswith("words.") else 1

    def parts(self, run: RunConfig, inputs: int, generator: Generator) -> dict[str, Any]:
        """Filters, dropout and layers."""
        from torch import nn

        from mtlviz.engine.models.encoders.word_encoder import stack
        from mtlviz.engine.models.initial import convolution

        config = run.capacity
        filters = nn.ModuleList(
            convolution(inputs, count, size, generator) for size, count in _filters(config.width)
        )
        layers = stack(config.width, config.width, config.depth - 1, config.dropout, generator)
        return {"filters": filters, "dropout": nn.Dropout(config.dropout), "layers": layers}

    def places(
        self, config: RunConfig, inputs: int, shape: CheckpointShape | None = None
    ) -> tuple[Place, ...]:
        """Its filters by the words that they see, linear maps above them, and the output."""
        width, depth = config.capacity.width, config.capacity.depth
        filters = (Place(size, "filter", inputs * size, n) for size, n in _filters(width))
        return (*filters, *stack_places(width, width, depth - 1))

    def sites(self, module: Any) -> Sites:
        """Filters and layers."""
        from mtlviz.engine.models.inserts.sites import Site, stack_sites

        filters = zip(WIDTHS, module.filters, strict=True)
        return {
            **{(size, "filter"): Site(each) for size, each in filters},
            **stack_sites(module.layers),
        }

    def encode(self, module: Any, embedded: Tensor, tokens: Tokens) -> Tensor:
        """Filter, keep each filter's maximum over the real tokens, then the layers."""
        return module.layers(_filtered(module, embedded, tokens))

    def layered(self, module: Any, embedded: Tensor, tokens: Tokens) -> Layered:
        """The same, layer by layer; the filters are the first."""
        from mtlviz.engine.models.encoders.word_encoder import by_layer

        hidden = yield _filtered(module, embedded, tokens)
        for layer in by_layer(module.layers):
            hidden = yield layer(hidden)
        return hidden


def _filtered(module: Any, embedded: Tensor, tokens: Tokens) -> Tensor:
    """Each filter's strongest answer among the real tokens, some of them dropped out."""
    import torch

    outside = ~tokens.mask.unsqueeze(1)
    channels = embedded.transpose(1, 2).masked_fill(outside, 0)
    peaks = [_peaks(filters, channels, outside) for filters in module.filters]
    return module.dropout(torch.cat(peaks, dim=1))


def _filters(width: int) -> list[tuple[int, int]]:
    """Words that a filter sees, and how many filters see so many."""
    return [(size, (width + place) // len(WIDTHS)) for place, size in enumerate(WIDTHS)]


def _peaks(filters: Any, channels: Tensor, outside: Tensor) -> Tensor:
    from torch.nn import functional

    # One window per word. Torch's own padding='same' warns about filters of even width.
    width = filters.kernel_size[0]
    answers = filters(functional.pad(channels, ((width - 1) // 2, width // 2)))
    # After ReLU nothing is below zero, so zero marks places outside the text.
    return answers.relu().masked_fill(outside, 0).amax(2)
