"""Any pretrained encoder of the BERT family, cut in two after its embedding layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.pooling import average, check_pooling
from mtlviz.engine.models.pretrained import load_pretrained
from mtlviz.engine.models.tokens import Tokens
from mtlviz.errors import CheckpointError, ConfigError

_TAKE_READY_MASKS = {
    "bert",
    "roberta",
    "xlm-roberta",
    "camembert",
    "distilbert",
    "electra",
    "albert",
}
"""Members of the family that attend by nothing but such a mask, all layers alike."""


class PretrainedEncoder(Encoder):
    """Start from a pretrained encoder: BERT, RoBERTa, DistilBERT, ELECTRA, MPNet, MiniLM and kin.

    The checkpoint fixes width and depth; the dropout rate is the run's. Frozen layers (counted
    from below, embeddings included) neither train nor drop out.

    Raises:
        CheckpointError: The checkpoint is missing, is not in safetensors, lacks weights, or is no
            encoder of this family.
        OfflineError: The checkpoint must be fetched and cannot be.
        ConfigError: More layers are to be frozen than there are, texts may be longer than the
            checkpoint can read, or the pooling is 'last'.
    """

    uses_word_vectors = False

    def __init__(self, run: RunConfig, vectors: None, generator: torch.Generator) -> None:
        super().__init__()
        config = run.capacity
        check_pooling("checkpoint", config.pooling, ("cls", "mean", "pooler"))
        model = load_pretrained(config)
        if run.optimisation.gradient_checkpointing:
            _recompute_activations(model)
        self.embeddings = _take_embeddings(model, config.checkpoint)
        self.model, self.pooling = model, config.pooling
        self.output_width = model.config.hidden_size
        self.embedding_width = getattr(model.config, "embedding_size", self.output_width)
        _check_length(self.embeddings, run.data.max_length)
        self._freeze_lower(config.frozen_layers)

    def embed(self, tokens: Tokens) -> Tensor:
        """The checkpoint's embedding layer: word, position and segment vectors, normalised."""
        segments = {}
        if tokens.segments is not None and getattr(self.model.config, "type_vocab_size", 0) > 1:
            segments = {"token_type_ids": tokens.segments}
        return self.embeddings(input_ids=tokens.ids, **segments)

    def encode(self, embedded: Tensor, tokens: Tokens) -> Tensor:
        """The checkpoint's layers above the embeddings, then the pooling."""
        output = self.model(inputs_embeds=embedded, attention_mask=self._attended(tokens))
        if self.pooling == "pooler":
            return output.pooler_output
        hidden = output.last_hidden_state
        return hidden[:, 0] if self.pooling == "cls" else average(hidden, tokens.mask)

    def _attended(self, tokens: Tokens) -> Tensor | None:
        """The tokens to attend to, None for all: the fastest kernels of attention take no mask.

        From a mask (N, T) transformers makes the one that attention needs, but looks into it first,
        for which a GPU would have to stop; one of shape (N, 1, 1, T) is taken as it is.
        """
        if tokens.full:
            return None
        config = self.model.config
        ready = config.model_type in _TAKE_READY_MASKS and config._attn_implementation == "sdpa"
        return tokens.mask[:, None, None] if ready else tokens.mask.long()

    def train(self, mode: bool = True) -> PretrainedEncoder:
        """Switch dropout on or off; frozen layers stay without dropout."""
        super().train(mode)
        for module in self._frozen_modules:
            module.eval()
        return self

    def _freeze_lower(self, count: int) -> None:
        layers = _layers(self.model) if count else nn.ModuleList()
        if count > len(layers):
            raise ConfigError(
                f"At most {len(layers)} layers of this checkpoint can be frozen, got {count}."
            )
        self._frozen_modules = (self.embeddings, *layers[:count]) if count else ()
        for module in self._frozen_modules:
            module.requires_grad_(False)


class _PassThrough(nn.Module):
    """Stands where the embedding layer was and hands on the embeddings it is given."""

    def forward(self, *arguments: Any, **named: Any) -> Tensor:
        values = (*arguments, *named.values())
        return next(v for v in values if isinstance(v, Tensor) and v.is_floating_point())


def _take_embeddings(model: nn.Module, name: str) -> nn.Module:
    embeddings = getattr(model, "embeddings", None)
    if not isinstance(embeddings, nn.Module):
        raise CheckpointError(
            f"Checkpoint {name!r} is a {type(model).__name__}, not an encoder of the BERT family."
        )
    model.embeddings = _PassThrough()
    return embeddings


def _layers(model: nn.Module) -> nn.ModuleList:
    stack = getattr(model, "encoder", None) or getattr(model, "transformer", None)
    layers = getattr(stack, "layer", None)
    if not isinstance(layers, nn.ModuleList):
        raise ConfigError(
            f"Single layers of a {type(model).__name__} cannot be frozen; freeze none or all."
        )
    return layers


def _check_length(embeddings: nn.Module, max_length: int) -> None:
    table = getattr(embeddings, "position_embeddings", None)
    if not isinstance(table, nn.Embedding):
        return
    # RoBERTa and its kin count positions from one past the padding number.
    longest = table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
    if max_length > longest:
        raise ConfigError(
            f"This checkpoint reads at most {longest} tokens, but texts may have {max_length}."
        )


def _recompute_activations(model: nn.Module) -> None:
    # The method was renamed during transformers 5; the argument's name with it.
    enable: Callable[..., None] | None = getattr(model, "activation_checkpointing_enable", None)
    enable = enable or model.gradient_checkpointing_enable
    enable({"use_reentrant": False})
