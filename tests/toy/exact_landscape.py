"""The exact loss of each task over the plane of the shared parameter, for capacity 1."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def landscape(points: Array, labels: Array, head: float, bias: float, grid: Array) -> Array:
    """Mean logistic loss of one task at every shared parameter B of a grid, its head held fixed.

    With capacity 1 and no ReLU the shared parameter is a vector of the plane, so this is the whole
    landscape that gradient descent moves on, not a slice of it.

    Args:
        points: The task's points, shape (N, 2).
        labels: Their labels 0 or 1, shape (N,).
        head: The task's head a.
        bias: The task's bias c.
        grid: Places B, shape (..., 2).

    Returns:
        mean log(1 + exp(−s (a x·B + c))) with s = 2 label − 1, shape (...).
    """
    signs = 2 * np.asarray(labels, dtype=np.float64) - 1
    logits = head * (np.asarray(grid, dtype=np.float64) @ np.asarray(points).T) + bias
    return np.logaddexp(0, -signs * logits).mean(-1)
