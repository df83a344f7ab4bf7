"""A small transformer trained from scratch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.method import WordEncoderMethod, linear_size
from mtlviz.engine.models.inserts.places import Place, transformer_places
from mtlviz.errors import ConfigError

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.estimate.shapes import CheckpointShape
    from mtlviz.engine.models.encoders.encoder import Layered
    from mtlviz.engine.models.inserts.sites import Sites
    from mtlviz.engine.models.tokens import Tokens

POSITION_DEVIATION = 0.05
"""Starting spread of position and segment vectors: about a third of that of random word vectors,
so that at the start a word says more than its place."""


class Transformer(WordEncoderMethod):
    """Attention over the words, trained from scratch: any width, depth and number of heads.

    Layer norm comes before each block. Word vectors of another width are projected. With 'cls'
    pooling a learned vector is put in front of the text and its output stands for the text; with
    'mean' the outputs are averaged.

    x ← x + attention(LN(x)), then x ← x + W_2 φ(W_1 LN(x)), in each layer, with attention =
    softmax(Q Kᵀ / √d) V for each head of width d.

    Reference:
        Vaswani et al., NeurIPS 2017; Xiong et al., ICML 2020, for the place of layer norm.
    """

    title = "Transformer from scratch"
    noun = "a transformer trained from scratch"
    poolings = ("mean", "cls")
    settings = ("attention_heads",)
    attends = keeps_tokens = True
    kept, efficiency, layer_seconds = 17.0, 0.4, 1.2e-3

    def check(self, config: RunConfig) -> None:
        """The heads divide the width, and the pooling is known.

        Raises:
            ConfigError: If they do not, or it is not.
        """
        super().check(config)
        capacity = config.capacity
        if capacity.width % capacity.attention_heads:
            raise ConfigError(
                "The width must be a multiple of the attention heads, got width "
                f"{capacity.width} and {capacity.attention_heads} heads."
            )

    def size(self, config: RunConfig, inputs: int) -> tuple[int, int]:
        """Position and segment vectors; blocks, projection and norms."""
        capacity, width = config.capacity, config.capacity.width
        around = (config.data.max_length + 2) * inputs
        project = 0 if inputs == width else linear_size(inputs, width)
        summary = width if capacity.pooling == "cls" else 0
        blocks = sum(self.layer_sizes(config, inputs))
        # Without a block there is still the norm at the end.
        return around, project + summary + (blocks or 2 * width)

    def layer_sizes(self, config: RunConfig, inputs: int) -> tuple[int, ...]:
        """Each block; the last norm stands with the last block."""
        width = config.capacity.width
        block = 4 * width + linear_size(width, 3 * width) + linear_size(width, width)
        block += linear_size(width, 4 * width) + linear_size(4 * width, width)
        blocks = [block] * config.capacity.depth
        return (*blocks[:-1], blocks[-1] + 2 * width) if blocks else ()

    def stops(self, config: RunConfig) -> int:
        """After each block."""
        return config.capacity.depth

    def layer_of(self, name: str, depth: int) -> int:
        """Blocks are numbered; projection and summary stand with the word vectors."""
        if name.startswith("blocks."):
            return int(name.split(".")[1]) + 1
        return depth if name.startswith("norm.") else 0

    def parts(self, run: RunConfig, inputs: int, generator: Generator) -> dict[str, Any]:
        """Positions, segments, projection, summary vector and blocks."""
        from torch import nn

        from mtlviz.engine.models.encoders.attention import Block
        from mtlviz.engine.models.initial import layer_norm, linear, normal

        config, width = run.capacity, run.capacity.width

        def vectors(*shape: int) -> nn.Parameter:
            return nn.Parameter(normal(shape, POSITION_DEVIATION, generator))

        # In this order, which decides what the generator draws for each.
        return {
            "positions": vectors(run.data.max_length, inputs),
            "segments": vectors(2, inputs),
            "project": nn.Identity() if inputs == width else linear(inputs, width, generator),
            "summary": vectors(width) if config.pooling == "cls" else None,
            "dropout": nn.Dropout(config.dropout),
            "blocks": nn.ModuleList(Block(config, generator) for _ in range(config.depth)),
            "norm": layer_norm(width),
            "recompute": run.optimisation.gradient_checkpointing,
        }

    def places(
        self, config: RunConfig, inputs: int, shape: CheckpointShape | None = None
    ) -> tuple[Place, ...]:
        """The places of its blocks, the map that widens word vectors, and the last norm."""
        width, depth = config.capacity.width, config.capacity.depth
        project = () if inputs == width else (Place(-1, "project", inputs, width),)
        layers = transformer_places(depth, width, 4 * width)
        return (*project, *layers, Place(-1, "final_norm", width, width))

    def sites(self, module: Any) -> Sites:
        """Those of the blocks, and around them."""
        from mtlviz.engine.models.inserts.sites import Site

        around = {(-1, "project"): Site(module.project), (-1, "final_norm"): Site(module.norm)}
        blocks = enumerate(module.blocks)
        return around | {
            (number, name): site for number, block in blocks for name, site in block.sites().items()
        }

    def embed(self, module: Any, tokens: Tokens) -> Tensor:
        """Word vector plus position vector, plus segment vector."""
        length = tokens.ids.shape[1]
        # A single text is all first segment, so that every task trains every shared parameter.
        segments = module.segments[0 if tokens.segments is None else tokens.segments]
        return module.words(tokens.ids) + module.positions[:length] + segments

    def layered(self, module: Any, embedded: Tensor, tokens: Tokens) -> Layered:
        """Run the blocks, attending to real tokens only, then pool."""
        import torch
        from torch.nn import functional

        from mtlviz.engine.models.encoders.attention import run_block
        from mtlviz.engine.models.pooling import average

        hidden, mask = module.dropout(module.project(embedded)), tokens.mask
        if module.summary is not None:
            first = module.summary.to(hidden.dtype).expand(len(hidden), 1, -1)
            hidden = torch.cat([first, hidden], dim=1)
            mask = functional.pad(mask, (1, 0), value=True)
        # Without a mask the fastest kernels of attention can be used.
        attended = None if tokens.full else mask[:, None, None]
        for block in module.blocks:
            again = module.replay if module.recompute else None
            hidden = yield run_block(block, hidden, attended, again)
        hidden = module.norm(hidden)
        if tokens.places is not None:
            return hidden if module.summary is None else hidden[:, 1:]
        return hidden[:, 0] if module.summary is not None else average(hidden, mask)
