"""Scores of a model on a held-out split, each with its standard error."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from mtlviz.engine.answers import Answers, answered
from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.device import Precision
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.metrics import METRICS, standard_error
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.tasks.task import Examples, Task


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


def _score(
    model: MultiTaskModel, task: int, split: TaskBatches, device: torch.device, precision: Precision
) -> TaskScore:
    found = answered(model, task, split, device, precision)
    return score_of(split.task, split.task.splits[split.split], found)


def score_of(task: Task, examples: Examples, found: Answers) -> TaskScore:
    """Score the answers to labelled examples: the one way from answers to scores."""
    truth = KINDS[task.kind].truth(examples)
    metrics = {name: METRICS[name](found.answers, truth) for name in fitting_metrics(task)}
    error = standard_error(task.metric, found.answers, truth)
    return TaskScore(metrics[task.metric], error, found.loss, metrics)


def fitting_metrics(task: Task) -> tuple[str, ...]:
    """The metrics that are defined for a task: its main one and the others of its kind."""
    names = KINDS[task.kind].fitting(len(task.label_names))
    return names if task.metric in names else (task.metric, *names)
