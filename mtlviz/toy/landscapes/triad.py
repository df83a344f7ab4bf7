"""PCGrad's tragic triad along a walk: conflict, unequal lengths, curvature; when surgery pays."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners.pcgrad import project
from mtlviz.engine.measures.conflict import (
    cosines,
    curvature_bound,
    magnitude_similarity,
    step_curvature,
)
from mtlviz.errors import ConfigError
from mtlviz.toy.landscapes.formulas import Array
from mtlviz.toy.landscapes.functions import LANDSCAPES, Landscape
from mtlviz.toy.landscapes.paths import Paths

# Places on either step at which the greatest curvature is looked for.
_PLACES = 9
# Distance of the central differences: gradients are exact, so their error is about its square.
_NEAR = 1e-6
# A summed gradient below this share of the longer one, or a loss difference below it, is rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Triad:
    """What Theorem 2 asks about at every kept place of every run; arrays of shape (M, S, T).

    It compares two steps of gradient descent on the summed loss, the plain one and PCGrad's, from
    where the run stands. Not-a-number where a gradient is zero or the two add up to zero, as at
    the best mean, where there is no plain step.

    Attributes:
        step: Step size η of both.
        cosine: Cosine of the two gradients: below 0 they conflict.
        alike: Magnitude similarity Φ: near 0 one gradient dominates.
        asked: Curvature bound ξ: the share of L that the curvature must reach.
        bend: Curvature ℓ along the plain step, over the squared length of the summed gradient.
        greatest: L, the greatest curvature found along the two steps; at least ℓ.
        plain: Summed loss after the plain step.
        surgery: Summed loss after PCGrad's step.

    Reference:
        Yu et al., NeurIPS 2020, Definitions 1-5 and Theorem 2. https://arxiv.org/abs/2001.06782
    """

    step: float
    cosine: Array
    alike: Array
    asked: Array
    bend: Array
    greatest: Array
    plain: Array
    surgery: Array

    @cached_property
    def angle(self) -> NDArray[np.bool_]:
        """(a) The conflict is stronger than the lengths are alike: cos φ ≤ −Φ."""
        return self.cosine <= -self.alike

    @cached_property
    def curved(self) -> NDArray[np.bool_]:
        """(b) The summed loss bends enough along the plain step: ℓ ≥ ξL."""
        return self.bend >= self.asked * self.greatest

    @cached_property
    def long(self) -> NDArray[np.bool_]:
        """(c) The step is long enough: η ≥ 2 / (ℓ − ξL)."""
        return self.step * (self.bend - self.asked * self.greatest) >= 2

    @property
    def promised(self) -> NDArray[np.bool_]:
        """All three conditions hold: PCGrad's step must end no higher than the plain one."""
        return self.angle & self.curved & self.long

    @property
    def better(self) -> NDArray[np.bool_]:
        """PCGrad's step does end lower than the plain one, promised or not."""
        return self.surgery < self.plain - _ROUNDING * np.abs(self.plain)

    @property
    def worse(self) -> NDArray[np.bool_]:
        """PCGrad's step ends higher than the plain one."""
        return self.surgery > self.plain + _ROUNDING * np.abs(self.plain)


def triad(paths: Paths, step: float) -> Triad:
    """Measure the triad and check Theorem 2 wherever the runs stand.

    Args:
        paths: The runs; only their places and gradients count, not the method that walks.
        step: Step size η of the two steps compared, above 0.

    Raises:
        ConfigError: If the step size is not above 0.
    """
    if not 0 < step < np.inf:
        raise ConfigError(f"The step size must be a finite number above 0, got {step}.")
    landscape = LANDSCAPES[paths.landscape]
    with np.errstate(all="ignore"):
        grams = paths.gradients @ paths.gradients.swapaxes(-1, -2)
        summed = paths.gradients.sum(axis=-2)
        weights = project(grams, np.array([[1], [0]])).sum(axis=-2)
        moves = -step * np.stack([summed, np.einsum("...i,...id->...d", weights, paths.gradients)])
        after = paths.points + moves
        squared = (summed**2).sum(axis=-1)
        longest = np.diagonal(grams, axis1=-2, axis2=-1).max(axis=-1)
        squared[squared <= _ROUNDING**2 * longest] = np.nan
        bend = step_curvature(summed, _slope(landscape, after[0]), step) / squared
        return Triad(
            step,
            cosines(grams)[..., 0, 1],
            magnitude_similarity(grams)[..., 0, 1],
            curvature_bound(grams)[..., 0, 1],
            bend,
            np.maximum(_greatest_curvature(landscape, paths.points, moves), np.abs(bend)),
            landscape.losses(after[0]).sum(axis=-1),
            landscape.losses(after[1]).sum(axis=-1),
        )


def _slope(landscape: Landscape, points: Array) -> Array:
    """Gradient of the summed loss, shape (..., 2)."""
    return landscape.gradients(points).sum(axis=-2)


def _greatest_curvature(landscape: Landscape, points: Array, moves: Array) -> Array:
    """Greatest size of an eigenvalue of the summed loss's Hessian along both steps, shape (...).

    Args:
        landscape: The losses.
        points: Where both steps start, shape (..., 2).
        moves: The steps, shape (2, ..., 2).
    """
    greatest = np.zeros(points.shape[:-1])
    for share in np.linspace(0, 1, _PLACES):
        found = _curvature(landscape, points + share * moves).max(axis=0)
        greatest = np.fmax(greatest, found)
    return greatest


def _curvature(landscape: Landscape, points: Array) -> Array:
    """Greatest size of an eigenvalue of the Hessian at points of shape (..., 2)."""
    across, up = (
        (_slope(landscape, points + shift) - _slope(landscape, points - shift)) / (2 * _NEAR)
        for shift in (np.array([_NEAR, 0.0]), np.array([0.0, _NEAR]))
    )
    mixed = (across[..., 1] + up[..., 0]) / 2
    half_gap = np.hypot((across[..., 0] - up[..., 1]) / 2, mixed)
    return np.abs((across[..., 0] + up[..., 1]) / 2) + half_gap
