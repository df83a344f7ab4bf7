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

# A pivot this small, for vectors of length about 1, says that they are linearly dependent.
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
    solutions = optimal(principal_solutions(matrix, linear)[0])
    return np.moveaxis(solutions, -1, 0).reshape(linear.shape)


def principal_solutions(matrix: Array, linear: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Solve A_S y_S = b_S for every set S of tasks at once.

    Args:
        matrix: A as above, shape (..., K, K), B problems in all.
        linear: Right-hand sides b, shape (..., R, K).

    Returns:
        Values of shape (K, R, 2ᴷ, B): y_k where task k is in the set, and the residual
        b_k − (A y)_k where it is not; and which sets are independent, shape (2ᴷ, B). Bit k of a
        set's index says whether task k is in it (see `memberships`).
    """
    tasks, sides = matrix.shape[-1], linear.shape[-2]
    system = np.concatenate([matrix, np.swapaxes(linear, -1, -2)], axis=-1)
    # Problems last: the inner loops then run over many numbers, not over K of them.
    system = np.moveaxis(system.reshape(-1, tasks, tasks + sides), 0, -1)
    tableaux = np.empty((tasks, tasks + sides, 2**tasks, system.shape[-1]))
    tableaux[:, :, 0] = system
    independent = np.ones(tableaux.shape[2:], dtype=bool)
    for k in range(tasks):
        _pivot(tableaux, independent, k)
    return tableaux[:, tasks:], independent


def _pivot(tableaux: Array, independent: NDArray[np.bool_], k: int) -> None:
    """From the sets of tasks before k make those that also hold k. Columns up to k are done."""
    sets = 2**k
    old, new = tableaux[:, k + 1 :, :sets], tableaux[:, k + 1 :, sets : 2 * sets]
    pivot = tableaux[k, k, :sets]
    usable = pivot > _DEPENDENT
    row = old[k] / np.where(usable, pivot, 1.0)
    np.multiply(tableaux[:, k, None, :sets], row, out=new)
    np.subtract(old, new, out=new)
    new[k] = row
    np.logical_and(independent[:sets], usable, out=independent[sets : 2 * sets])


@functools.cache
def memberships(tasks: int) -> NDArray[np.bool_]:
    """Whether task k belongs to set s, shape (K, 2ᴷ)."""
    return (np.arange(2**tasks) >> np.arange(tasks)[:, None]) % 2 == 1


def optimal(values: Array) -> Array:
    """Of all sets the one that breaks the optimality conditions least: by rounding only.

    Dependent sets need no care: where b lies in A's column space, a task that adds no direction
    is left with y = 0, and the set repeats the solution of a smaller one.

    Args:
        values: As `principal_solutions` returns them.

    Returns:
        Minimisers, shape (R, K, B).
    """
    # Side by side would be one call less each, but on arrays too large for the cache.
    return np.stack([_optimal(side) for side in values.swapaxes(0, 1)])


def _optimal(values: Array) -> Array:
    """The minimiser for one right-hand side, shape (K, B), from values of shape (K, 2ᴷ, B)."""
    members = memberships(len(values))
    # Optimal: y ≥ 0 inside the set, and no residual b − Ay above 0 outside it.
    violation = (values * np.where(members, -1.0, 1.0)[:, :, None]).max(axis=0)
    best = np.maximum(violation, 0, out=violation).argmin(axis=0)
    chosen = np.take_along_axis(values, best[None, None], axis=1)[:, 0]
    return np.where(members[:, best], np.maximum(chosen, 0), 0.0)


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
