"""Minimise ½ yᵀAy − bᵀy over y ≥ 0 exactly: the problem under MGDA, UPGrad and DualProj.

Few tasks: every set of tasks that may be active is tried, all at once. Pivoting on task k turns the
tableaux of all sets without k into those of the sets with k, so 2ᴷ solutions cost K pivots.
Many tasks: the active-set method of Lawson and Hanson (`scipy.optimize.nnls`), problem by problem.
"""

import functools

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from mtlviz.engine.combiners.combination import Array

# Up to here trying all sets is the faster way for a batch.
ENUMERATED = 5

# A pivot this small, for vectors of length about 1, says that they are linearly dependent. Such a
# set is left out, for a smaller one has the same solution (Carathéodory).
_DEPENDENT = 1e-12


def nonnegative_minimum(matrix: Array, linear: Array) -> Array:
    """The y ≥ 0 that minimises ½ yᵀAy − bᵀy for each b.

    Args:
        matrix: Positive semi-definite A with a diagonal of about 1, shape (..., K, K).
        linear: R right-hand sides b in the column space of A, shape (..., R, K).

    Returns:
        Minimisers, shape (..., R, K). Where A is singular, one of them.
    """
    if matrix.shape[-1] > ENUMERATED:
        return _one_by_one(matrix, linear)
    tasks, sides = matrix.shape[-1], linear.shape[-2]
    batch = matrix.shape[:-2]
    tableau = np.concatenate([matrix, np.swapaxes(linear, -1, -2)], axis=-1)
    tableau = np.ascontiguousarray(np.moveaxis(tableau.reshape(-1, tasks, tasks + sides), 0, -1))
    solutions = _choose(*principal_solutions(tableau))
    return np.moveaxis(solutions, -1, 0).reshape(*batch, sides, tasks)


def principal_solutions(tableau: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Solve A_S y_S = b_S for every set S of tasks at once.

    Args:
        tableau: [A | b₁ … b_R], batch last, shape (K, K + R, B).

    Returns:
        Values of shape (K, R, 2ᴷ, B): y_k where task k is in the set, and the residual
        b_k − (A y)_k where it is not; and which sets are independent, shape (2ᴷ, B). Bit k of a
        set's index says whether task k is in it (see `memberships`).
    """
    tasks = len(tableau)
    tableaux = tableau[:, :, None, :]
    independent = np.ones((1, tableau.shape[-1]), dtype=bool)
    for k in range(tasks):
        pivot = tableaux[k, k]
        usable = pivot > _DEPENDENT
        row = tableaux[k] / np.where(usable, pivot, 1.0)
        swept = tableaux - tableaux[:, k, None] * row[None]
        swept[k] = row
        tableaux = np.concatenate([tableaux, swept], axis=2)
        independent = np.concatenate([independent, independent & usable])
    return tableaux[:, tasks:], independent


@functools.cache
def memberships(tasks: int) -> NDArray[np.bool_]:
    """Whether task k belongs to set s, shape (K, 2ᴷ)."""
    return (np.arange(2**tasks) >> np.arange(tasks)[:, None]) % 2 == 1


def _choose(values: Array, independent: NDArray[np.bool_]) -> Array:
    """Of all sets the one that breaks the optimality conditions least: by rounding only."""
    inside = memberships(len(values))[:, None, :, None]
    # Optimal: y ≥ 0 inside the set, and no residual b − Ay above 0 outside it.
    violation = np.where(inside, -values, values).max(axis=0)
    violation = np.where(independent, violation, np.inf)
    best = np.maximum(violation, 0).argmin(axis=-2)
    chosen = np.take_along_axis(values, best[None, :, None, :], axis=2)[:, :, 0]
    active = memberships(len(values))[:, best]
    return np.where(active, np.maximum(chosen, 0), 0.0).swapaxes(0, 1)


def _one_by_one(matrix: Array, linear: Array) -> Array:
    """The same minimisers through non-negative least squares, ½‖By − t‖² with BᵀB = A, Bᵀt = b."""
    values, vectors = np.linalg.eigh(matrix)
    keep = values > _DEPENDENT * values[..., -1:]
    roots = np.sqrt(np.where(keep, values, 0.0))
    inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=keep)
    factors = roots[..., :, None] * np.swapaxes(vectors, -1, -2)
    targets = (linear @ vectors) * inverse[..., None, :]
    solutions = np.empty_like(targets)
    for index in np.ndindex(*targets.shape[:-1]):
        solutions[index] = nnls(factors[index[:-1]], targets[index])[0]
    return solutions
