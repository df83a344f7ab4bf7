"""A trained model as a folder for transformers: the encoder in its own architecture, heads beside.

Weights are written as safetensors only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor

from mtlviz.engine.head_file import head_steps, head_tensors
from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.pretrained import no_progress_bar
from mtlviz.engine.models.sharing.sharing import OwnEncoders, Sharing
from mtlviz.engine.trained_model import TrainedModel

HEADS, HEAD_WEIGHTS = "heads.json", "heads.safetensors"
BESIDE, OTHER = "beside.safetensors", "encoder.safetensors"


def write_model(made: TrainedModel, folder: Path) -> None:
    """Write a model into an empty folder: encoders, tokenizer, heads, and what stands beside.

    An encoder that has an architecture of transformers is written as its `from_pretrained` reads
    it: in the folder itself, or in one for each task where each has its own. Another is written as
    plain tensors.
    """
    for place, encoder in encoder_places(made).items():
        target = folder / place
        target.mkdir(exist_ok=True)
        _write_encoder(encoder, target)
        made.tokenizer.save(target)
    _write_tensors(head_tensors(made.model), folder / HEAD_WEIGHTS)
    _write_json(heads(made), folder / HEADS)
    if added := beside(made.model.sharing):
        _write_tensors(added, folder / BESIDE)


def heads(made: TrainedModel) -> dict[str, Any]:
    """How to apply the heads, and what text vectors they read."""
    return {
        "tensors": HEAD_WEIGHTS,
        "pooling": made.config.capacity.pooling,
        "max_length": made.config.data.max_length,
        "heads": head_steps(made.model, made.config.data),
    }


def encoder_places(made: TrainedModel) -> dict[str, Encoder]:
    """Each encoder by its folder below the model's own; `.` for one that all tasks share."""
    sharing = made.model.sharing
    if not isinstance(sharing, OwnEncoders):
        return {".": next(part for part in sharing.modules() if isinstance(part, Encoder))}
    names = (task_folder(number, task.name) for number, task in enumerate(made.tasks))
    return dict(zip(names, sharing.encoders, strict=True))  # type: ignore[arg-type]


def task_folder(number: int, name: str) -> str:
    """The folder of a task, whatever its name is."""
    return f"{number + 1}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}"


def _write_encoder(encoder: Encoder, folder: Path) -> None:
    if encoder.pretrained:
        with no_progress_bar(), _whole(encoder) as model:
            # Where its checkpoint lay is nobody's business.
            model.config._name_or_path = ""
            model.save_pretrained(folder)
    else:
        _write_tensors(encoder.state_dict(), folder / OTHER)


@contextmanager
def _whole(encoder: Any) -> Iterator[Any]:
    """The model as transformers made it, with its embedding layer back in its place."""
    model, stand_in = encoder.model, getattr(encoder.model, "embeddings", None)
    if encoder.embeddings is not None:
        model.embeddings = encoder.embeddings
    try:
        yield model
    finally:
        if encoder.embeddings is not None:
            model.embeddings = stand_in


def beside(sharing: Sharing) -> dict[str, Tensor]:
    """What the way of sharing adds to its encoders."""
    within = {name for name, part in sharing.named_modules() if isinstance(part, Encoder)}
    return {
        name: tensor
        for name, tensor in sharing.state_dict().items()
        if not any(name.startswith(f"{each}.") for each in within)
    }


def _write_tensors(tensors: dict[str, Tensor], place: Path) -> None:
    whole = {name: each.detach().cpu().clone().contiguous() for name, each in tensors.items()}
    save_file(whole, place, {"format": "pt"})


def _write_json(value: Any, place: Path) -> None:
    place.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
