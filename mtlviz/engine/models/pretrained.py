"""Loading a pretrained encoder: from safetensors, complete, and without touching random states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from mtlviz.engine.config import CapacityConfig, RunConfig
from mtlviz.engine.estimate.checkpoints import check_encoder_fits
from mtlviz.engine.estimate.shapes import read_shape
from mtlviz.engine.models.checkpoints import checkpoint_files
from mtlviz.engine.randomness import untouched_random_state
from mtlviz.errors import CheckpointError

_NAME = re.compile(r"dropout|pdrop$")
"""Dropout rates in the configurations of the family's members."""


def load_pretrained(run: RunConfig) -> nn.Module:
    """The pretrained model that a run's checkpoint names, in float32 and on the CPU.

    Args:
        run: `run.capacity` names the checkpoint; its dropout replaces the checkpoint's own, and its
            pooling decides whether a pooler is kept.

    Raises:
        MtlvizError: The checkpoint cannot be used with these settings.
        OfflineError: It must be fetched and cannot be.
    """
    files = checkpoint_files(run.capacity.checkpoint)
    check_encoder_fits(run, read_shape(files))
    try:
        with untouched_random_state(), no_progress_bar():
            model, report = _read(files.folder, run.capacity.dropout)
    except Exception as error:
        raise CheckpointError(
            f"Checkpoint {files.name} cannot be read: {_reason(error, files.folder)}"
        ) from error
    _check_complete(report, run.capacity, files.name)
    return model


def _read(folder: Path, dropout: float) -> tuple[nn.Module, dict[str, Any]]:
    from transformers import AutoConfig, AutoModel

    read = {"local_files_only": True, "trust_remote_code": False}
    settings = AutoConfig.from_pretrained(folder, **read)
    settings.return_dict = True
    for name, value in settings.to_dict().items():
        if _NAME.search(name) and isinstance(value, int | float) and not isinstance(value, bool):
            setattr(settings, name, dropout)
    # Attention is left to transformers: fused wherever the architecture offers it.
    return AutoModel.from_pretrained(
        folder,
        config=settings,
        use_safetensors=True,
        output_loading_info=True,
        dtype="float32",
        **read,
    )


@contextmanager
def no_progress_bar() -> Iterator[None]:
    """Keep transformers from drawing bars of its own."""
    # Weights load in well under a second, and the run has a progress bar of its own.
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _check_complete(report: dict[str, Any], config: CapacityConfig, name: str) -> None:
    missing = sorted(report["missing_keys"])
    if config.pooling != "pooler":
        missing = [key for key in missing if not key.startswith("pooler.")]
    if missing:
        raise CheckpointError(
            f"Checkpoint {name} lacks {len(missing)} weights that its configuration "
            f"(with pooling {config.pooling!r}) calls for, {missing[0]!r} first."
        )


def _reason(error: BaseException, folder: Path) -> str:
    """The first line of what a library says, without where the folder lies."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line.replace(str(folder), folder.name)[:200]
