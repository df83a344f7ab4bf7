"""Two linear tasks on a plane that share one direction: the exact optimum, and Algorithm 1.

Task i has inputs X_i (m_i, 2), labels y_i and a head a_i; the shared module is one direction B:

    min over B, a₁, a₂ of  Σ_i ‖X_i R_i B a_i − y_i‖²

For a given B each head is a least-squares fit, so only the angle of B is left to search.
Algorithm 1 keeps B and trains each R_i and a_i.

Reference:
    Wu, Zhang, Ré, ICLR 2020, equations 3 and 4. https://arxiv.org/abs/2005.00944
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_ANGLES = 180


@dataclass(frozen=True, eq=False)
class Moments:
    """All that least squares needs to know of some tasks, over any leading axes.

    Attributes:
        squares: X_iᵀX_i of each task, (..., K, 2, 2).
        products: X_iᵀy_i of each task, (..., K, 2).
    """

    squares: Array
    products: Array

    def turned(self, matrices: Array) -> "Moments":
        """The moments of X_i R_i.

        Args:
            matrices: R_i of each task, (..., K, 2, 2), with axes that fit.
        """
        flipped = np.swapaxes(matrices, -1, -2)
        products = (flipped @ self.products[..., None])[..., 0]
        return Moments(flipped @ self.squares @ matrices, products)


def alone(moments: Moments) -> Array:
    """Least squares of each task for itself, θ̂_i, (..., K, 2)."""
    return np.linalg.solve(moments.squares, moments.products[..., None])[..., 0]


def explained(moments: Moments, directions: Array) -> Array:
    """How much of Σ_i ‖y_i‖² a shared direction explains: h(B) of equation 4.

    Args:
        moments: Of K tasks, (..., K, 2, 2) and (..., K, 2).
        directions: Directions B of any length, (G, 2).

    Returns:
        h, shape (..., G).
    """
    along = moments.products @ directions.T
    lengths = _lengths(moments.squares, directions)
    return (along**2 / lengths).sum(axis=-2)


def shared_direction(moments: Moments) -> Array:
    """The direction B that explains most, of length 1, (..., 2).

    The best of 180 angles, then the top of a parabola through it and its neighbours: within a few
    hundredths of a degree.
    """
    step = np.pi / _ANGLES
    angles = step * np.arange(_ANGLES)
    heights = explained(moments, _unit(angles))
    best = heights.argmax(axis=-1)
    left, middle, right = (
        np.take_along_axis(heights, ((best + shift) % _ANGLES)[..., None], axis=-1)[..., 0]
        for shift in (-1, 0, 1)
    )
    bend = left - 2 * middle + right
    # A flat top has no better place than its middle.
    shift = np.divide(left - right, 2 * bend, out=np.zeros_like(bend), where=bend < 0)
    return _unit(angles[best] + step * shift)


def heads(moments: Moments, direction: Array) -> Array:
    """Each task's best head a_i for a shared direction, (..., K).

    Args:
        moments: Of the inputs as they enter the shared module.
        direction: B, (..., 2).
    """
    along = (moments.products @ direction[..., None])[..., 0]
    turned = (moments.squares @ direction[..., None, :, None])[..., 0]
    return along / (turned @ direction[..., None])[..., 0]


def together(moments: Moments, matrices: Array) -> tuple[Array, Array]:
    """Train both tasks on one direction, with each task's inputs turned by R_i.

    Args:
        moments: Of the inputs before turning, (..., K, 2, 2) and (..., K, 2).
        matrices: R_i, (..., K, 2, 2).

    Returns:
        The shared direction B (..., 2), and each task's model R_i B a_i in its own inputs
        (..., K, 2).
    """
    turned = moments.turned(matrices)
    direction = shared_direction(turned)
    models = direction[..., None, :] * heads(turned, direction)[..., None]
    return direction, (matrices @ models[..., None])[..., 0]


def _lengths(squares: Array, directions: Array) -> Array:
    """‖X_i B‖² for every direction, (..., K, G)."""
    first, second = directions.T
    return (
        squares[..., 0, 0, None] * first**2
        + 2 * squares[..., 0, 1, None] * first * second
        + squares[..., 1, 1, None] * second**2
    )


def _unit(angles: Array) -> Array:
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def train_alignment(
    moments: Moments, direction: Array, start: Array, steps: int
) -> tuple[Array, Array]:
    """Keep B fixed and descend on every R_i and a_i, as Algorithm 1 asks.

    Each step is a plain gradient step on ‖X_i R_i B a_i − y_i‖² / 2, of the greatest length that
    surely lowers it to first order: 1 over the curvature seen through R_i and a_i. Step length,
    start and number of steps are choices of this program; the paper names none. At its end every
    task has its own least-squares fit, whatever B is: with linear maps Algorithm 1 leads all the
    way back to training alone.

    Args:
        moments: Of the inputs before turning, (S, K, 2, 2) and (S, K, 2).
        direction: The shared direction B of each repetition, (S, 2).
        start: The matrices R_i to start from, (S, K, 2, 2).
        steps: Number of steps T.

    Returns:
        Each task's model R_i B a_i before every step and at the end, (T + 1, S, K, 2), and the
        matrices, (T + 1, S, K, 2, 2).

    Reference:
        Wu, Zhang, Ré, ICLR 2020, Algorithm 1. https://arxiv.org/abs/2005.00944
    """
    matrices = np.broadcast_to(start, moments.squares.shape).copy()
    scales = heads(moments.turned(matrices), direction)
    steepest = np.linalg.eigvalsh(moments.squares)[..., -1]
    models, kept = [], []
    for step in range(steps + 1):
        seen = (matrices @ direction[:, None, :, None])[..., 0]
        models.append(scales[..., None] * seen)
        kept.append(matrices)
        if step == steps:
            break
        residual = (moments.squares @ models[-1][..., None])[..., 0] - moments.products
        length = 1 / (steepest * ((seen**2).sum(axis=-1) + scales**2))
        move = (length * scales)[..., None] * residual
        matrices = matrices - move[..., None] * direction[:, None, None, :]
        scales = scales - length * (residual * seen).sum(axis=-1)
    return np.stack(models), np.stack(kept)
