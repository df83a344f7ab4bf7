"""The model of a run at its best evaluation, as a file that other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.errors import CheckpointError

if TYPE_CHECKING:
    from mtlviz.engine.training import Training

MODEL = "model.safetensors"


def write_best(training: Training, folder: Path) -> None:
    """Write the model as it was at the best mean development score, if it was ever scored.

    The training holds the best model from here on, so it cannot go on afterwards.

    Raises:
        CheckpointError: If the file cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    from mtlviz.engine.checkpoint import model_tensors

    if not training.best:
        return
    training.use_best()
    tensors = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in model_tensors(training.model).items()
    }
    try:
        save_file(tensors, folder / MODEL)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"Cannot write {folder / MODEL}: {error}.") from error
