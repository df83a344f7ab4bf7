"""One update: the due tasks' gradients, their combination, and the step that follows from it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.engine import gradients, streams
from mtlviz.engine.batches import Batch
from mtlviz.engine.combiners.combination import Combination, from_weights
from mtlviz.engine.combiners.predictions import match_sum_norm, update_norm
from mtlviz.engine.combiners.scalarization import total
from mtlviz.engine.device import autocast
from mtlviz.engine.gradients import Row
from mtlviz.engine.optimiser import learning_rate_factor, set_learning_rate
from mtlviz.engine.probes import plane
from mtlviz.engine.records import Plane, StepRecord
from mtlviz.engine.training import Training
from mtlviz.engine.weightings.equal import Equal
from mtlviz.engine.weightings.manual import Manual
from mtlviz.engine.weightings.size import Size
from mtlviz.engine.weightings.weighting import Step

Array = NDArray[np.float64]

# Weightings whose weights are known before any loss is.
_CONSTANT = (Equal, Manual, Size)


class Diverged(Exception):
    """The run cannot go on; the message says why, for a person."""


@dataclass
class Taken:
    """What the forward and backward passes of one update gave.

    Attributes:
        due: Numbers of the due tasks.
        losses: Mean loss of each due task, on the model's device until all are there.
        rows: Shared gradient of each due task; empty where they were added up at once.
        heads: Gradient of each due task's own parameters; empty where they were added up at once.
        batches: Task, batch and dropout state of every forward pass, where they are needed again.
        tokens: Tokens read.
    """

    due: list[int]
    losses: list[Tensor] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    heads: list[Row] = field(default_factory=list)
    batches: list[tuple[int, Batch, dict[str, Tensor]]] = field(default_factory=list)
    tokens: int = 0


@dataclass(frozen=True)
class Combined:
    """How the due tasks' gradients became one update, due tasks only.

    Attributes:
        combination: Weights and coefficients of the unscaled gradients.
        gram: Their Gram matrix; None where it was not taken.
        planes: Their projections.
        clipping: Factor that shortened the update.
    """

    combination: Combination
    gram: Array | None = None
    planes: dict[str, Plane] = field(default_factory=dict)
    clipping: float = 1.0


def make_update(training: Training) -> StepRecord:
    """Train the due tasks for one update and say what happened.

    Raises:
        Diverged: If a loss or gradient is beyond repair; the model is as before the update.
        MtlvizError: If a combiner or weighting cannot work with these losses or tasks.
    """
    started = time.perf_counter()
    update = training.progress.update
    due = np.flatnonzero(training.schedule.due[update]).tolist()
    rate = set_learning_rate(training.optimiser, _rate_factor(training))
    separately = needs_rows(training)
    taken = take_gradients(training, due, separately=separately)
    losses = _losses(training, taken)
    step = _step(training, losses)
    loss_weights = training.weighting.weights(step)
    combine = _combine if separately else _added_up
    combined = combine(training, taken, losses[due], loss_weights[due])
    if _may_move(training, taken, combined):
        training.optimiser.step()
    training.optimiser.zero_grad(set_to_none=True)
    _observe(training, step, taken, combined)
    return _record(training, step, loss_weights, combined, rate, taken, started)


def learning_rate(training: Training) -> float:
    """Step size of the shared parameters at the coming update."""
    return training.config.optimisation.learning_rate * _rate_factor(training)


def _rate_factor(training: Training) -> float:
    optimisation = training.config.optimisation
    return learning_rate_factor(
        training.progress.update, training.total, optimisation.warmup, optimisation.decay
    )


def task_loss(training: Training, task: int, batch: Batch) -> Tensor:
    """One task's loss on a batch, in the run's number format."""
    with autocast(training.device, training.config.optimisation.precision):
        logits = training.model(task, batch)
    return training.model.loss(task, logits, batch.labels)


def is_due(every: int, update: int) -> bool:
    """Whether something done every so many updates (0 = never) is due at this one."""
    return every > 0 and update % every == 0


def needs_rows(training: Training) -> bool:
    """Whether this update needs each task's gradient by itself, or their sum will do."""
    probes, update = training.config.probes, training.progress.update
    return (
        getattr(training.combiner.method, "func", None) is not total
        or training.weighting.needs_norms
        or not isinstance(training.weighting, _CONSTANT)
        or is_due(probes.gram_every, update)
        or (is_due(probes.planes_every, update) and bool(training.planes))
    )


def take_gradients(training: Training, due: list[int], *, separately: bool) -> Taken:
    """Forward and backward passes of the due tasks, one task's graph at a time.

    Args:
        training: The run; its streams and its dropout move on.
        due: Numbers of the due tasks.
        separately: Whether each task's shared gradient is kept by itself. Otherwise all are added
            up in the parameters' `grad`, loss weights included, which needs no copies.
    """
    taken = Taken(due)
    training.model.train()
    for task in due:
        if separately:
            _take_row(training, taken, task)
        else:
            _add_up(training, taken, task)
    return taken


def _passes(training: Training, taken: Taken, task: int) -> list[Batch]:
    """The batches that one task brings to this update."""
    count = training.config.optimisation.accumulate
    batches = [training.streams[task].next() for _ in range(count)]
    taken.tokens += sum(_tokens(batch) for batch in batches)
    return batches


def _take_row(training: Training, taken: Taken, task: int) -> None:
    """One task's mean loss and gradient over its batches."""
    row, own, losses = [], [], []
    batches = _passes(training, taken, task)
    factor = training.loss_scale.value / len(batches)
    for batch in batches:
        batch = batch.to(training.device, non_blocking=True)
        if training.weighting.needs_losses_after:
            taken.batches.append((task, batch, training.dropout.state()))
        with training.dropout.active():
            loss = task_loss(training, task, batch)
            shared, heads = gradients.task_gradient(
                loss * factor, training.shared, training.own[task]
            )
        gradients.add_into(row, shared)
        gradients.add_into(own, heads)
        losses.append(loss.detach())
    for gradient in (row, own):
        gradients.scale(gradient, 1 / training.loss_scale.value)
    taken.rows.append(row)
    taken.heads.append(own)
    taken.losses.append(torch.stack(losses).mean())


def _add_up(training: Training, taken: Taken, task: int) -> None:
    """Add one task's gradient to the parameters' `grad`."""
    losses = []
    batches = _passes(training, taken, task)
    # The weighting is a constant one here, so it needs no losses.
    unknown = np.full(len(training.tasks), np.nan)
    weight = float(training.weighting.weights(_step(training, unknown))[task])
    factor = training.loss_scale.value * weight / len(batches)
    for batch in batches:
        with training.dropout.active():
            loss = task_loss(training, task, batch.to(training.device, non_blocking=True))
            (loss * factor).backward()
        losses.append(loss.detach())
    taken.losses.append(torch.stack(losses).mean())


def _losses(training: Training, taken: Taken) -> Array:
    """Each task's loss, (K,), NaN where it is not due.

    Raises:
        Diverged: If one is not finite or has exploded.
    """
    losses = np.full(len(training.tasks), np.nan)
    losses[taken.due] = torch.stack(taken.losses).double().cpu().numpy()
    watched = losses.copy()
    watched[taken.due] = np.where(np.isfinite(losses[taken.due]), losses[taken.due], np.inf)
    rate = training.optimiser.param_groups[0]["lr"]
    if complaint := training.watch.complaint(watched, rate):
        training.optimiser.zero_grad(set_to_none=True)
        raise Diverged(complaint)
    return losses


def _step(training: Training, losses: Array) -> Step:
    """What a weighting is told about this update."""
    update = training.progress.update
    return Step(
        losses=losses,
        due=training.schedule.due[update],
        epoch=int(training.schedule.epoch[update]),
        generator=streams.generator(training.config.seed, streams.WEIGHTING, update),
    )


def _combine(training: Training, taken: Taken, losses: Array, loss_weights: Array) -> Combined:
    """Combine the due tasks' gradients into the parameters' `grad`."""
    gram = gradients.gram_matrix(taken.rows)
    planes = _projections(training, taken, gram)
    combination = _combination(training, gram, losses, loss_weights)
    clipping = _clipping(training, float(update_norm(gram, combination.weights)))
    update = gradients.combine_into(taken.rows, combination.weights * clipping)
    gradients.assign(training.shared, update)
    for task, own, weight in zip(taken.due, taken.heads, loss_weights, strict=True):
        gradients.scale(own, float(weight))
        gradients.assign(training.own[task], own)
    return Combined(combination, gram, planes, clipping)


def _combination(
    training: Training, gram: Array, losses: Array, loss_weights: Array
) -> Combination:
    """The combiner's recipe, in the tasks' own gradients rather than the weighted ones."""
    if not training.shared:
        return from_weights(loss_weights)
    weighted = loss_weights[:, None] * gram * loss_weights
    generator = streams.generator(training.config.seed, streams.COMBINER, training.progress.update)
    found = training.combiner(weighted, generator, loss_weights * losses)
    if training.config.optimisation.match_sum_norm:
        found = match_sum_norm(found, weighted)
    return Combination(found.weights * loss_weights, found.coefficients * loss_weights, found.order)


def _projections(training: Training, taken: Taken, gram: Array) -> dict[str, Plane]:
    """The due tasks' gradients in the planes of fixed directions, where that is due."""
    if not is_due(training.config.probes.planes_every, training.progress.update):
        return {}
    lengths = np.sqrt(np.diagonal(gram))
    return {
        name: plane(
            torch.stack([directions.project(row) for row in taken.rows]).double().cpu().numpy(),
            lengths,
        )
        for name, directions in training.planes.items()
    }


def _added_up(training: Training, taken: Taken, losses: Array, loss_weights: Array) -> Combined:
    """Finish a sum that is in the parameters' `grad` already."""
    for parameter in training.shared:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    shared = [parameter.grad for parameter in training.shared]
    own = [p.grad for task in taken.due for p in training.own[task] if p.grad is not None]
    for gradient in (shared, own):
        gradients.scale(gradient, 1 / training.loss_scale.value)
    # The length is only needed to clip, and measuring it makes an accelerator wait.
    clips = training.config.optimisation.clip_norm is not None or training.loss_scale.moves
    length = gradients.norm(shared) if clips else 0.0
    clipping = _clipping(training, length)
    gradients.scale(shared, clipping)
    weights = loss_weights if np.isfinite(length) else np.full(len(loss_weights), np.nan)
    return Combined(from_weights(weights), clipping=clipping)


def _clipping(training: Training, length: float) -> float:
    """The factor that brings an update of this length to the longest allowed."""
    longest = training.config.optimisation.clip_norm
    return 1.0 if longest is None or not length > longest else longest / length


def _may_move(training: Training, taken: Taken, combined: Combined) -> bool:
    """Whether the update is finite, or float16's loss scale must adapt first.

    Raises:
        Diverged: If the update is not finite and no loss scale is to blame.
    """
    finite = bool(np.isfinite(combined.combination.weights).all())
    if training.loss_scale.moves:
        finite = finite and all(np.isfinite(gradients.norm(own)) for own in taken.heads)
    if training.loss_scale.keeps(finite) and finite:
        return True
    if training.loss_scale.moves and not training.loss_scale.exhausted:
        return False
    training.optimiser.zero_grad(set_to_none=True)
    names = ", ".join(training.tasks[task].name for task in taken.due)
    raise Diverged(
        f"The gradients of {names} are no longer finite numbers although the losses are. Training "
        "stopped; everything recorded so far is kept. A lower learning rate usually helps."
    )


def _observe(training: Training, step: Step, taken: Taken, combined: Combined) -> None:
    """Tell the weighting what it wants to know about the update."""
    norms = after = None
    if training.weighting.needs_norms and combined.gram is not None:
        norms = _spread(np.sqrt(np.diagonal(combined.gram)), step.due)
    if training.weighting.needs_losses_after:
        after = _losses_after(training, taken)
    training.weighting.observe(step, norms=norms, losses_after=after)


@torch.no_grad()
def _losses_after(training: Training, taken: Taken) -> Array:
    """Losses on the batches of the update once more, with the same dropout masks, (K,)."""
    present = training.dropout.state()
    losses: dict[int, list[float]] = {task: [] for task in taken.due}
    for task, batch, state in taken.batches:
        training.dropout.restore(state)
        with training.dropout.active():
            losses[task].append(float(task_loss(training, task, batch)))
    training.dropout.restore(present)
    after = np.full(len(training.tasks), np.nan)
    after[taken.due] = [np.mean(losses[task]) for task in taken.due]
    return after


def _record(
    training: Training,
    step: Step,
    loss_weights: Array,
    combined: Combined,
    rate: float,
    taken: Taken,
    started: float,
) -> StepRecord:
    """The update as a record over all tasks of the run."""
    due, found = step.due, combined.combination
    shown = (
        is_due(training.config.probes.gram_every, training.progress.update)
        and bool(training.shared)
        and combined.gram is not None
    )
    numbers = np.flatnonzero(due)
    return StepRecord(
        update=training.progress.update,
        epoch=step.epoch,
        due=due,
        losses=step.losses,
        loss_weights=np.where(due, loss_weights, np.nan),
        weights=_spread(found.weights, due),
        coefficients=_spread_pairs(found.coefficients, due) if shown else None,
        gram=_spread_pairs(combined.gram, due) if shown else None,
        order=numbers[found.order] if shown and found.order is not None else None,
        planes={
            name: Plane(_spread(seen.coordinates, due), _spread(seen.share, due))
            for name, seen in combined.planes.items()
        },
        clipping=combined.clipping,
        learning_rate=rate,
        tokens=taken.tokens,
        seconds=time.perf_counter() - started,
    )


def _spread(values: Array, due: NDArray[np.bool_]) -> Array:
    """Entries of the due tasks at their places among all, NaN elsewhere: (D, ...) to (K, ...)."""
    full = np.full((len(due), *values.shape[1:]), np.nan)
    full[due] = values
    return full


def _spread_pairs(values: Array, due: NDArray[np.bool_]) -> Array:
    """Entries of pairs of due tasks at their places, NaN elsewhere: (D, D) to (K, K)."""
    full = np.full((len(due), len(due)), np.nan)
    full[np.ix_(due, due)] = values
    return full


def _tokens(batch: Batch) -> int:
    """Real tokens that a batch brings; cached features bring none."""
    return sum(int(part.mask.sum()) for part in (batch.first, batch.second) if part is not None)
