"""The two published pairs of losses on a plane, with gradients written out by hand.

Both formulas clamp |u| from below inside a logarithm. As in torch.clamp, the gradient passes where
the clamp is met exactly; on the first landscape that is what lets a run leave the origin.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Smallest |u| inside the logarithms of both landscapes.
CLAMP = 5e-6

_SIDES = np.array([-1.0, 1.0])


class Evaluation(NamedTuple):
    """Two losses at N places of the plane, and their slopes along its two axes.

    Attributes:
        losses: Losses, task by task, shape (2, N).
        along_first: Slopes along the first coordinate, shape (2, N).
        along_second: Slopes along the second coordinate, shape (2, N).
    """

    losses: Array
    along_first: Array
    along_second: Array


def two_valleys(first: Array, second: Array) -> Evaluation:
    """Two mirror-image losses: steep curved valleys above, one shared wide bowl below.

    With T = tanh x₂, task 1 (sign −) and task 2 (sign +):
    f = log max(|−x₁/2 ± (7/2 − T)|, 5e-6) + 6,  q = ((x₁ ± 7)² + (x₂ + 8)²/10)/10 − 20,
    L = max(tanh(x₂/2), 0) f + max(−tanh(x₂/2), 0) q.
    This is what the official programs compute; the formula printed in FAMO's appendix has another
    sign in task 2, which would make the landscape lopsided.

    Reference:
        Liu et al., NeurIPS 2021 (CAGrad), toy example; Navon et al., ICML 2022; Liu et al., NeurIPS
        2023 (FAMO), all official code. https://github.com/Cranial-XIX/CAGrad
    """
    half = np.tanh(second / 2)
    squared = half * half
    signs = _SIDES[:, None]
    logs, inverse = _clamped_log(signs * (3.5 - 2 * half / (1 + squared)) - first / 2)
    logs += 6
    shifted, height = first + 7 * signs, second + 8
    bowls = shifted * shifted / 10 + (height * height / 100 - 20)
    above, below = np.maximum(half, 0), np.maximum(-half, 0)
    # Half of 1 − tanh² is the slope of both weights; at x₂ = 0 both count.
    slope = (1 - squared) / 2
    rising, falling = slope * (half >= 0), slope * (half <= 0)
    steepness = (1 - squared) / (1 + squared)
    return Evaluation(
        above * logs + below * bowls,
        below * shifted / 5 - above * inverse / 2,
        rising * logs
        - falling * bowls
        - signs * (above * steepness * steepness) * inverse
        + below * height / 50,
    )


def surgery_valleys(first: Array, second: Array) -> Evaluation:
    """Two deep, narrow, curved valleys that meet far up: conflict, dominance and high curvature.

    L₁ = 20 log max(|θ₁/2 + tanh θ₂|, 5e-6), L₂ = 25 log max(|θ₁/2 − tanh θ₂ + 2|, 5e-6).

    Reference:
        Yu et al., NeurIPS 2020 (PCGrad), Appendix D. https://arxiv.org/abs/2001.06782
    """
    bend = np.tanh(second)
    scale = np.array([[20.0], [25.0]])
    logs, inverse = _clamped_log(first / 2 - _SIDES[:, None] * bend + [[0.0], [2.0]])
    inverse *= scale
    return Evaluation(scale * logs, inverse / 2, -_SIDES[:, None] * (1 - bend * bend) * inverse)


def _clamped_log(values: Array) -> tuple[Array, Array]:
    """Logarithm of max(|u|, 5e-6), and its derivative in u: 1/u, or 0 below the clamp."""
    size = np.abs(values)
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=size >= CLAMP)
    return np.log(np.maximum(size, CLAMP)), inverse


def bowl_front(points: int) -> Array:
    """Pareto set of `two_valleys`, from the best point of task 2 to that of task 1, (points, 2).

    Below x₂ = 0 a share s of task 1 and 1 − s of task 2 add up to tanh(−x₂/2) times a bowl around
    x₁ = 7(2s − 1); each share has one best point, and together they are the set. It is a shallow
    arc, x₂ from −8.434 over −8.355 to −8.434; published pictures draw the segment x₂ = −8.3552.
    """
    first = np.linspace(-7.0, 7.0, points)
    # The bowl's value at its bottom, apart from the part in x₂.
    depth = (49 - first**2) / 10 - 20
    low, high = np.full(points, -11.0), np.full(points, -1.0)
    for _ in range(60):
        middle = (low + high) / 2
        uphill = _slope(middle, depth) > 0
        low, high = np.where(uphill, low, middle), np.where(uphill, middle, high)
    return np.stack([first, (low + high) / 2], axis=-1)


def _slope(second: Array, depth: Array) -> Array:
    """Slope along x₂ of tanh(−x₂/2) · (depth + (x₂ + 8)²/100)."""
    weight = np.tanh(-second / 2)
    bowl = depth + (second + 8) ** 2 / 100
    return -(1 - weight**2) / 2 * bowl + weight * (second + 8) / 50


def meeting_line(points: int) -> Array:
    """Pareto set of `surgery_valleys` up to θ₂ = 8, shape (points, 2).

    Both losses reach their floor together, on the line θ₁ = −2 from θ₂ = ½ log(2/5e-6 − 1) = 6.45
    on, so nothing needs to be traded there.
    """
    start = np.log(2 / CLAMP - 1) / 2
    return np.stack([np.full(points, -2.0), np.linspace(start, 8.0, points)], axis=-1)
