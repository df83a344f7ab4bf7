"""Every method's update of the arrows on screen, by the engine's own functions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.combiners.combination import Combination, from_coefficients
from mtlviz.engine.combiners.gram import update_norm
from mtlviz.engine.combiners.pcgrad import Projection, pcgrad_trace, project
from mtlviz.engine.combiners.predictions import match_sum_norm, predicted_changes
from mtlviz.engine.measures.conflict_plane import plane_from_gram
from mtlviz.toy.arrows import ArrowsConfig

Array = NDArray[np.float64]

STEP = 0.1
"""Step size of the predicted changes."""
# The random order of these is replaced by the one on screen; whether a task visits itself.
_ORDERED = {"pcgrad": False, "pcgrad_libmtl": True, "pcgrad_tseng": True}
# Changes below this share of the largest possible are rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class DrawnArrows:
    """The gradients on screen.

    Attributes:
        gram: Their inner products, shape (K, K).
        coordinates: Where they are drawn, shape (K, 2).
        share: Share of each gradient's length that the plane shows, shape (K,).
    """

    gram: Array
    coordinates: Array
    share: Array


def scene(config: ArrowsConfig) -> DrawnArrows:
    """The arrows as they are, or the best plane of a Gram matrix."""
    if config.gram is None:
        arrows = np.array(config.arrows, dtype=np.float64)
        return DrawnArrows(arrows @ arrows.T, arrows, np.ones(len(arrows)))
    gram = np.array(config.gram, dtype=np.float64)
    view = plane_from_gram(gram)
    return DrawnArrows(gram, view.coordinates, view.share)


def visits(order: tuple[int, ...], *, with_self: bool = False) -> NDArray[np.int64]:
    """The tasks that each task visits when all follow one order, shape (K, K - 1) or (K, K)."""
    return np.array(
        [[other for other in order if with_self or other != task] for task in range(len(order))],
        dtype=np.int64,
    )


def combination(name: str, gram: Array, order: tuple[int, ...]) -> Combination:
    """A method's update; where it would draw an order at random, with the order given."""
    if name in _ORDERED:
        chosen = visits(order, with_self=_ORDERED[name])
        scale = len(gram) if name == "pcgrad_tseng" else 1
        return from_coefficients(project(gram, chosen) / scale, chosen)
    return make_combiner(name)(gram, np.random.default_rng(0))


def combinations(config: ArrowsConfig, gram: Array) -> dict[str, Combination]:
    """The update of each chosen method, as the method has it (lengths not matched)."""
    return {name: combination(name, gram, config.order) for name in config.methods}


def trace(config: ArrowsConfig, gram: Array) -> list[Projection]:
    """Every visit of PCGrad in the chosen order."""
    return pcgrad_trace(gram, visits(config.order))


@dataclass(frozen=True)
class Effect:
    """What one method's update does to the tasks.

    Attributes:
        changes: Predicted loss change of each task for a step of `STEP`, shape (K,).
        hurt: Tasks whose loss is predicted to rise, counted from 0.
        relative: Length over the plain sum's; not-a-number where that is 0.
    """

    changes: Array
    hurt: tuple[int, ...]
    relative: float


def effect(config: ArrowsConfig, gram: Array, result: Combination) -> Effect:
    """What the update does, its length matched to the plain sum's if the settings ask for it."""
    drawn = match_sum_norm(result, gram) if config.match else result
    changes = predicted_changes(gram, drawn.weights, STEP)
    changes[np.abs(changes) <= _ROUNDING * STEP * np.diagonal(gram).max()] = 0.0
    hurt = tuple(np.flatnonzero(changes > 0).tolist())
    return Effect(changes, hurt, relative_length(gram, drawn.weights))


def relative_length(gram: Array, weights: Array) -> float:
    """Length of an update over the plain sum's; not-a-number where that is 0."""
    plain = float(update_norm(gram, np.ones(len(gram))))
    return float(update_norm(gram, weights)) / plain if plain > 0 else float("nan")


@dataclass(frozen=True)
class Picture:
    """The arrows on screen and what the chosen methods make of them."""

    config: ArrowsConfig
    scene: DrawnArrows
    results: dict[str, Combination]


def picture(config: ArrowsConfig) -> Picture:
    """What these settings show."""
    shown = scene(config)
    return Picture(config, shown, combinations(config, shown.gram))
