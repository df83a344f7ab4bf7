"""Minimise ½ yᵀAy − bᵀy over y ≥ 0 exactly: the problem under MGDA, UPGrad and DualProj.

Few tasks: every set of tasks that may be active is tried, all at once. Pivoting on task k turns the
tableaux of all sets without k into those of the sets with k, so 2ᴷ solutions cost K pivots.
Many tasks: the active-set method of Lawson and Hanson (1974, chapter 23), problem by problem. It is
written out here since `scipy.optimize.nnls` 1.15 to 1.17 returns wrong minimisers for some small
problems (scipy issue 25389), among them dependent gradients.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners.combination import Array

# Up to here trying all sets is the faster way for a batch.
ENUMERATED = 5

# A pivot this small, for vectors of length about 1, says that they are linearly dependent.
_DEPENDENT = 1e-12

# A slope this small, relative to b, is rounding.
_FLAT = 1e-13

# Bound on the active-set method: it ends by itself, but rounding might let it circle.
_ROUNDS = 20


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
    chosen = values[:, best, np.arange(len(best))]
    return np.where(members[:, best], np.maximum(chosen, 0), 0.0)


def _one_by_one(matrix: Array, linear: Array) -> Array:
    """The same minimisers by an active-set method, problem by problem, shape (..., R, K)."""
    solutions = np.empty(linear.shape)
    for index in np.ndindex(linear.shape[:-1]):
        solutions[index] = _lawson_hanson(matrix[index[:-1]], linear[index])
    return solutions


def _lawson_hanson(matrix: Array, linear: Array) -> Array:
    """Let in the task with the steepest slope, put out those that turn negative, until optimal."""
    solution, inside = np.zeros_like(linear), np.zeros(len(linear), dtype=bool)
    refused = inside.copy()
    flat = _FLAT * np.abs(linear).max()
    for _ in range(_ROUNDS * len(linear)):
        slope = np.where(inside | refused, 0.0, linear - matrix @ solution)
        entering = int(slope.argmax())
        if slope[entering] <= flat:
            break
        refused[entering] = _adds_nothing(matrix, inside, entering)
        if not refused[entering]:
            inside[entering] = True
            solution, inside = _inside_minimum(matrix, linear, solution, inside)
            # The set has changed, so a task that added nothing to it may add something now.
            refused[:] = False
            refused[entering] = not inside[entering]
    return solution


def _adds_nothing(matrix: Array, inside: NDArray[np.bool_], entering: int) -> bool:
    """Whether a task depends linearly on those inside: its pivot is what they leave of it."""
    known = matrix[inside, entering]
    explained = np.linalg.solve(matrix[np.ix_(inside, inside)], known)
    return bool(matrix[entering, entering] - known @ explained <= _DEPENDENT)


def _inside_minimum(
    matrix: Array, linear: Array, solution: Array, inside: NDArray[np.bool_]
) -> tuple[Array, NDArray[np.bool_]]:
    """Walk towards the minimum over the tasks inside; those that reach 0 on the way drop out."""
    while inside.any():
        wanted = np.zeros_like(solution)
        wanted[inside] = np.linalg.solve(matrix[np.ix_(inside, inside)], linear[inside])
        falling = inside & (wanted <= 0)
        if not falling.any():
            return wanted, inside
        part = (solution[falling] / (solution[falling] - wanted[falling])).min()
        solution = solution + part * (wanted - solution)
        first = np.flatnonzero(falling)[np.argmin(solution[falling])]
        inside = inside & (solution > 0)
        inside[first] = False
        solution = np.where(inside, solution, 0.0)
    return solution, inside
