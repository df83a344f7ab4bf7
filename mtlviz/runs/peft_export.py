"""A stored run's LoRA as peft reads it: a folder for each task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.access import shown
from mtlviz.errors import ConfigError
from mtlviz.runs.export_folder import empty_folder
from mtlviz.runs.store import Store
from mtlviz.runs.stored_model import stored_model

if TYPE_CHECKING:
    from mtlviz.engine.trained_model import TrainedModel


def export_peft(store: Store, run: int, folder: str | Path) -> Path:
    """Write each task's LoRA into a folder of its name, and return the folder of them all.

    Heads are no part of it: what peft reads gives the encoder's vectors.

    Args:
        store: The store.
        run: Number of the run.
        folder: Where to write; it must be empty or not exist.

    Raises:
        MtlvizError: There is no such run, it has no LoRA, or the folder cannot be used.
    """
    check_lora(store.config(run).capacity.sharing)
    made = stored_model(store, run, "cpu")
    with empty_folder(folder) as place:
        write_tasks(made, place)
        return place


def is_plain_lora(made: TrainedModel) -> bool:
    """Whether peft's format holds what a run adds to its checkpoint."""
    sharing = made.model.sharing
    chosen = made.config.capacity.sharing == "lora" and not sharing.method.trains_encoder
    return chosen and sharing.encoder.pretrained


def check_lora(sharing: str) -> None:
    """Refuse ways of sharing whose parts peft has no format for here.

    Raises:
        ConfigError: It is no LoRA.
    """
    if sharing != "lora":
        raise ConfigError(f"peft's format is written for sharing 'lora' alone, got {sharing!r}.")


def write_tasks(made: TrainedModel, folder: Path) -> None:
    """Write every task's LoRA into a folder of its own.

    Raises:
        ConfigError: The encoder trained too, or is no checkpoint.
    """
    from mtlviz.engine.models.inserts.peft_format import write_lora
    from mtlviz.engine.transformers_folder import task_folder

    sharing, capacity = made.model.sharing, made.config.capacity
    if sharing.method.trains_encoder:
        raise ConfigError(
            "The encoder trained too (variant 'joint'), so that its checkpoint with these inserts "
            "would be another model; export a run with variant 'fixed'."
        )
    kind = sharing.encoder.model.config.model_type if sharing.encoder.pretrained else ""
    for number, task in enumerate(made.tasks):
        place = folder / task_folder(number, task.name)
        place.mkdir()
        scale = sharing.method.scale
        write_lora(place, sharing.sets(number), scale, kind, shown(capacity.checkpoint)[1:-1])
