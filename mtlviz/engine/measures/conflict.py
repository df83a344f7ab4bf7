"""How much task gradients conflict, from inner products; what PCGrad is promised by."""

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import ConfigError

SURE = 1.96
"""Standard errors of a 95 % interval."""
Array = NDArray[np.float64]


_RIGHT_ANGLE = 1e-9  # A cosine nearer to zero is one that rounding moved off it.


def cosines(gram: Array) -> Array:
    """Cosine of every pair of task gradients: −1 opposite, 0 unrelated, 1 the same direction.

    Args:
        gram: Gram matrices, shape (..., K, K).

    Returns:
        Cosines, shape (..., K, K). Not-a-number wherever a gradient is zero: it has no direction.
    """
    lengths = _lengths(gram)
    # Rounding may leave the range of a cosine by a few units of the last place.
    return np.clip(_ratio(gram, lengths[..., :, None] * lengths[..., None, :]), -1, 1)


def conflicts(gram: Array) -> NDArray[np.bool_]:
    """Which pairs of tasks conflict: their gradients form an obtuse angle, shape (..., K, K).

    A zero gradient conflicts with none, and neither do gradients at right angles, whatever rounding
    made of their product.

    Reference:
        Yu et al., NeurIPS 2020, Definition 1. https://arxiv.org/abs/2001.06782
    """
    products = np.asarray(gram)
    lengths = np.sqrt(np.diagonal(products, axis1=-2, axis2=-1))
    return products < -_RIGHT_ANGLE * lengths[..., :, None] * lengths[..., None, :]


def magnitude_similarity(gram: Array) -> Array:
    """How alike in length two task gradients are: 1 equal, near 0 where one dominates.

    Φ = 2‖gᵢ‖‖gⱼ‖ / (‖gᵢ‖² + ‖gⱼ‖²), shape (..., K, K). 0 where one gradient of the pair is zero,
    not-a-number where both are.

    Reference:
        Yu et al., NeurIPS 2020, Definition 2.
    """
    lengths = _lengths(gram)
    product = lengths[..., :, None] * lengths[..., None, :]
    squared = lengths**2
    return _ratio(2 * product, squared[..., :, None] + squared[..., None, :])


def curvature_bound(gram: Array) -> Array:
    """How much curvature PCGrad's guarantee asks for, as a share of the greatest there is.

    ξ = (1 − cos² φ) ‖gᵢ − gⱼ‖² / ‖gᵢ + gⱼ‖², shape (..., K, K). Not-a-number where a gradient is
    zero or where the two add up to zero. Above 1 the guarantee cannot hold.

    Reference:
        Yu et al., NeurIPS 2020, multi-task curvature bounding measure (Definition 5).
    """
    squared = np.diagonal(gram, axis1=-2, axis2=-1)
    both = squared[..., :, None] + squared[..., None, :]
    return (1 - cosines(gram) ** 2) * _ratio(both - 2 * gram, both + 2 * gram)


def step_curvature(before: Array, after: Array, step: float) -> Array:
    """How much the summed loss bends along one plain step, from its gradient before and after.

    H = ∫₀¹ gᵀ ∇²L(θ + a(θ′ − θ)) g da with g = ∇L(θ) and θ′ = θ − ηg. Along a straight step the
    integral of the second derivative is a difference of gradients: H = gᵀ(g − g′)/η, exactly.

    Args:
        before: Gradient g of the summed loss before the step, shape (..., P).
        after: Gradient g′ after it, on the same data, shape (..., P).
        step: Step size η, above 0.

    Returns:
        Curvature, shape (...), in units of the loss over η².

    Raises:
        ConfigError: If the step size is not above 0.

    Reference:
        Yu et al., NeurIPS 2020, Definition 3 (multi-task curvature).
    """
    if not step > 0:
        raise ConfigError(f"The step size must be above 0, got {step}.")
    return (before * (before - after)).sum(axis=-1) / step


def _lengths(gram: Array) -> Array:
    return np.sqrt(np.diagonal(gram, axis1=-2, axis2=-1))


def _ratio(numerator: Array, denominator: Array) -> Array:
    """The ratio, and not-a-number where the denominator is not above 0."""
    empty = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    return np.divide(numerator, denominator, out=empty, where=denominator > 0)


def balanced(apart: NDArray[np.bool_]) -> str:
    """What to say where the share in conflict cannot be told apart from one half; else nothing.

    The interval is that of a share of so many independent updates as these are worth.

    Args:
        apart: Whether the two tasks were in conflict at each update, (T,).
    """
    alike = bool(abs(apart.mean() - 0.5) <= SURE * 0.5 / np.sqrt(independent(apart)))
    return " – not told apart from one half: neither agreement nor conflict prevails" * alike


def independent(values: NDArray) -> float:
    """How many independent values say as much about the mean as these, of which neighbours agree.

    n (1 − r) / (1 + r) with r the correlation of neighbours: exact in the limit for a first-order
    autoregression. Values that repel each other (r < 0) count no more than once.

    Args:
        values: Values in order, (n,).
    """
    apart = values - values.mean()
    spread = float(apart @ apart)
    neighbours = float(apart[1:] @ apart[:-1]) / spread if spread > 0 else 0.0
    correlation = max(0.0, neighbours)
    return len(values) * (1 - correlation) / (1 + correlation)
