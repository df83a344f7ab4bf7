"""What may walk on a landscape: every registered combiner, FAMO, and each loss alone."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.errors import ConfigError, unknown_choice
from mtlviz.toy.landscapes.formulas import Array
from mtlviz.toy.landscapes.functions import Landscape
from mtlviz.toy.landscapes.optimisers import Adam
from mtlviz.toy.landscapes.pairs import Pairs, Weigh, closed_form

# Added to a loss above its floor before the logarithm, as in the official code.
_OFFSET = 1e-8
Rule = Callable[[Pairs, Array], Array]
"""From N pairs of gradients and losses (2, N) to weights (2, N)."""

_ALONE = {"task_1": (1.0, 0.0), "task_2": (0.0, 1.0)}
METHODS: tuple[str, ...] = (*_ALONE, *COMBINERS, "famo")


@dataclass(frozen=True)
class Method:
    """One method with its options.

    Attributes:
        name: One of METHODS.
        options: Options of the combiner, or `rate` and `decay` of FAMO.
    """

    name: str
    options: dict[str, object] = field(default_factory=dict)


def make_rule(
    method: Method, landscape: Landscape, count: int, generator: np.random.Generator
) -> Rule:
    """The method's rule for this many runs side by side. It may keep state from step to step.

    Raises:
        ConfigError: If the method or one of its options is unknown or not allowed.
    """
    if method.name in _ALONE:
        _no_options(method)
        weights = np.repeat(np.array(_ALONE[method.name])[:, None], count, axis=1)
        return lambda pairs, losses: weights
    if method.name == "famo":
        return _famo(method, landscape, count)
    if method.name not in COMBINERS:
        raise unknown_choice("method", method.name, METHODS)
    return _combine(method, generator)


def _combine(method: Method, generator: np.random.Generator) -> Rule:
    """The registered combiner, or its closed form where that has an answer."""
    combiner = make_combiner(method.name, **method.options)

    def registered(pairs: Pairs, losses: Array) -> Array:
        return combiner(pairs.grams(), generator, losses=losses.T).weights.T

    closed = closed_form(method.name, method.options)
    return registered if closed is None else _with_rare_pairs(closed, registered)


def _with_rare_pairs(closed: Weigh, registered: Rule) -> Rule:
    """The closed form, and the registered combiner for zero or parallel gradients."""

    def rule(pairs: Pairs, losses: Array) -> Array:
        weights = closed(pairs)
        if not pairs.cross.all():
            rare = pairs.cross == 0
            some = Pairs(
                pairs.squared[:, rare], pairs.lengths[:, rare], pairs.inner[rare], pairs.cross[rare]
            )
            weights[:, rare] = registered(some, losses[:, rare])
        return weights

    return rule


def _famo(method: Method, landscape: Landscape, count: int) -> Rule:
    unknown = set(method.options) - {"rate", "decay"}
    if unknown:
        raise ConfigError(f"FAMO has no option {min(unknown)!r}. Known: decay, rate.")
    for name, value in method.options.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value < np.inf:
            raise ConfigError(f"`{name}` of FAMO must be a number of at least 0, got {value!r}.")
    return Famo(count, np.array(landscape.floors), **method.options)


def _no_options(method: Method) -> None:
    if method.options:
        raise ConfigError(
            f"Training on one loss alone has no option {min(method.options)!r}. Known: none."
        )


class Famo:
    """Weigh tasks so that all losses fall at the same relative rate, at the cost of one gradient.

    The weights are z/D, scaled to add up to 1, with z = softmax(ξ) and D each loss above its floor.
    After every step Adam moves ξ against z ⊙ (δ − Σ zδ), δ being the fall of log D.
    The update is shortened to length 1 where it is longer, as the official code does.

    Args:
        count: Number N of runs.
        floors: What each loss is measured from, shape (2,): below any value it takes.
        rate: Adam's learning rate for ξ.
        decay: Pull of ξ towards 0, added to its gradient (γ). The published toy has none.

    Reference:
        Liu et al., NeurIPS 2023, Algorithm 1 and experiments/toy/trainer.py of the official code.
        https://arxiv.org/abs/2306.03792
    """

    def __init__(
        self, count: int, floors: Array, *, rate: float = 0.025, decay: float = 0.0
    ) -> None:
        self._floors = np.asarray(floors, dtype=np.float64)[:, None]
        self._decay = decay
        self._logits = np.zeros((2, count))
        self._optimiser = Adam(self._logits, rate)
        self._share = np.full((2, count), 0.5)
        self._before: Array | None = None

    def __call__(self, pairs: Pairs, losses: Array) -> Array:
        """Weights at the losses of this step, shape (2, N); learns from the step before."""
        height = losses - self._floors + _OFFSET
        logarithms = np.log(height)
        if self._before is not None:
            self._learn(self._before - logarithms)
        self._before = logarithms
        weights = self._share / height
        weights /= weights[0] + weights[1]
        squared = weights * weights * pairs.squared
        length = squared[0] + squared[1] + 2 * weights[0] * weights[1] * pairs.inner
        return weights / np.sqrt(np.maximum(length, 1))

    def _learn(self, falls: Array) -> None:
        share = self._share
        moved = share * falls
        slope = moved - share * (moved[0] + moved[1])
        if self._decay:
            slope += self._decay * self._logits
        self._optimiser.step(slope)
        # Two tasks: the softmax is a logistic function of the difference.
        first = 1 / (1 + np.exp(self._logits[1] - self._logits[0]))
        self._share = np.stack([first, 1 - first])
