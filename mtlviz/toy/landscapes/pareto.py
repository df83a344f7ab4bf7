"""The Pareto sets of the landscapes, computed: where helping one task must hurt the other."""

import numpy as np

from mtlviz.toy.landscapes.formulas import CLAMP, Array


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
