"""What every combiner would have done with a set of gradients, as a table."""

import math

import numpy as np

from mtlviz.engine import counterfactual
from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.config import RunConfig
from mtlviz.engine.counterfactual import Moment, Outcome, made
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.words import escaped, listed
from mtlviz.ui.pages.run.update import Part, Update, words

_OUTCOMES = Memo(1000)
HURTS_NONE = "▲ hurts no task"
_THOUSANDS = {0: "", -3: " in thousandths", -6: " in millionths", -9: " in billionths"}


def combiners(update: Update) -> Part:
    """Predicted loss changes of every combiner at an update."""
    if update.missing is not None or update.moment is None:
        return words(notes=[update.missing or ""])
    return combiners_of(update.moment, update)


def combiners_of(seen: Moment, update: Update, *, was_made: bool = True) -> Part:
    """Predicted loss changes of every combiner.

    Args:
        seen: The gradients, with the weights of this run's own update.
        update: The update looked at.
        was_made: Whether that update was really made; it then stands on top of the table.
    """
    if not seen.step > 0:
        still = "The step size is 0 at this update, so that no combiner would move anything."
        return words(notes=[still])
    config, names = update.config, update.names
    mine = made(seen, config, names)
    others = _outcomes(seen, config, names, same_length=update.choice.same_length)
    # A mark before each name: no task can then be taken for another column.
    due = [escaped(f"Δ {names[task]}") for task in seen.due]
    scale = _scale([mine, *others])
    rows = [_row(each, config, scale) for each in [mine] * was_made + others]
    caption = (
        f"Predicted change of each task's training loss{_THOUSANDS[scale]}; below zero is better. "
        "First order: −η G w for a plain gradient step of this update's step size "
        f"η = {seen.step:.2g}, clipped as in the run (AdamW's real step differs). Length: of the "
        "update before clipping, in times the plain sum's. GradVac learns from earlier updates; "
        "here it starts fresh."
    )
    header = ["combiner", "in words", *due, "length"]
    return words(
        [_sentence(mine, others, was_made)],
        tables=[{"title": "", "header": header, "rows": rows, "caption": caption}],
    )


def _sentence(mine: Outcome, others: list[Outcome], was_made: bool) -> str:
    kind = [each for each in others if in_words(each) == HURTS_NONE]
    subject = "The update that was made" if was_made else "This run's combiner on these gradients"
    return (
        f"{subject}: **{escaped(in_words(mine))}**, to first order; {len(kind)} of {len(others)} "
        "combiners would have hurt no task."
    )


def in_words(outcome: Outcome) -> str:
    """Whose loss is predicted to rise."""
    if not np.isfinite(outcome.changes).all():
        return "cannot be used here"
    if not outcome.changes.any():
        return "no step"
    return f"▼ hurts {listed(outcome.hurt)}" if outcome.hurt else HURTS_NONE


def _scale(shown: list[Outcome]) -> int:
    """The power of ten in which the changes are told, so that most have a digit before the dot."""
    largest = max(np.nanmax(np.abs(each.changes), initial=0.0) for each in shown)
    return next((power for power in _THOUSANDS if largest >= 10.0**power), 0)


def _row(outcome: Outcome, config: RunConfig, scale: int) -> list[str]:
    name = COMBINERS[outcome.name].title if outcome.name in COMBINERS else outcome.name
    mark = " (its combiner)" if outcome.name == config.optimisation.combiner else ""
    changes = [_number(each, "+.3g") for each in (outcome.changes / 10.0**scale).tolist()]
    return [f"{name}{mark}", escaped(in_words(outcome)), *changes, _number(outcome.relative, ".2f")]


def _number(value: float, form: str) -> str:
    """A number with a true minus; a dash where there is none."""
    return "–" if math.isnan(value) else format(value, form).replace("-", "−")


def _outcomes(
    moment: Moment, config: RunConfig, names: list[str], *, same_length: bool
) -> list[Outcome]:
    """What each combiner would have promised; see `counterfactual.outcomes`."""
    numbers = (moment.due, moment.gram, moment.weights, moment.loss_weights, moment.losses)
    what = (moment.update, moment.step, config.seed, repr(config.optimisation), *names)
    key = (*what, *(array.tobytes() for array in numbers), same_length)
    return _OUTCOMES.once(
        key, (), lambda: counterfactual.outcomes(moment, config, names, same_length=same_length)
    )
