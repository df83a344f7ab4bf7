"""Pretrained encoders by family: the names of their modules at the places where inserts stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtlviz.engine.models.inserts.places import Place, transformer_places

if TYPE_CHECKING:
    from mtlviz.engine.estimate.shapes import CheckpointShape


@dataclass(frozen=True)
class Family:
    """How members of a family call their modules.

    Attributes:
        layers: The list of layers.
        self_attention: Inside a layer, the module that computes attention.
        modules: Inside a layer, the modules at places.
        projects: Whether narrow word vectors are widened before the layers.
    """

    layers: str
    self_attention: str
    modules: Mapping[str, str]
    projects: bool = False


_BERT = Family(
    "encoder.layer",
    "attention.self",
    {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attention": "attention.output.dense",
        "attention_norm": "attention.output.LayerNorm",
        "expand": "intermediate.dense",
        "contract": "output.dense",
        "output_norm": "output.LayerNorm",
    },
)
_DISTILBERT = Family(
    "transformer.layer",
    "attention",
    {
        "query": "attention.q_lin",
        "key": "attention.k_lin",
        "value": "attention.v_lin",
        "attention": "attention.out_lin",
        "attention_norm": "sa_layer_norm",
        "expand": "ffn.lin1",
        "contract": "ffn.lin2",
        "output_norm": "output_layer_norm",
    },
)
_ELECTRA = Family(_BERT.layers, _BERT.self_attention, _BERT.modules, projects=True)

FAMILIES: dict[str, Family] = {
    "bert": _BERT,
    "roberta": _BERT,
    "xlm-roberta": _BERT,
    "camembert": _BERT,
    "distilbert": _DISTILBERT,
    "electra": _ELECTRA,
}
"""Families by the `model_type` of a checkpoint's configuration; MiniLM is of BERT's."""


def family_places(
    family: Family, depth: int, width: int, feed_forward: int, words: int
) -> tuple[Place, ...]:
    """The places of a pretrained encoder.

    Args:
        family: What it is of.
        depth: Layers.
        width: Width of its token vectors.
        feed_forward: Width inside its feed-forward layers.
        words: Width of its word vectors.
    """
    around = [Place(-1, "embedding_norm", words, words)]
    if family.projects and words != width:
        around.append(Place(-1, "project", words, width))
    return (*around, *transformer_places(depth, width, feed_forward))


def checkpoint_places(shape: CheckpointShape, kept_layers: int = 0) -> tuple[Place, ...]:
    """The places of a checkpoint's encoder; none if its family is not known.

    Args:
        shape: Its shape.
        kept_layers: Lower layers kept as they are: nothing is put into these.
    """
    if (family := FAMILIES.get(shape.model_type)) is None:
        return ()
    sizes = len(shape.layers), shape.width, shape.feed_forward, shape.table[1]
    return above(family_places(family, *sizes), kept_layers)


def above(places: Sequence[Place], kept_layers: int) -> tuple[Place, ...]:
    """The places above so many kept layers; all of them where none is kept."""
    return tuple(place for place in places if not kept_layers or place.layer >= kept_layers)
