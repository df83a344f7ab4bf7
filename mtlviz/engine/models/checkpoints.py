"""Pretrained models by folder or hub name; weights only from safetensors, never from pickle."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from mtlviz.access import shown
from mtlviz.engine.estimate.checkpoint_files import CheckpointFiles
from mtlviz.engine.estimate.checkpoints import NotFetched, local_folder
from mtlviz.engine.estimate.shapes import table_name
from mtlviz.errors import CheckpointError, OfflineError

NEEDED = ("*.json", "*.safetensors", "*.txt", "*.model")
"""Files fetched from the hub: configuration, weights, tokenizer; nothing that could run code."""


def checkpoint_files(name: str) -> CheckpointFiles:
    """The files of a pretrained model, fetched from the hub when they are not here.

    Args:
        name: A local folder, or a hub name such as `bert-base-uncased`.

    Raises:
        ConfigError: The name is empty.
        CheckpointError: There is no such model.
        OfflineError: It must be fetched and cannot be.
    """
    try:
        folder = local_folder(name)
    except NotFetched:
        folder = _fetch(name)
    return CheckpointFiles(folder, shown(name))


def embedding_table(name: str) -> Tensor:
    """A checkpoint's word vectors (V, d), read without building its model.

    Raises:
        CheckpointError: It cannot be read, or no tensor of it is a table of word vectors.
    """
    files = checkpoint_files(name)
    key = table_name(files.tensors(), files.settings(), files.name)
    for file in files.weights():
        with safe_open(file, framework="pt") as tensors:
            if key in tensors.keys():  # noqa: SIM118  it is no dictionary
                table = tensors.get_tensor(key).to(torch.float32)
    if not table.isfinite().all():
        raise CheckpointError(f"Word vectors of checkpoint {files.name} are not finite.")
    return table


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
