"""Pretrained models by folder or hub name; weights only from safetensors, never from pickle."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from mtlviz.access import current, shown
from mtlviz.errors import CheckpointError, ConfigError, OfflineError

NEEDED = ("*.json", "*.safetensors", "*.txt", "*.model")
"""Files fetched from the hub: configuration, weights, tokenizer; nothing that could run code."""


def checkpoint_folder(name: str) -> Path:
    """The folder of a pretrained model, fetched from the hub when it is not a local one.

    Args:
        name: A local folder, or a hub name such as `bert-base-uncased`.

    Raises:
        ConfigError: The name is empty.
        CheckpointError: There is no such model, or its weights are not in safetensors.
        OfflineError: It must be fetched and cannot be.
    """
    if not name:
        raise ConfigError("A pretrained encoder needs a checkpoint: a local folder or a hub name.")
    folder = current().local_folder(name) or _fetch(name)
    if not any(folder.glob("*.safetensors")):
        raise CheckpointError(
            f"Checkpoint {shown(name)} holds no *.safetensors file: weights in pickle files "
            "(.bin, .pt) can run code and are refused; convert them to safetensors first."
        )
    return folder


def embedding_table(name: str) -> Tensor:
    """A checkpoint's word vectors (V, d), read without building its model.

    Raises:
        CheckpointError: No tensor of the checkpoint is a word embedding table.
    """
    for file in sorted(checkpoint_folder(name).glob("*.safetensors")):
        with safe_open(file, framework="pt") as tensors:
            for key in sorted(tensors.keys()):
                if key.endswith(("word_embeddings.weight", "embed_tokens.weight")):
                    return tensors.get_tensor(key).to(torch.float32)
    raise CheckpointError(f"Checkpoint {shown(name)} holds no table of word embeddings.")


def _fetch(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        HFValidationError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    try:
        return Path(snapshot_download(name, allow_patterns=list(NEEDED)))
    except HFValidationError as error:
        raise CheckpointError(
            f"There is no folder {shown(name)}, nor can a hub name look so."
        ) from error
    except RepositoryNotFoundError as error:
        raise CheckpointError(
            f"There is no folder and no public hub model {shown(name)}."
        ) from error
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        raise OfflineError(
            f"Checkpoint {shown(name)} is not a local folder and cannot be fetched: the hub is not "
            "reachable from here. Give a local folder instead."
        ) from error
