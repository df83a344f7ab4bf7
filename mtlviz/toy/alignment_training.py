"""Algorithm 1 on the plane: the shared direction stays, each task's matrix and head are trained."""

import numpy as np
from numpy.typing import NDArray

from mtlviz.toy.alignment_exact import Moments, heads

Array = NDArray[np.float64]


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
