"""Encoders that start from a checkpoint, as far as they are known without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.method import EncoderMethod
from mtlviz.engine.models.inserts.families import checkpoint_places
from mtlviz.engine.models.inserts.places import Place

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.estimate.shapes import CheckpointShape
    from mtlviz.engine.models.encoders.encoder import Encoder


class Pretrained(EncoderMethod):
    """Start from a pretrained encoder: BERT, RoBERTa, DeBERTa, ModernBERT, ELECTRA and their kin.

    The checkpoint fixes width and depth, and its files tell the size; see
    `mtlviz.engine.models.encoders.checkpoint` for what is taken and what is refused.

    h = f(x; θ), where θ begins at the checkpoint's weights θ_0.

    Reference:
        Devlin et al., NAACL 2019 (BERT), section 3.2: fine-tuning.
        https://arxiv.org/abs/1810.04805
    """

    noun = "a pretrained encoder"
    poolings = ("mean", "cls", "pooler")
    uses_word_vectors = False
    attends = keeps_tokens = True
    kept, efficiency, layer_seconds = 17.0, 0.5, 1.5e-3

    def places(
        self, config: RunConfig, inputs: int, shape: CheckpointShape | None = None
    ) -> tuple[Place, ...]:
        """Those of its family, where that is known, above the layers that are kept."""
        if shape is None:
            return ()
        return checkpoint_places(shape, 0 if config is None else config.capacity.frozen_layers)

    def make(self, run: RunConfig, vectors: Tensor | None, generator: Generator) -> Encoder:
        """The checkpoint's model, cut in two after its embedding layer."""
        from mtlviz.engine.models.encoders.checkpoint import PretrainedEncoder

        return PretrainedEncoder(run, None, generator)
