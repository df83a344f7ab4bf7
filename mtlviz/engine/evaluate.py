"""Scores of a model on a held-out split, each with its standard error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.device import Precision, autocast
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.metrics import METRICS, standard_error
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.tasks.task import Task


@dataclass(frozen=True)
class TaskScore:
    """How well one task is done.

    Attributes:
        score: Its main metric.
        error: Standard error of that score, from the number of examples alone.
        loss: Mean loss over the examples.
        metrics: Every metric that fits the task.
    """

    score: float
    error: float
    loss: float
    metrics: dict[str, float]


def evaluate(
    model: MultiTaskModel,
    batches: Sequence[TaskBatches],
    device: torch.device,
    precision: Precision = "float32",
) -> list[TaskScore]:
    """Score every task on a split, without dropout and without changing the model.

    Args:
        model: The model; its training mode is as before afterwards.
        batches: The split to score on, one entry a task, in the model's order.
        device: Where the model lives.
        precision: Number format of the forward pass.
    """
    was_training = model.training
    model.eval()
    try:
        return [_score(model, task, split, device, precision) for task, split in enumerate(batches)]
    finally:
        model.train(was_training)


@torch.no_grad()
def _score(
    model: MultiTaskModel,
    task: int,
    split: TaskBatches,
    device: torch.device,
    precision: Precision,
) -> TaskScore:
    # Nothing is read before the last batch: a GPU would stand still after each of them.
    logits: list[Tensor] = []
    loss = torch.zeros((), dtype=torch.float64, device=device)
    order = split.in_length_order()
    for chosen in order:
        batch = split.collate(chosen).to(device, non_blocking=True)
        with autocast(device, precision):
            logits.append(model(task, batch).float())
        loss += model.loss(task, logits[-1], batch.labels).double() * len(batch)
    # Batches come shortest first; labels are compared in the order of the split.
    ordered = model.predict(task, torch.cat(logits))[np.argsort(np.concatenate(order))]
    labels = split.task.splits[split.split].labels
    metrics = {name: METRICS[name](ordered, labels) for name in fitting_metrics(split.task)}
    main = split.task.metric
    error = standard_error(main, ordered, labels)
    return TaskScore(metrics[main], error, float(loss) / len(split), metrics)


def fitting_metrics(task: Task) -> tuple[str, ...]:
    """The metrics that are defined for a task: its main one and the others of its kind."""
    names = KINDS[task.kind].fitting(len(task.label_names))
    return names if task.metric in names else (task.metric, *names)
