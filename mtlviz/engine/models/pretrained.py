"""Loading a pretrained encoder: from safetensors, complete, and without touching random states."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from mtlviz.access import shown
from mtlviz.engine.config import CapacityConfig
from mtlviz.engine.models.checkpoints import checkpoint_folder
from mtlviz.engine.randomness import untouched_random_state
from mtlviz.errors import CheckpointError

DROPOUTS = (
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "dropout",
    "attention_dropout",
)
"""Names of the dropout rates in the configurations of the family's members."""


def load_pretrained(config: CapacityConfig) -> nn.Module:
    """The pretrained model that `config.checkpoint` names, in float32 and on the CPU.

    Args:
        config: Checkpoint; dropout, which replaces the checkpoint's own; pooling, which decides
            whether a pooler is kept.

    Raises:
        CheckpointError: The checkpoint is missing, is not in safetensors, or lacks weights.
        OfflineError: It must be fetched and cannot be.
    """
    from transformers import AutoConfig, AutoModel

    folder = checkpoint_folder(config.checkpoint)
    read = {"local_files_only": True, "trust_remote_code": False}
    try:
        settings = AutoConfig.from_pretrained(folder, **read)
        for name in DROPOUTS:
            if hasattr(settings, name):
                setattr(settings, name, config.dropout)
        # Attention is left to transformers: fused wherever the architecture offers it.
        with untouched_random_state(), _no_progress_bar():
            model, report = AutoModel.from_pretrained(
                folder,
                config=settings,
                use_safetensors=True,
                output_loading_info=True,
                dtype="float32",
                **read,
            )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise CheckpointError(
            f"Checkpoint {shown(config.checkpoint)} cannot be read: {_first_line(error)}"
        ) from error
    _check_complete(report, config)
    # A pooler whose output nobody reads would be a shared parameter without a gradient.
    if config.pooling != "pooler" and hasattr(model, "pooler"):
        model.pooler = None
    return model


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    # Weights load in well under a second, and the run has a progress bar of its own.
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _check_complete(report: dict[str, Any], config: CapacityConfig) -> None:
    missing = sorted(report["missing_keys"])
    needless = () if config.pooling == "pooler" else ("pooler.",)
    missing = [key for key in missing if not key.startswith(needless)] if needless else missing
    if missing:
        raise CheckpointError(
            f"Checkpoint {shown(config.checkpoint)} lacks {len(missing)} weights that its "
            f"configuration (with pooling {config.pooling!r}) calls for, {missing[0]!r} first."
        )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
