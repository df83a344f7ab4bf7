"""Encoder outputs computed once, so that heads over a frozen encoder train in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from mtlviz.engine.device import Precision, autocast
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.errors import ConfigError

if TYPE_CHECKING:  # Batches are made of tokens: at run time they import this package.
    from mtlviz.engine.batches import TaskBatches


def is_cacheable(model: MultiTaskModel, task: int) -> bool:
    """Whether nothing before a task's head trains, so that its inputs never change.

    A head that reads a vector for each token has inputs too large to keep.
    """
    if KINDS[model.tasks[task].kind].reads_tokens:
        return False
    sharing = model.sharing
    before = [*sharing.shared_parameters(), *sharing.task_parameters(task)]
    return not any(parameter.requires_grad for parameter in before)


def cached_features(
    model: MultiTaskModel, task: int, batches: TaskBatches, precision: Precision = "float32"
) -> Tensor:
    """Run the encoder once over a whole split; `batches.use_features` then takes the result.

    Args:
        model: The model, on the device where it is to run.
        task: Number of the task.
        batches: The split; must not have features yet.
        precision: Number format of the forward passes.

    Returns:
        One row per example of the split, in its order: (N, r), or (N, 2, r) for pairs encoded
        separately; float32, on the CPU.

    Raises:
        ConfigError: Something before the task's head trains.
    """
    if not is_cacheable(model, task):
        raise ConfigError(
            f"Encoder outputs of task {model.tasks[task].name!r} cannot be cached: parameters "
            "before its head train; freeze the encoder and share it without extra parts."
        )
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    order = batches.in_length_order()
    with torch.no_grad(), autocast(device, precision):
        rows = [model.features(task, batches.collate(i).to(device)).float().cpu() for i in order]
    model.train(was_training)
    places = torch.cat([torch.as_tensor(indices) for indices in order])
    return torch.cat(rows)[places.argsort()]
