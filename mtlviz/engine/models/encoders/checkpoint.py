"""Any pretrained encoder of the BERT family, cut in two after its embedding layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from mtlviz.access import shown
from mtlviz.engine.config import RunConfig
from mtlviz.engine.device import Precision, autocast
from mtlviz.engine.estimate.shapes import LAYER
from mtlviz.engine.models.encoders.encoder import Encoder, Layered, Surroundings
from mtlviz.engine.models.inserts.attention import EXTENDED
from mtlviz.engine.models.inserts.families import FAMILIES, above, family_places
from mtlviz.engine.models.inserts.places import Place
from mtlviz.engine.models.inserts.sites import Site, Sites, layer_sites
from mtlviz.engine.models.pooling import average, check_pooling
from mtlviz.engine.models.pretrained import load_pretrained
from mtlviz.engine.models.tokens import Tokens
from mtlviz.engine.models.trial import Reading, readings
from mtlviz.engine.randomness import untouched_random_state
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
    """Start from a pretrained encoder: BERT, RoBERTa, DeBERTa, ModernBERT, ELECTRA and their kin.

    Any model that transformers knows is taken if it sees a whole text at once and gives, fed with
    vectors in place of words, what it gives for the words themselves; that is tried when it is
    loaded. The checkpoint fixes width and depth; the dropout rate is the run's. Frozen layers
    (counted from below, embeddings included) neither train nor drop out.

    Raises:
        CheckpointError: The checkpoint is missing, is not in safetensors, lacks weights, or is no
            such model.
        OfflineError: The checkpoint must be fetched and cannot be.
        ConfigError: More layers are to be frozen than there are, texts may be longer than the
            checkpoint can read, or it has no such pooling.
    """

    attends = pretrained = True

    def __init__(self, run: RunConfig, vectors: None, generator: torch.Generator) -> None:
        super().__init__()
        config = run.capacity
        check_pooling("checkpoint", config.pooling, ("cls", "mean", "pooler"))
        self.model, self.pooling = load_pretrained(run), config.pooling
        self.embeddings: nn.Module | None = None
        if run.optimisation.gradient_checkpointing:
            _recompute_activations(self.model)
        self._drop_pooler()
        read = readings(self.model, shown(config.checkpoint), self.pooling)
        self._cut(shown(config.checkpoint), read)
        self._check_precision(run.optimisation.precision, read[0].tokens)
        self._kept_layers = config.frozen_layers
        self._freeze_lower(config.frozen_layers)

    def surround(self, replay: Surroundings) -> None:
        """Say what surrounds a layer's forward pass, and its repetition in the backward pass."""
        # Said only where something needs it: torch.compile takes a checkpoint without surroundings.
        for layer in self.modules():
            if (again := getattr(layer, "_gradient_checkpointing_func", None)) is not None:
                layer._gradient_checkpointing_func = partial(again, context_fn=replay)

    def embed(self, tokens: Tokens) -> Tensor:
        """Vectors as they enter the layers where the model can be cut there, else word vectors.

        As they enter the layers they are sums of word, position and segment vectors, normalised.
        """
        if self.embeddings is None:
            return self.model.get_input_embeddings()(tokens.ids)
        return self.embeddings(input_ids=tokens.ids, **self._segments(tokens))

    def encode(self, embedded: Tensor, tokens: Tokens) -> Tensor:
        """The checkpoint's layers above the embeddings, then the pooling."""
        output = self.outputs(embedded, tokens)
        if tokens.places is not None:
            return output.last_hidden_state
        if self.pooling == "pooler":
            return output.pooler_output
        hidden = output.last_hidden_state
        return hidden[:, 0] if self.pooling == "cls" else average(hidden, tokens.mask)

    def outputs(self, embedded: Tensor, tokens: Tokens, **asked: bool) -> Any:
        """All that the model gives for what `embed` returned, possibly aligned.

        Args:
            embedded: Vectors (N, T, d).
            tokens: The texts.
            asked: What transformers is asked for besides, such as `output_hidden_states`.
        """
        segments = self._segments(tokens) if self.embeddings is None else {}
        mask = self._attended(tokens)
        return self.model(inputs_embeds=embedded, attention_mask=mask, **segments, **asked)

    def layer_of(self, name: str) -> int:
        """Numbered layers; what stands above them is counted with the last, as in estimates."""
        if ".embeddings." in f".{name}" or self._is_table(name):
            return 0
        found = LAYER.search(name)
        return int(found[1]) + 1 if found else self.numbered_layers or 1

    def _is_table(self, name: str) -> bool:
        """Whether a parameter is the table of words where it has no embedding layer around it."""
        if self.embeddings is not None:
            return False
        return dict(self.named_parameters()).get(name) is self.model.get_input_embeddings().weight

    @property
    def numbered_layers(self) -> int:
        """Layers whose weights say their number; 0 where a family shares one set of weights."""
        names = (name for name, _ in self.named_parameters())
        return max(
            (int(found[1]) + 1 for name in names if (found := LAYER.search(name))), default=0
        )

    @property
    def stops(self) -> int:
        """After each layer, where the family's are all alike; else once, at its end."""
        return len(_layers(self.model)) if self._is_plain else 1

    @property
    def _is_plain(self) -> bool:
        return self.model.config.model_type in FAMILIES

    def layered(self, embedded: Tensor, tokens: Tokens) -> Layered:
        """The layers one by one, where the family's are all alike and attend by a ready mask."""
        if not self._is_plain:
            return (yield self.encode(embedded, tokens))
        project = getattr(self.model, "embeddings_project", None)
        hidden = embedded if project is None else project(embedded)
        mask = None if tokens.full else tokens.mask[:, None, None]
        for layer in _layers(self.model):
            hidden = yield layer(hidden, mask)
        if tokens.places is not None:
            return hidden
        if self.pooling == "pooler":
            return self.model.pooler(hidden)
        return hidden[:, 0] if self.pooling == "cls" else average(hidden, tokens.mask)

    def _cut(self, name: str, expected: Sequence[Reading]) -> None:
        """Find where the model can be fed with vectors; both halves then give what it gives."""
        model, whole = self.model, getattr(self.model, "embeddings", None)
        self.output_width = expected[0].hidden.shape[2]
        if isinstance(whole, nn.Module):
            self.embeddings, model.embeddings = whole, _PassThrough()
            if self._agrees(expected):
                return
            self.embeddings, model.embeddings = None, whole
        if not self._agrees(expected):
            raise CheckpointError(
                f"Checkpoint {name} is a {type(model).__name__}, whose layers cannot be fed with "
                "vectors in place of words; give an encoder of the BERT family."
            )

    def _drop_pooler(self) -> None:
        # A pooler whose output nobody reads would be a shared parameter without a gradient.
        if self.pooling != "pooler" and getattr(self.model, "pooler", None) is not None:
            self.model.pooler = nn.Identity()

    @torch.no_grad()
    def _agrees(self, expected: Sequence[Reading]) -> bool:
        try:
            for reading in expected:
                with untouched_random_state():
                    embedded = self.embed(reading.tokens)
                    hidden = self.outputs(embedded, reading.tokens).last_hidden_state
                if not reading.is_matched_by(hidden):
                    return False
                self.embedding_width = embedded.shape[2]
        except Exception:  # noqa: BLE001  whatever a foreign model raises, this is no place to cut
            return False
        return True

    @torch.no_grad()
    def _check_precision(self, precision: Precision, tokens: Tokens) -> None:
        """Some models write numbers into their masks that half the bits cannot hold."""
        if precision == "float32":
            return
        try:
            with untouched_random_state(), autocast(torch.device("cpu"), precision):
                self.outputs(self.embed(tokens), tokens)
        except RuntimeError as error:
            raise ConfigError(
                f"A {type(self.model).__name__} of transformers cannot compute in {precision}; "
                "choose float32."
            ) from error

    def _segments(self, tokens: Tokens) -> dict[str, Tensor]:
        if tokens.segments is None or getattr(self.model.config, "type_vocab_size", 0) < 2:
            return {}
        return {"token_type_ids": tokens.segments}

    def _attended(self, tokens: Tokens) -> Tensor | None:
        """The tokens to attend to, None for all: the fastest kernels of attention take no mask.

        From a mask (N, T) transformers makes the one that attention needs, but looks into it first,
        for which a GPU would have to stop; one of shape (N, 1, 1, T) is taken as it is.
        """
        if tokens.full:
            return None
        config = self.model.config
        fused = config._attn_implementation in ("sdpa", EXTENDED)
        ready = fused and config.model_type in _TAKE_READY_MASKS
        return tokens.mask[:, None, None] if ready else tokens.mask.long()

    def sites(self) -> Sites:
        """The modules of its family at their places; none of another family."""
        if not self.places:
            return {}
        family = FAMILIES[self.model.config.model_type]
        layers = enumerate(self.model.get_submodule(family.layers))
        found = {
            (number, name): site
            for number, layer in layers
            for name, site in layer_sites(layer, family).items()
        }
        found[-1, "embedding_norm"] = Site(self.embeddings.LayerNorm)
        if (project := getattr(self.model, "embeddings_project", None)) is not None:
            found[-1, "project"] = Site(project)
        return found

    @property
    def places(self) -> tuple[Place, ...]:
        """Those of its family, above the layers that are kept; none of another family."""
        family = FAMILIES.get(self.model.config.model_type)
        if family is None or self.embeddings is None:
            return ()
        layers = self.model.get_submodule(family.layers)
        expand = layers[0].get_submodule(family.modules["expand"])
        words = self.embeddings.word_embeddings.embedding_dim
        sizes = len(layers), expand.in_features, expand.out_features, words
        return above(family_places(family, *sizes), self._kept_layers)

    def lowest(self, count: int) -> tuple[nn.Module, ...]:
        """The embeddings and so many layers above them; nothing for 0."""
        layers = _layers(self.model) if count else nn.ModuleList()
        if count > len(layers):
            raise ConfigError(
                f"At most {len(layers)} layers of this checkpoint can be frozen, got {count}."
            )
        below = self.embeddings or self.model.get_input_embeddings() if count else None
        return (below, *layers[:count]) if count else ()

    def _freeze_lower(self, count: int) -> None:
        self.hold(self.lowest(count))
        for module in self._held:
            module.requires_grad_(False)


class _PassThrough(nn.Module):
    """Stands where the embedding layer was and hands on the embeddings it is given."""

    def forward(self, *arguments: Any, **named: Any) -> Tensor:
        if named.get("inputs_embeds") is not None:
            return named["inputs_embeds"]
        values = (*arguments, *named.values())
        return next(v for v in values if isinstance(v, Tensor) and v.is_floating_point())


def _layers(model: nn.Module) -> nn.ModuleList:
    for part in (model, getattr(model, "encoder", None), getattr(model, "transformer", None)):
        for name in ("layer", "layers"):
            if isinstance(layers := getattr(part, name, None), nn.ModuleList):
                return layers
    raise ConfigError(
        f"Single layers of a {type(model).__name__} cannot be frozen; freeze none or all."
    )


def _recompute_activations(model: nn.Module) -> None:
    # The method was renamed during transformers 5; the argument's name with it.
    enable: Callable[..., None] | None = getattr(model, "activation_checkpointing_enable", None)
    enable = enable or model.gradient_checkpointing_enable
    try:
        enable({"use_reentrant": False})
    except ValueError as error:
        raise ConfigError(
            f"A {type(model).__name__} cannot recompute its activations; leave "
            "`optimisation.gradient_checkpointing` out."
        ) from error
