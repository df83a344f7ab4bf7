"""Scores of a model on a held-out split, each with its standard error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.device import Precision, autocast
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.kinds.span_extraction import LONGEST_ANSWER, best_spans
from mtlviz.engine.metrics import METRICS, standard_error
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.span_windows import answer_texts
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
    model: MultiTaskModel, task: int, split: TaskBatches, device: torch.device, precision: Precision
) -> TaskScore:
    # Nothing is read before the last batch: a GPU would stand still after each of them.
    logits: list[Tensor] = []
    loss, count = torch.zeros((), dtype=torch.float64, device=device), 0
    scored = split.scored()
    order = scored.in_length_order()
    for chosen in order:
        batch = scored.collate(chosen).to(device, non_blocking=True)
        with autocast(device, precision):
            logits.append(model(task, batch).float())
        if known := scored.known(chosen):
            loss += model.loss(task, logits[-1], batch.labels).double() * known
            count += known
    answers = _answers(model, task, split, logits, order)
    truth = KINDS[split.task.kind].truth(split.task.splits[split.split])
    metrics = {name: METRICS[name](answers, truth) for name in fitting_metrics(split.task)}
    main = split.task.metric
    error = standard_error(main, answers, truth)
    return TaskScore(metrics[main], error, float(loss) / count if count else np.nan, metrics)


def _answers(
    model: MultiTaskModel,
    task: int,
    split: TaskBatches,
    logits: list[Tensor],
    order: list[NDArray[np.int64]],
) -> NDArray | list[str]:
    """Answers in the order of the split; batches come shortest first."""
    places = np.argsort(np.concatenate(order))
    if split.windows is None:
        return model.predict(task, torch.cat(logits))[places]
    found = [best_spans(each.cpu().numpy(), LONGEST_ANSWER) for each in logits]
    scores, spans = (np.concatenate(part)[places] for part in zip(*found, strict=True))
    return answer_texts(split.windows, split.task.splits[split.split], scores, spans)


def fitting_metrics(task: Task) -> tuple[str, ...]:
    """The metrics that are defined for a task: its main one and the others of its kind."""
    names = KINDS[task.kind].fitting(len(task.label_names))
    return names if task.metric in names else (task.metric, *names)
