"""The shape of a pretrained encoder, read from the headers of its files without torch."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mtlviz.engine.estimate.checkpoint_files import CheckpointFiles
from mtlviz.errors import CheckpointError

Tensors = Mapping[str, tuple[int, ...]]
LAYER = re.compile(r"(?:^|\.)(?:layers?|h|(?:res)?blocks?)\.(\d+)\.")
# Weights of pretraining heads, and buffers: no part of the encoder.
_OTHER = re.compile(r"position_ids$|(?:^|\.)(?:cls|lm_head|vocab_\w+|discriminator\w*)\.")
_TABLE = re.compile(
    r"(?:^|\.)(?:word_embeddings?|tok(?:en)?_embeddings?|embed_tokens|embed_in|wte|shared"
    r"|embeddings)\.weight$"
)
_POSITIONS = re.compile(r"(?:^|\.)(?:position_embeddings?|embed_positions|wpe)\.weight$")
_OUTPUT = re.compile(r"(?:^|\.)output\.dense\.weight$")
_COUNTS_FROM_PADDING = re.compile(
    r"roberta|camembert|longformer|mpnet|data2vec|xmod|ibert|luke|esm|lilt|layoutlmv3|markuplm"
)
"""Kinds of model whose first position is one past the number of their padding."""
_DEPTHS = ("num_hidden_layers", "n_layers", "n_layer", "num_layers")
_TABLE_WIDTHS = ("embedding_size", "input_embedding_size")
_WIDTHS = ("hidden_size", "dim", "d_model", "n_embd", "emb_dim")


@dataclass(frozen=True)
class CheckpointShape:
    """A pretrained encoder in numbers.

    Attributes:
        width: Width of its token vectors and of its output.
        feed_forward: Width inside its feed-forward layers.
        embedding: Parameters of its embedding layer.
        layers: Parameters of each layer above it.
        pooler: Parameters of its pooler; 0 if it has none.
        table: Word vectors and their width.
        positions: Longest input in tokens; None where nothing limits it.
        obstacle: Why no run can use it as its encoder; None where nothing in its files says so.
        model_type: What its configuration calls its family; empty if it does not say.
    """

    width: int
    feed_forward: int
    embedding: int
    layers: tuple[int, ...]
    pooler: int
    table: tuple[int, int]
    positions: int | None
    obstacle: str | None = None
    model_type: str = ""


def read_shape(files: CheckpointFiles) -> CheckpointShape:
    """The shape of the encoder in a folder.

    Raises:
        CheckpointError: It cannot be read, is not in safetensors, holds no word vectors, or its
            weights do not have the shapes that its configuration calls for.
    """
    tensors, settings = files.tensors(), files.settings()
    table = tensors[table_name(tensors, settings, files.name)]
    kept = {key: shape for key, shape in tensors.items() if not _OTHER.search(key)}
    layers = _layers(kept)
    _check(settings, kept, table, len(layers), files.name)
    width = int(_number(settings, *_WIDTHS) or table[1])
    embedding = _total(kept, "embeddings.", "emb_ln.") or math.prod(table)
    pooler = _total(kept, "pooler.")
    rest = sum(map(math.prod, kept.values())) - embedding - pooler - sum(layers)
    return CheckpointShape(
        width=_number(settings, "embedding_dim") or width,
        feed_forward=int(_number(settings, "intermediate_size", "hidden_dim") or 4 * width),
        embedding=embedding,
        layers=_with_rest(layers, rest),
        pooler=pooler,
        table=(table[0], table[1]),
        positions=_positions(settings, kept),
        obstacle=_obstacle(settings, files),
        model_type=str(settings.get("model_type", "")),
    )


def table_name(tensors: Tensors, settings: Mapping[str, Any], name: str) -> str:
    """The name of the table of word vectors among a model's tensors.

    Args:
        tensors: Their shapes by name.
        settings: The model's configuration.
        name: What messages call it.

    Raises:
        CheckpointError: None of them is such a table.
    """
    rows = _number(settings, "vocab_size")
    named = sorted(key for key in tensors if _TABLE.search(key) and len(tensors[key]) == 2)
    fitting = [key for key in named if tensors[key][0] == rows]
    if not named:
        raise CheckpointError(
            f"Checkpoint {name} is no model of texts: its weights hold no table of word vectors."
        )
    return (fitting or named)[0]


def _layers(tensors: Tensors) -> tuple[int, ...]:
    """Parameters of each numbered layer."""
    found: dict[int, int] = {}
    for key, shape in tensors.items():
        if number := LAYER.search(key):
            found[int(number[1])] = found.get(int(number[1]), 0) + math.prod(shape)
    return tuple(found[layer] for layer in sorted(found))


def _with_rest(layers: tuple[int, ...], rest: int) -> tuple[int, ...]:
    """What stands above the layers trains with the last; layers without numbers are one."""
    if layers:
        return (*layers[:-1], layers[-1] + rest)
    return (rest,) if rest else ()


def _positions(settings: Mapping[str, Any], tensors: Tensors) -> int | None:
    """Longest input: rows of the table of positions, or what the configuration says."""
    rows = next((shape[0] for key, shape in tensors.items() if _POSITIONS.search(key)), None)
    said = _number(settings, "max_position_embeddings") or 0
    if rows is None:
        return said if said > 0 and not settings.get("relative_attention") else None
    if found := _COUNTS_FROM_PADDING.search(str(settings.get("model_type"))):
        # MPNet's padding is number 1, whatever its configuration says.
        padding = 1 if found[0] == "mpnet" else _number(settings, "pad_token_id") or 0
        return (rows - 1 - padding) // _window(settings) * _window(settings)
    return min(rows, said) if said > 0 else rows


def _window(settings: Mapping[str, Any]) -> int:
    """Tokens of which a text is made a multiple; 1 where it is not."""
    sizes = settings.get("attention_window")
    known = sizes if isinstance(sizes, list) else [sizes]
    return max((size for size in known if isinstance(size, int) and size > 0), default=1)


def _obstacle(settings: Mapping[str, Any], files: CheckpointFiles) -> str | None:
    """Why a model is no encoder that a run can train, as far as its configuration says."""
    try:
        files.check_code(settings, "config.json")
    except CheckpointError as error:
        return str(error)
    kind = settings.get("model_type")
    if not isinstance(kind, str):
        return f"The config.json of checkpoint {files.name} names no model_type."
    if settings.get("is_encoder_decoder"):
        return (
            f"Checkpoint {files.name} ({kind}) is an encoder with a decoder, which writes texts; "
            "give an encoder of the BERT family."
        )
    return None


def _check(
    settings: Mapping[str, Any], tensors: Tensors, table: tuple[int, ...], layers: int, name: str
) -> None:
    """The weights fit the configuration, as far as widths and depth go."""
    width = _number(settings, *_WIDTHS)
    promised = (
        ("words", _number(settings, "vocab_size"), table[0]),
        ("numbers a word vector", _number(settings, *_TABLE_WIDTHS) or width, table[1]),
        ("layers", _number(settings, *_DEPTHS) if layers else None, layers),
        *(
            ("numbers a layer's output", width, shape[0])
            for key, shape in tensors.items()
            # MobileBERT's layers are narrower inside than their output.
            if _OUTPUT.search(key) and "intra_bottleneck_size" not in settings
        ),
    )
    for what, said, found in promised:
        if said is not None and said != found:
            raise CheckpointError(
                f"The weights of checkpoint {name} do not fit its configuration: "
                f"config.json says {said:,} {what}, the file holds {found:,}."
            )


def _total(tensors: Tensors, *parts: str) -> int:
    kept = (
        shape for key, shape in tensors.items()
        if any(f".{part}" in f".{key}" for part in parts) and not LAYER.search(key)
    )  # fmt: skip
    return sum(math.prod(shape) for shape in kept)


def _number(settings: Mapping[str, Any], *names: str) -> int | None:
    return next((settings[name] for name in names if isinstance(settings.get(name), int)), None)
