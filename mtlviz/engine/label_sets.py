"""F1 of predicted against true sets of labels, and its standard error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# From right and from given-plus-true labels, (..., C), to scores (...).
Average = Callable[[Array, Array], Array]


def micro(right: Array, named: Array) -> Array:
    """F1 of all labels taken together: common labels count more than rare ones."""
    return _f1(right.sum(-1), named.sum(-1))


def macro(right: Array, named: Array) -> Array:
    """Plain mean of each label's F1, without labels that are neither predicted nor true."""
    each = _f1(right, named)
    defined = np.isfinite(each)
    total, count = np.where(defined, each, 0.0).sum(-1), defined.sum(-1)
    return np.divide(total, count, out=np.full(np.shape(count), np.nan), where=count > 0)


def set_f1(average: Average, predictions: NDArray, labels: NDArray) -> float:
    """F1 of sets of labels.

    Args:
        average: `micro` or `macro`.
        predictions: 1 where a label is predicted, (N, C).
        labels: 1 where a label is true, (N, C).
    """
    right, named = _counted(predictions, labels)
    return float(average(right.sum(0), named.sum(0)))


def set_f1_error(average: Average, predictions: NDArray, labels: NDArray) -> float:
    """Delete-one jackknife of `set_f1`; half of what one more example could change if that is 0.

    Reference:
        Efron, Ann. Stat. 1981.
    """
    right, named = _counted(predictions, labels)
    count = len(right)
    if count < 2:
        return float("nan")
    whole = right.sum(0), named.sum(0)
    scores = average(whole[0] - right, whole[1] - named)
    error = float(np.sqrt((count - 1) * np.mean((scores - scores.mean()) ** 2)))
    return error if error > 0 or np.isnan(error) else _one_more(average, *whole)


def _one_more(average: Average, right: Array, named: Array) -> float:
    """Half of the most that an example of only right, or of only wrong, labels would change."""
    now = average(right, named)
    changed = [average(right + more, named + 1 + more) - now for more in (0.0, 1.0)]
    return float(np.abs(changed).max()) / 2


def _counted(predictions: NDArray, labels: NDArray) -> tuple[Array, Array]:
    predicted, true = np.asarray(predictions) > 0, np.asarray(labels) > 0
    return (predicted & true).astype(float), predicted.astype(float) + true.astype(float)


def _f1(right: Array, named: Array) -> Array:
    return np.divide(2 * right, named, out=np.full(np.shape(named), np.nan), where=named > 0)
