"""What may walk on a landscape: every registered combiner, FAMO, and each loss alone."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.errors import ConfigError, unknown_choice
from mtlviz.toy.landscapes.famo import Famo
from mtlviz.toy.landscapes.formulas import Array
from mtlviz.toy.landscapes.functions import Landscape
from mtlviz.toy.landscapes.pairs import Pairs, Weigh, closed_form

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
