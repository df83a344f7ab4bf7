"""One update: the due tasks' gradients, their combination, and the step that follows from it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine import gradients
from mtlviz.engine.combiners.combination import Combination, from_weights
from mtlviz.engine.combiners.gram import run_precision
from mtlviz.engine.combiners.predictions import match_sum_norm, update_norm
from mtlviz.engine.optimiser import learning_rate_factor, set_learning_rate
from mtlviz.engine.passes import Taken, losses_after, take_gradients
from mtlviz.engine.phases import curve_of, phases_of
from mtlviz.engine.probing_batches import example_numbers
from mtlviz.engine.purposes import COMBINER, WEIGHTING, generator
from mtlviz.engine.records import Plane, StepRecord
from mtlviz.engine.training import Training
from mtlviz.engine.update_measures import Measured, is_due, measure, needs_rows
from mtlviz.engine.weightings.weighting import LossesRefused, Step

Array = NDArray[np.float64]

_LARGEST = float(np.finfo(np.float32).max)


class Diverged(Exception):
    """The run cannot go on; the message says why, for a person."""


@dataclass(frozen=True)
class Combined:
    """How the due tasks' gradients became one update, due tasks only.

    Attributes:
        combination: Weights and coefficients of the unscaled gradients.
        clipping: Factor that shortened the update; the smallest where every task has its own.
        finite: Whether every gradient that the optimiser is given is a finite number.
    """

    combination: Combination
    clipping: float
    finite: bool


def make_update(training: Training) -> StepRecord:
    """Train the due tasks for one update and say what happened.

    Raises:
        Diverged: If a loss or gradient is beyond repair, or a weighting cannot work with the
            losses; the model is as before the update.
        MtlvizError: If a combiner or weighting cannot work with these tasks.
    """
    started = time.perf_counter()
    update = training.progress.update
    due = np.flatnonzero(training.schedule.due[update]).tolist()
    earlier = training.past.due(training)
    rate = set_learning_rate(training.optimiser, _rate_factor(training))
    known = None if needs_rows(training) else _constant_weights(training, earlier)
    taken = take_gradients(training, due, known, earlier)
    measured = measure(training, taken)
    step = _step(training, _losses(training, taken, measured), taken, measured)
    loss_weights = _loss_weights(training, step, earlier)
    combine = _combine if known is None else _added_up
    combined = combine(training, taken, measured, loss_weights[taken.due])
    if _may_move(training, taken, combined):
        with training.past.kept_off(training):
            training.optimiser.step()
        training.model.sharing.after_update(rate)
        # A weighting must not learn from an update that was not made.
        _observe(training, step, taken)
    training.optimiser.zero_grad(set_to_none=True)
    return _record(training, step, loss_weights, measured, combined, rate, taken, started)


def learning_rate(training: Training) -> float:
    """Step size of the shared parameters at the coming update."""
    return training.config.optimisation.learning_rate * _rate_factor(training)


def _rate_factor(training: Training) -> float:
    """Share of the peak learning rate: on the run's curve, or on that of the phase."""
    config, update = training.config, training.progress.update
    number = training.schedule.phase(update)
    curve = curve_of(config, phases_of(config)[number])
    if curve is None:
        chosen = config.optimisation
        return learning_rate_factor(update, training.total, chosen.warmup, chosen.decay)
    start, stop = training.span(number)
    return learning_rate_factor(update - start, stop - start, *curve)


def _constant_weights(training: Training, earlier: Sequence[int]) -> Array:
    """The loss weights of a weighting that needs no losses."""
    unknown = np.full(len(training.tasks), np.nan)
    return _loss_weights(training, _step(training, unknown), earlier)


def _losses(training: Training, taken: Taken, measured: Measured) -> Array:
    """Each task's loss, (K,), NaN where it is not due.

    Raises:
        Diverged: If one is not finite or has exploded.
    """
    losses = np.full(len(training.tasks), np.nan)
    losses[taken.due] = measured.losses
    watched = losses.copy()
    watched[taken.due] = np.where(np.isfinite(losses[taken.due]), losses[taken.due], np.inf)
    # What keeps old answers has another scale than the task's loss was ever seen at.
    kept = [task for task in taken.earlier if np.isfinite(losses[task])]
    watched[kept] = np.nan
    rate = training.optimiser.param_groups[0]["lr"]
    if complaint := training.watch.complaint(watched, rate):
        training.optimiser.zero_grad(set_to_none=True)
        raise Diverged(complaint)
    if not training.past.has_losses:
        losses[list(taken.earlier)] = np.nan
    return losses


def _loss_weights(training: Training, step: Step, earlier: Sequence[int]) -> Array:
    """The weight of each task's loss, (K,); the weighting knows nothing of earlier tasks.

    Raises:
        Diverged: If the weighting is not defined for these losses.
    """
    try:
        weights = np.array(training.weighting.weights(step), dtype=np.float64)
    except LossesRefused as refused:
        training.optimiser.zero_grad(set_to_none=True)
        raise Diverged(
            f"{refused} Training stopped; everything recorded so far is kept. Another weighting, "
            "such as equal, can go on from such losses."
        ) from refused
    weights[list(earlier)] = [training.past.weight(training, task) for task in earlier]
    return weights


def _step(
    training: Training,
    losses: Array,
    taken: Taken | None = None,
    measured: Measured | None = None,
) -> Step:
    """What a weighting is told about this update."""
    update = training.progress.update
    due, norms = training.schedule.due[update], None
    wanted = training.weighting.needs_norms and taken is not None
    if wanted and measured is not None and measured.gram is not None:
        norms = _spread(np.sqrt(np.diagonal(measured.gram)), _mask(training, taken))
    return Step(
        losses=losses, due=due, norms=norms, epoch=int(training.schedule.epoch[update]),
        generator=generator(training.config.seed, WEIGHTING, update),
    )  # fmt: skip


def _combine(training: Training, taken: Taken, measured: Measured, loss_weights: Array) -> Combined:
    """Combine the due tasks' gradients into the parameters' `grad`."""
    combination = _combination(training, taken, measured, loss_weights)
    clipping = _clipping(training, float(update_norm(measured.gram, combination.weights)))
    update = gradients.combine_into(taken.rows, combination.weights * clipping)
    gradients.assign(training.shared, update)
    for task, own, weight in zip(taken.due, taken.heads, loss_weights, strict=True):
        if task in taken.earlier and not training.past.trains:
            continue
        gradients.scale(own, float(weight))
        gradients.assign(training.own[task], own)
    # A weight of zero makes no number of an infinite gradient, and that is seen below.
    with np.errstate(invalid="ignore"):
        own, encoders = np.abs(loss_weights) * np.stack([measured.own, measured.encoders])
    clipping = min(clipping, _clip_apart(training, taken.due, encoders))
    finite = np.isfinite(combination.weights).all() and _are_finite(*own)
    return Combined(combination, clipping, bool(finite))


def _combination(
    training: Training, taken: Taken, measured: Measured, loss_weights: Array
) -> Combination:
    """The combiner's recipe, in the tasks' own gradients rather than the weighted ones."""
    if not training.shared:
        return from_weights(loss_weights)
    weighted = loss_weights[:, None] * measured.gram * loss_weights
    drawn = generator(training.config.seed, COMBINER, training.progress.update)
    chosen = training.config.optimisation
    precision = run_precision(chosen.gradient_precision)
    losses = loss_weights * measured.losses
    keeps = bool(taken.earlier) and training.past.recipe.projects
    combiner = training.past.combiner if keeps else training.combiner
    current = ~np.isin(taken.due, taken.earlier)
    found = combiner(weighted, drawn, losses, precision=precision, current=current)
    if chosen.match_sum_norm:
        found = match_sum_norm(found, weighted)
    return Combination(found.weights * loss_weights, found.coefficients * loss_weights, found.order)


def _added_up(
    training: Training, taken: Taken, measured: Measured, loss_weights: Array
) -> Combined:
    """Finish a sum that is in the parameters' `grad` already."""
    clipping = _clipping(training, measured.shared)
    gradients.scale(taken.summed, clipping)
    clipping = min(clipping, _clip_apart(training, taken.due, measured.encoders))
    finite = _are_finite(measured.shared, *measured.own)
    return Combined(from_weights(loss_weights), clipping, finite)


def _are_finite(*lengths: float) -> bool:
    """Whether gradients of these lengths hold numbers that float32 can, and no others."""
    return all(length <= _LARGEST for length in lengths)


def _clipping(training: Training, length: float) -> float:
    """The factor that brings an update of this length to the longest allowed."""
    longest = training.config.optimisation.clip_norm
    return 1.0 if longest is None or not length > longest else longest / length


def _clip_apart(training: Training, due: Sequence[int], encoders: Array) -> float:
    """Where nothing is shared, bring each task's own encoder to the longest update allowed.

    A task then trains as it does in a run of its own, where that limit holds for its encoder.

    Args:
        training: The run.
        due: Numbers of the due tasks.
        encoders: Lengths of the gradients of their own encoders, (D,).

    Returns:
        The smallest factor; 1 where no update was shortened.
    """
    if training.shared:
        return 1.0
    factors = [1.0]
    for task, length in zip(due, encoders, strict=True):
        own = training.model.sharing.task_parameters(task)
        factors.append(_clipping(training, float(length)))
        gradients.scale([p.grad for p in own if p.requires_grad], factors[-1])
    return min(factors)


def _may_move(training: Training, taken: Taken, combined: Combined) -> bool:
    """Whether the update is finite, or float16's loss scale must adapt first.

    Raises:
        Diverged: If the update is not finite and no loss scale is to blame.
    """
    if training.loss_scale.keeps(combined.finite) and combined.finite:
        return True
    if training.loss_scale.moves and not training.loss_scale.exhausted:
        return False
    training.optimiser.zero_grad(set_to_none=True)
    names = ", ".join(training.tasks[task].name for task in taken.due)
    raise Diverged(
        f"The gradients of {names} are no longer finite numbers although the losses are. Training "
        "stopped; everything recorded so far is kept. A lower learning rate usually helps."
    )


def _observe(training: Training, step: Step, taken: Taken) -> None:
    """Tell the weighting what it wants to know about the update."""
    after = None
    if training.weighting.needs_losses_after:
        after = losses_after(training, taken)
    training.weighting.observe(step, norms=step.norms, losses_after=after)


def _record(  # noqa: PLR0913 (an update as every part of it measured it)
    training: Training,
    step: Step,
    loss_weights: Array,
    measured: Measured,
    combined: Combined,
    rate: float,
    taken: Taken,
    started: float,
) -> StepRecord:
    """The update as a record over all tasks of the run."""
    due, found = _mask(training, taken), combined.combination
    shown = (
        is_due(training.config.probes.gram_every, training.progress.update)
        and bool(training.shared)
        and measured.gram is not None
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
        gram=_spread_pairs(measured.gram, due) if shown else None,
        order=numbers[found.order] if shown and found.order is not None else None,
        planes={
            name: Plane(_spread(seen.coordinates, due), _spread(seen.share, due))
            for name, seen in measured.planes.items()
        },
        clipping=combined.clipping,
        learning_rate=rate,
        tokens=taken.tokens,
        seconds=time.perf_counter() - started,
        examples=_examples(training, taken),
        layers=None
        if measured.layers is None
        else np.stack([_spread_pairs(layer, due) for layer in measured.layers]),
    )


def _examples(training: Training, taken: Taken) -> NDArray[np.int32] | None:
    """The training examples behind this update, where they are to be kept."""
    config, update = training.config, training.progress.update
    if not is_due(config.probes.examples_every, update):
        return None
    width = config.data.batch_size * config.optimisation.accumulate
    return example_numbers(taken.examples, taken.due, len(training.tasks), width)


def _mask(training: Training, taken: Taken) -> NDArray[np.bool_]:
    """Which tasks took part, those of earlier phases included, (K,)."""
    return np.isin(np.arange(len(training.tasks)), taken.due)


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
