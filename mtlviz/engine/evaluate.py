"""Scores of a model on a held-out split, each with its standard error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mtlviz.engine.answers import Answers, answered
from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.device import Precision
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.metrics import METRICS, standard_error
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.ranks import ALONE, Ranks
from mtlviz.engine.records import GroupScore
from mtlviz.engine.tasks.task import Examples, Task


@dataclass(frozen=True)
class TaskScore:
    """How well one task is done.

    Attributes:
        score: Its main metric.
        error: Standard error of that score, from the number of examples alone.
        loss: Mean loss over the examples.
        metrics: Every metric that fits the task.
        groups: The scores of examples that its kind scores apart as well.
    """

    score: float
    error: float
    loss: float
    metrics: dict[str, float]
    groups: list[GroupScore]


def evaluate(
    model: MultiTaskModel,
    batches: Sequence[TaskBatches],
    device: torch.device,
    precision: Precision = "float32",
    *,
    ranks: Ranks = ALONE,
) -> list[TaskScore]:
    """Score every task on a split, without dropout and without changing the model.

    Args:
        model: The model; its training mode is as before afterwards.
        batches: The split to score on, one entry a task, in the model's order.
        device: Where the model lives.
        precision: Number format of the forward pass.
        ranks: The processes that part the work.
    """
    was_training = model.training
    model.eval()
    try:
        answers = [
            answered(model, task, split, device, precision, ranks=ranks)
            for task, split in enumerate(batches)
        ]
    finally:
        model.train(was_training)
    return [
        score_of(split.task, split.task.splits[split.split], found)
        for split, found in zip(batches, answers, strict=True)
    ]


def score_of(task: Task, examples: Examples, found: Answers) -> TaskScore:
    """Score the answers to labelled examples: the one way from answers to scores."""
    truth = KINDS[task.kind].truth(examples)
    metrics = {name: METRICS[name](found.answers, truth) for name in fitting_metrics(task)}
    error = standard_error(task.metric, found.answers, truth)
    groups = group_scores(task, examples, found.answers)
    return TaskScore(metrics[task.metric], error, found.loss, metrics, groups)


def group_scores(
    task: Task, examples: Examples, answers: NDArray | Sequence[str]
) -> list[GroupScore]:
    """The scores of the examples that the task's kind scores apart as well.

    Args:
        task: The task.
        examples: The examples.
        answers: The answer to each of them, as metrics take them.
    """
    truth, found = KINDS[task.kind].truth(examples), []
    for name, chosen in KINDS[task.kind].groups(examples).items():
        places = np.flatnonzero(chosen)
        given, right = ([each[place] for place in places] for each in (answers, truth))
        metrics = {each: METRICS[each](given, right) for each in fitting_metrics(task)}
        errors = {each: standard_error(each, given, right) for each in metrics}
        found.append(GroupScore(name, len(places), metrics, errors))
    return found


def fitting_metrics(task: Task) -> tuple[str, ...]:
    """The metrics that are defined for a task: its main one and the others of its kind."""
    names = KINDS[task.kind].fitting(len(task.label_names))
    return names if task.metric in names else (task.metric, *names)
