"""Forward and backward passes of one update, one task's graph at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.engine import gradients
from mtlviz.engine.batches import Batch
from mtlviz.engine.device import autocast, read_together
from mtlviz.engine.gradients import Row
from mtlviz.engine.training import Training


@dataclass
class Taken:
    """What the forward and backward passes of one update gave.

    Attributes:
        due: Numbers of the due tasks, those of earlier phases included.
        earlier: Those of earlier phases among them.
        losses: Mean loss of each due task, on the model's device.
        rows: Shared gradient of each due task; empty where they were added up at once.
        summed: The weighted sum of the shared gradients, where they were added up at once: the
            parameters' `grad` itself.
        heads: Gradient of each due task's own parameters; weighted where `summed` is.
        batches: Task, batch and dropout state of every forward pass, where they are needed again.
        examples: Numbers of the training examples that each due task read.
        tokens: Tokens read.
    """

    due: list[int]
    earlier: tuple[int, ...] = ()
    losses: list[Tensor] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    summed: Row | None = None
    heads: list[Row] = field(default_factory=list)
    batches: list[tuple[int, Batch, dict[str, Tensor]]] = field(default_factory=list)
    examples: list[NDArray[np.int64]] = field(default_factory=list)
    tokens: int = 0


def task_loss(training: Training, task: int, batch: Batch, precision: str | None = None) -> Tensor:
    """One task's loss on a batch, in the run's number format or in a given one."""
    with autocast(training.device, precision or training.config.optimisation.precision):
        logits = training.model(task, batch)
    return training.model.loss(task, logits, batch.labels)


def take_gradients(
    training: Training,
    due: Sequence[int],
    weights: NDArray[np.float64] | None,
    earlier: Sequence[int] = (),
) -> Taken:
    """Forward and backward passes of the due tasks, one task's graph at a time.

    Args:
        training: The run; its streams and its dropout move on.
        due: Numbers of the due tasks.
        earlier: Numbers of the tasks of earlier phases that take part as well.
        weights: With the weight of every task's loss, (K,), the weighted gradients are added up in
            the parameters' `grad`, which needs no copies. None keeps each task's gradient by
            itself, unweighted.
    """
    taken = Taken(sorted({*due, *earlier}), tuple(earlier))
    training.model.train()
    # Only what earlier tasks are asked about needs the others' batches beforehand.
    present = {task: _next(training, task) for task in due} if earlier else {}
    for task in taken.due:
        if task in earlier:
            batches = training.past.batches(training, task, present)
        else:
            batches = present.get(task) or _next(training, task)
        taken.tokens += sum(batch.tokens for batch in batches)
        taken.examples.append(_numbers(training, task in earlier, batches))
        if weights is None:
            _take_row(training, taken, task, batches)
        else:
            _add_up(training, taken, task, batches, float(weights[task]))
    if weights is not None:
        _take_sum(training, taken)
    _prepare_next(training)
    return taken


def _next(training: Training, task: int) -> list[Batch]:
    """A task's next batches."""
    return [training.streams[task].next() for _ in range(training.config.optimisation.accumulate)]


def _numbers(training: Training, earlier: bool, batches: Sequence[Batch]) -> NDArray[np.int64]:
    """The numbers of the task's own examples among what it read."""
    if earlier and not training.past.has_losses:
        return np.empty(0, dtype=np.int64)
    return np.concatenate([batch.indices for batch in batches])


def _loss(training: Training, taken: Taken, task: int, batch: Batch) -> Tensor:
    """What a due task adds to an update: its loss, or how far its answers have moved."""
    if task not in taken.earlier or training.past.has_losses:
        return task_loss(training, task, batch)
    with autocast(training.device, training.config.optimisation.precision):
        return training.past.distance(training, task, batch)


def _prepare_next(training: Training) -> None:
    """Put the next update's first batches together while a GPU still works on this one."""
    update = training.progress.update + 1
    if update < training.total:
        for task in np.flatnonzero(training.schedule.due[update]):
            training.streams[task].prepare()


def _take_row(training: Training, taken: Taken, task: int, batches: Sequence[Batch]) -> None:
    """One task's mean loss and gradient over its batches."""
    row: Row = []
    own: Row = []
    losses = []
    factor = training.loss_scale.value / len(batches)
    for batch in batches:
        if training.weighting.needs_losses_after and task not in taken.earlier:
            taken.batches.append((task, batch, training.dropout.state()))
        with training.dropout.active():
            loss = _loss(training, taken, task, batch)
            shared, heads = gradients.task_gradient(
                loss * (factor * batch.share), training.shared, training.own[task]
            )
        gradients.add_into(row, shared)
        gradients.add_into(own, heads)
        losses.append(loss.detach() * batch.share)
    for gradient in (row, own):
        gradients.scale(gradient, 1 / training.loss_scale.value)
    mean = torch.stack(losses).mean()
    training.ranks.add_up([*row, *own, mean])
    if task not in taken.earlier:
        training.past.bend(training, row, 1 / (len(taken.due) - len(taken.earlier)))
    # A task alone waits for nobody.
    if len(taken.due) > 1 and training.config.optimisation.gradient_precision == "bfloat16":
        gradients.narrow(row, torch.bfloat16)
    taken.rows.append(row)
    taken.heads.append(own)
    taken.losses.append(mean)


def _add_up(
    training: Training, taken: Taken, task: int, batches: Sequence[Batch], weight: float
) -> None:
    """Add one task's weighted gradient to the parameters' `grad`, still times the loss scale."""
    losses = []
    factor = training.loss_scale.value * weight / len(batches)
    for batch in batches:
        with training.dropout.active():
            loss = _loss(training, taken, task, batch)
            # A frozen encoder under a head without parameters leaves nothing to train.
            if loss.requires_grad:
                (loss * (factor * batch.share)).backward()
        losses.append(loss.detach() * batch.share)
    taken.losses.append(torch.stack(losses).mean())


def _take_sum(training: Training, taken: Taken) -> None:
    """Complete the sum in the parameters' `grad`, and undo the loss scale."""
    taken.summed = _grads(training.shared)
    taken.heads = [_grads(training.own[task]) for task in taken.due]
    for gradient in (taken.summed, *taken.heads):
        gradients.scale(gradient, 1 / training.loss_scale.value)
    heads = (tensor for row in taken.heads for tensor in row)
    training.ranks.add_up([*taken.summed, *heads, *taken.losses])


def _grads(parameters: Sequence[torch.nn.Parameter]) -> Row:
    """What stands in the parameters' `grad`; zeros are put where nothing does.

    An optimiser leaves out a parameter without gradient; where each task's gradient is taken by
    itself, it gets one of zeros.
    """
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    return [parameter.grad for parameter in parameters]


@torch.no_grad()
def losses_after(training: Training, taken: Taken) -> NDArray[np.float64]:
    """Losses on the batches of an update once more, with the same dropout masks, (K,).

    NaN where a task was not due.
    """
    present = training.dropout.state()
    due = [task for task in taken.due if task not in taken.earlier]
    losses: dict[int, list[Tensor]] = {task: [] for task in due}
    for task, batch, state in taken.batches:
        training.dropout.restore(state)
        with training.dropout.active():
            losses[task].append(task_loss(training, task, batch) * batch.share)
    training.dropout.restore(present)
    found = torch.stack([torch.stack(losses[task]) for task in due])
    training.ranks.add_up([found])
    after = np.full(len(training.tasks), np.nan)
    after[due] = read_together({"losses": found})["losses"].mean(axis=1)
    return after
