"""What every combiner would have made of the gradients of one recorded update."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.engine.combiners.combination import Combination
from mtlviz.engine.combiners.gram import run_precision, update_norm
from mtlviz.engine.combiners.predictions import match_sum_norm, predicted_changes
from mtlviz.engine.combiners.registry import Bound
from mtlviz.engine.config import RunConfig
from mtlviz.engine.purposes import COMBINER, generator
from mtlviz.engine.records import StepRecord
from mtlviz.errors import MtlvizError

Array = NDArray[np.float64]

# Predicted changes this much smaller than the largest are rounding.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Moment:
    """The gradients of one update, as far as they were recorded. D tasks were due.

    Attributes:
        due: Numbers of the due tasks, (D,).
        gram: Inner products of their own gradients, (D, D).
        weights: Weight of each in the update that was made, (D,).
        loss_weights: What the weighting multiplied each loss by, (D,).
        losses: Their losses, (D,).
        step: Step size.
        update: Number of the update.
    """

    due: NDArray[np.int64]
    gram: Array
    weights: Array
    loss_weights: Array
    losses: Array
    step: float
    update: int


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one way of combining does to the due tasks.

    Attributes:
        name: Name of the combiner.
        changes: Predicted change of each due task's loss, (D,).
        relative: Length of the update over that of the plain sum; NaN where that is 0.
        hurt: Names of the tasks whose loss is predicted to rise.
    """

    name: str
    changes: Array
    relative: float
    hurt: tuple[str, ...]


def moment(record: StepRecord) -> Moment | None:
    """The gradients of a recorded update; None where no Gram matrix was taken."""
    if record.gram is None:
        return None
    due = np.flatnonzero(record.due)
    gram = np.asarray(record.gram, dtype=np.float64)[np.ix_(due, due)]
    if not np.isfinite(gram).all():
        return None
    return Moment(
        due, gram, record.weights[due], record.loss_weights[due], record.losses[due],
        record.learning_rate, record.update,
    )  # fmt: skip


def made(seen: Moment, config: RunConfig, names: list[str]) -> Outcome:
    """What the update that was made promised."""
    return _outcomes(["this run"], seen, seen.weights[None], config, names)[0]


def outcomes(
    seen: Moment, config: RunConfig, names: list[str], *, same_length: bool
) -> list[Outcome]:
    """What each combiner would have promised, with the weighting and clipping of the run.

    A combiner that remembers earlier updates is asked as if this were its first.

    Args:
        seen: The update.
        config: Settings of the run; its own combiner keeps its options.
        names: Names of all tasks of the run.
        same_length: Whether all updates are made as long as the plain sum.
    """
    drawn = generator(config.seed, COMBINER, seen.update)
    start, weights = drawn.bit_generator.state, []
    for name in COMBINERS:
        drawn.bit_generator.state = start  # Each draws what it would draw in a run of its own.
        weights.append(_weights(name, seen, config, same_length, drawn))
    return _outcomes(list(COMBINERS), seen, np.array(weights), config, names)


def _plain(name: str) -> Bound:
    """A combiner without options, made anew only if it learns from step to step."""
    made = _kept(name)
    return make_combiner(name) if made.remembers else made


@cache
def _kept(name: str) -> Bound:
    return make_combiner(name)


def _weights(
    name: str, seen: Moment, config: RunConfig, same_length: bool, drawn: np.random.Generator
) -> Array:
    """Weights of the tasks' own gradients; NaN where the method cannot be used here."""
    chosen = config.optimisation
    options = chosen.combiner_options if name == chosen.combiner else {}
    weighted = seen.loss_weights[:, None] * seen.gram * seen.loss_weights
    try:
        combiner = make_combiner(name, **options) if options else _plain(name)
        found: Combination = combiner(
            weighted,
            drawn,
            seen.loss_weights * seen.losses,
            precision=run_precision(chosen.gradient_precision),
        )
    except MtlvizError:
        return np.full(len(seen.due), np.nan)
    if same_length or chosen.match_sum_norm:
        found = match_sum_norm(found, weighted)
    return found.weights * seen.loss_weights


def _outcomes(
    ways: Sequence[str], seen: Moment, weights: Array, config: RunConfig, names: list[str]
) -> list[Outcome]:
    """What ways of combining promise, each with its row of weights, shape (W, D)."""
    lengths = update_norm(seen.gram, weights)
    plain = float(update_norm(seen.gram, seen.loss_weights))
    limit = config.optimisation.clip_norm
    clipped = limit is not None and lengths > limit
    clipping = np.divide(limit or 1.0, lengths, out=np.ones_like(lengths), where=clipped)
    changes = _rounded(predicted_changes(seen.gram, weights * clipping[:, None], seen.step))
    relative = lengths / plain if plain > 0 else np.full_like(lengths, np.nan)
    hurt = [tuple(names[task] for task in seen.due[row > 0]) for row in changes]
    return [Outcome(*each) for each in zip(ways, changes, relative.tolist(), hurt, strict=True)]


def _rounded(changes: Array) -> Array:
    """Changes that are nothing beside the largest of their row, made exactly 0."""
    largest = np.abs(changes).max(axis=-1, initial=0.0, keepdims=True)
    return np.where(np.abs(changes) <= _ROUNDING * largest, 0.0, changes)
