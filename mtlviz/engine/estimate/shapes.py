"""The shape of a pretrained encoder, read from the headers of its files without torch."""

import json
import math
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtlviz.errors import CheckpointError

_LAYER = re.compile(r"(?:^|\.)layers?\.(\d+)\.")
_LONGEST_HEADER = 100_000_000
# Weights of pretraining heads, and buffers: no part of the encoder.
_OTHER = re.compile(r"position_ids$|(?:^|\.)(?:cls|lm_head|vocab_\w+|discriminator\w*)\.")


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
        positions: Longest input in tokens; None where the configuration does not say.
    """

    width: int
    feed_forward: int
    embedding: int
    layers: tuple[int, ...]
    pooler: int
    table: tuple[int, int]
    positions: int | None


def read_shape(folder: Path, name: str) -> CheckpointShape:
    """The shape of the encoder in a folder.

    Args:
        folder: Where its files are.
        name: What messages call it.

    Raises:
        CheckpointError: It cannot be read, is not in safetensors, or its weights do not have the
            shapes that its configuration calls for.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise CheckpointError(
            f"Checkpoint {name!r} holds no *.safetensors file: weights in pickle files "
            "(.bin, .pt) can run code and are refused; convert them to safetensors first."
        )
    settings = _settings(folder, name)
    shapes = {key: shape for file in files for key, shape in _tensors(file, name)}
    kept = {key: shape for key, shape in shapes.items() if not _OTHER.search(key)}
    return _shape(settings, kept, name)


def _settings(folder: Path, name: str) -> dict[str, Any]:
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"Checkpoint {name!r} has no config.json that can be read."
        ) from error
    if not isinstance(found, dict):
        raise CheckpointError(f"The config.json of checkpoint {name!r} is no object.")
    return found


def _tensors(file: Path, name: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and shape of every tensor of a safetensors file.

    Reference:
        https://huggingface.co/docs/safetensors: 8 bytes of length, then a header in JSON.
    """
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            header = json.loads(opened.read(min(length, _LONGEST_HEADER)))
        entries = [(key, tuple(entry["shape"])) for key, entry in header.items() if key[:2] != "__"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise CheckpointError(
            f"{file.name} of checkpoint {name!r} is damaged: its header cannot be read."
        ) from error
    yield from entries


def _shape(
    settings: Mapping[str, Any], tensors: Mapping[str, tuple[int, ...]], name: str
) -> CheckpointShape:
    table = next((s for key, s in tensors.items() if key.endswith("word_embeddings.weight")), None)
    if table is None:
        raise CheckpointError(f"Checkpoint {name!r} is not an encoder of the BERT family.")
    layers: dict[int, int] = {}
    for key, shape in tensors.items():
        if found := _LAYER.search(key):
            layers[int(found[1])] = layers.get(int(found[1]), 0) + math.prod(shape)
    width = int(_number(settings, "hidden_size", "dim") or table[1])
    _check(settings, tensors, table, len(layers), name)
    return CheckpointShape(
        width=width,
        feed_forward=int(_number(settings, "intermediate_size", "hidden_dim") or 4 * width),
        embedding=_total(tensors, "embeddings."),
        layers=tuple(layers[layer] for layer in sorted(layers)),
        pooler=_total(tensors, "pooler."),
        table=(table[0], table[1]),
        positions=_number(settings, "max_position_embeddings"),
    )


def _check(
    settings: Mapping[str, Any],
    tensors: Mapping[str, tuple[int, ...]],
    table: tuple[int, ...],
    layers: int,
    name: str,
) -> None:
    """The weights fit the configuration, as far as widths and depth go."""
    width = _number(settings, "hidden_size", "dim")
    promised = (
        ("words", _number(settings, "vocab_size"), table[0]),
        ("numbers a word vector", _number(settings, "embedding_size") or width, table[1]),
        ("layers", _number(settings, "num_hidden_layers", "n_layers"), layers),
        *(
            ("numbers a layer's output", width, shape[0])
            for key, shape in tensors.items()
            if key.endswith("output.dense.weight")
        ),
    )
    for what, said, found in promised:
        if said is not None and said != found:
            raise CheckpointError(
                f"The weights of checkpoint {name!r} do not fit its configuration: "
                f"config.json says {said:,} {what}, the file holds {found:,}."
            )


def _total(tensors: Mapping[str, tuple[int, ...]], part: str) -> int:
    kept = (
        shape for key, shape in tensors.items()
        if f".{key}".find(f".{part}") >= 0 and not _LAYER.search(key)
    )  # fmt: skip
    return sum(math.prod(shape) for shape in kept)


def _number(settings: Mapping[str, Any], *names: str) -> int | None:
    return next((settings[name] for name in names if isinstance(settings.get(name), int)), None)
