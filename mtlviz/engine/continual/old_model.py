"""The model as it was when a phase began, and how far present answers have moved from its own."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from mtlviz.engine.kinds import KINDS

if TYPE_CHECKING:
    from mtlviz.engine.batches import Batch
    from mtlviz.engine.models.model import MultiTaskModel


def distance(
    model: MultiTaskModel, old: Mapping[str, Tensor], task: int, batch: Batch, temperature: float
) -> Tensor:
    """How far a task's answers on a batch have moved from the old model's, a scalar.

    For classes τ² KL(old ‖ new) of softened answers, over the classes that the old model had; for
    labels of which several may hold the same of each label; for scores half the squared difference.

    Args:
        model: The model now.
        old: What a run changes of it as it was, by name, and `classes` where there were fewer.
        task: Whose head is asked.
        batch: The examples of another task.
        temperature: τ.

    Reference:
        Li & Hoiem, ECCV 2016, eq. 2 and 3; τ² as in Hinton et al. 2015, section 2.
    """
    before, after = _old_logits(model, old, task, batch).float(), model(task, batch).float()
    kind = KINDS[model.tasks[task].kind]
    if kind.ranged:
        return (after - before).square().mean() / 2
    if kind.target == "labels":
        before, after = (torch.stack([each, -each], -1) / 2 for each in (before, after))
    elif (classes := old.get("classes")) is not None:
        before, after = before[:, classes], after[:, classes]
    old_logs, new_logs = (each.div(temperature).log_softmax(-1) for each in (before, after))
    apart = (old_logs.exp() * (old_logs - new_logs)).sum(-1)
    return temperature**2 * apart.mean()


@torch.no_grad()
def _old_logits(
    model: MultiTaskModel, old: Mapping[str, Tensor], task: int, batch: Batch
) -> Tensor:
    """The old model's answers, without dropout."""
    every = chain(model.named_parameters(), model.named_buffers())
    now = {name: each for name, each in every if name in old}
    present_values = {name: each.data for name, each in now.items()}
    was_training, present = model.training, model.classes
    model.eval()
    model.classes = old.get("classes")
    try:
        # Only what each tensor points to is exchanged, so that a head of several tasks is one.
        _point(now, old)
        return model(task, batch)
    finally:
        _point(now, present_values)
        model.classes = present
        model.train(was_training)


def _point(tensors: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> None:
    for name, tensor in tensors.items():
        tensor.data = values[name]
