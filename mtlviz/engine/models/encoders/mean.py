"""The mean of a text's word vectors, then linear layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.method import WordEncoderMethod, linear_size, stack_size
from mtlviz.engine.models.inserts.places import Place, stack_places

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.estimate.shapes import CheckpointShape
    from mtlviz.engine.models.encoders.encoder import Layered
    from mtlviz.engine.models.inserts.sites import Sites
    from mtlviz.engine.models.tokens import Tokens


class Mean(WordEncoderMethod):
    """Average the word vectors, then apply linear layers with ReLU: fast, blind to word order.

    Depth 0 is one linear map without ReLU, the linear shared module of the theory. A pair read
    jointly becomes one bag of words; encode pairs separately to compare their texts.

    x ← ReLU(W x + b) in each layer, beginning with the mean x of the word vectors.

    Reference:
        Wu, Zhang, Ré, ICLR 2020, section 2: the shared module B, linear or with ReLU.
    """

    title = "Mean of word vectors"
    noun = "an encoder that averages word vectors"
    per_text = True
    kept, efficiency, layer_seconds = 3.0, 0.3, 0.2e-3

    def size(self, config: RunConfig, inputs: int) -> tuple[int, int]:
        """The linear layers."""
        width, depth = config.capacity.width, config.capacity.depth
        return 0, stack_size(inputs, width, depth) if depth else linear_size(inputs, width)

    def layer_sizes(self, config: RunConfig, inputs: int) -> tuple[int, ...]:
        """Each linear layer."""
        width = config.capacity.width
        ends = [inputs] + [width] * (self.stops(config) - 1)
        return tuple(linear_size(before, width) for before in ends)

    def stops(self, config: RunConfig) -> int:
        """After each layer."""
        return max(1, config.capacity.depth)

    def layer_of(self, name: str, depth: int) -> int:
        """Linear layers are numbered."""
        from mtlviz.engine.models.encoders.word_encoder import stack_layer

        return 0 if name.startswith("words.") else stack_layer(name)

    def parts(self, run: RunConfig, inputs: int, generator: Generator) -> dict[str, Any]:
        """The layers."""
        from mtlviz.engine.models.encoders.word_encoder import stack
        from mtlviz.engine.models.initial import linear

        config = run.capacity
        layers = stack(inputs, config.width, config.depth, config.dropout, generator)
        if config.depth == 0:
            layers.append(linear(inputs, config.width, generator))
        return {"layers": layers}

    def places(
        self, config: RunConfig, inputs: int, shape: CheckpointShape | None = None
    ) -> tuple[Place, ...]:
        """Its linear maps, what ReLU leaves of each, and the output."""
        width, depth = config.capacity.width, config.capacity.depth
        if depth:
            return tuple(stack_places(inputs, width, depth))
        return Place(0, "map", inputs, width), Place(-1, "output", width, width)

    def sites(self, module: Any) -> Sites:
        """The layers."""
        from mtlviz.engine.models.inserts.sites import stack_sites

        return stack_sites(module.layers)

    def encode(self, module: Any, embedded: Tensor, tokens: Tokens) -> Tensor:
        """Average over the real tokens, then the layers."""
        from mtlviz.engine.models.pooling import average

        return module.layers(average(embedded, tokens.mask))

    def layered(self, module: Any, embedded: Tensor, tokens: Tokens) -> Layered:
        """The same, layer by layer."""
        from mtlviz.engine.models.encoders.word_encoder import by_layer
        from mtlviz.engine.models.pooling import average

        hidden = average(embedded, tokens.mask)
        for layer in by_layer(module.layers):
            hidden = yield layer(hidden)
        return hidden
