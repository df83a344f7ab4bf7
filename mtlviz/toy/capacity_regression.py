"""Linear regression of several tasks through one shared matrix, solved by taking turns.

    minimise  Σ_i ‖X_i B A_i − y_i‖²   over B (d, r) and heads A_i (r)

From width k on, B can hold every task's own least squares solution, so sharing changes nothing.

Reference:
    Wu, Zhang, Ré, ICLR 2020, equation 3 and Proposition 1. https://arxiv.org/abs/2005.00944
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DIMENSIONS = 10
_ROUNDS = 60
_SETTLED = 1e-6  # Relative change of the loss in a round that counts as none.


@dataclass(frozen=True, eq=False)
class RegressionTasks:
    """K tasks of the same size.

    Attributes:
        cosines: Between the true models of every two tasks, (K, K).
        examples: Training examples of each, more than `DIMENSIONS` + 1.
        noise: Standard deviation of the label noise; that of the clean labels is 1.
    """

    cosines: Array
    examples: int
    noise: float


def regression_scores(
    tasks: RegressionTasks, repetitions: int, seed: int, width: int
) -> tuple[Array, Array]:
    """Share of the clean labels' variance explained on new examples, together and alone.

    Args:
        tasks: The tasks.
        repetitions: Number of repetitions S; the same draws at every width.
        seed: Decides the draws.
        width: Width r of the shared matrix.

    Returns:
        Shares, at most 1, each of shape (S, K). One minus the squared distance of fitted and true
        model, which is the expected error on standard normal inputs.
    """
    models, grams, moments = _drawn(tasks, repetitions, seed)
    own = np.linalg.solve(grams, moments[..., None])[..., 0]
    shared = fitted(grams, moments, width)
    return 1 - ((shared - models) ** 2).sum(-1), 1 - ((own - models) ** 2).sum(-1)


def fitted(grams: Array, moments: Array, width: int) -> Array:
    """Every task's model B A_i where all share a matrix B of this width.

    Below width k there can be several local optima, each serving other tasks. So it takes turns
    between heads and B from several starts and keeps the best end: the best approximation of the
    tasks' own solutions, and for each task one that holds its own solution.

    Args:
        grams: X_iᵀX_i of each task, (S, K, d, d); not singular.
        moments: X_iᵀy_i, (S, K, d).
        width: Width r of B; columns beyond the number of tasks would stay unused.

    Returns:
        The models, (S, K, d).
    """
    own = np.linalg.solve(grams, moments[..., None])[..., 0]
    if width >= own.shape[1]:
        return own  # Proposition 1: the span of B holds every task's own solution.
    models, explained = own, np.full(len(own), -np.inf)
    for start in _starts(own, width):
        found, better = _settled(grams, moments, start)
        won = better > explained
        models = np.where(won[:, None, None], found, models)
        explained = np.where(won, better, explained)
    return models


def _starts(own: Array, width: int) -> Iterator[Array]:
    """Shared matrices to start from, (S, d, r), with columns at right angles."""
    columns = own.swapaxes(-1, -2)
    yield np.linalg.svd(columns, full_matrices=False)[0][..., :width]
    for task in range(own.shape[1]):
        others = np.linalg.svd(np.delete(columns, task, axis=-1), full_matrices=False)[0]
        kept = np.concatenate([columns[..., [task]], others[..., : width - 1]], axis=-1)
        yield np.linalg.qr(kept)[0]


def _settled(grams: Array, moments: Array, shared: Array) -> tuple[Array, Array]:
    """Take turns until the loss has settled: the models, and by how much they lower the loss."""
    before = np.full(len(shared), -np.inf)
    for _ in range(_ROUNDS):
        heads = _heads(grams, moments, shared)
        explained = np.einsum("skr,sdr,skd->s", heads, shared, moments, optimize=True)
        if np.all(explained - before <= _SETTLED * np.abs(explained)):
            break
        before = explained
        shared = np.linalg.qr(_shared(grams, moments, heads))[0]
    heads = _heads(grams, moments, shared)
    models = np.einsum("sdr,skr->skd", shared, heads)
    return models, np.einsum("skd,skd->s", models, moments)


def _heads(grams: Array, moments: Array, shared: Array) -> Array:
    """The best heads for a shared matrix, (S, K, r)."""
    inner = np.einsum("sdr,skde,set->skrt", shared, grams, shared, optimize=True)
    return np.linalg.solve(inner, (moments @ shared)[..., None])[..., 0]


def _shared(grams: Array, moments: Array, heads: Array) -> Array:
    """The best shared matrix for given heads, (S, d, r)."""
    repetitions, _, size = moments.shape
    width = heads.shape[-1]
    products = np.einsum("skr,skt->skrt", heads, heads)
    left = np.einsum("skde,skrt->sdret", grams, products, optimize=True)
    left = left.reshape(repetitions, size * width, size * width)
    right = np.einsum("skd,skr->sdr", moments, heads).reshape(repetitions, size * width, 1)
    return np.linalg.solve(left, right).reshape(repetitions, size, width)


def _drawn(tasks: RegressionTasks, repetitions: int, seed: int) -> tuple[Array, Array, Array]:
    """True models (S, K, d) of length 1, and the data of every task as XᵀX and Xᵀy."""
    count = len(tasks.cosines)
    models = np.empty((repetitions, count, DIMENSIONS))
    grams = np.empty((repetitions, count, DIMENSIONS, DIMENSIONS))
    moments = np.empty_like(models)
    values, vectors = np.linalg.eigh(tasks.cosines)
    # Rows of this root have length 1 and the asked cosines with each other.
    root = vectors * np.sqrt(np.maximum(values, 0))
    for repetition in range(repetitions):
        generator = np.random.default_rng((seed, repetition, 9))
        basis = np.linalg.qr(generator.standard_normal((DIMENSIONS, count)))[0]
        models[repetition] = root @ basis.T
        for task in range(count):
            x = generator.standard_normal((tasks.examples, DIMENSIONS))
            y = x @ models[repetition, task]
            y += tasks.noise * generator.standard_normal(tasks.examples)
            grams[repetition, task], moments[repetition, task] = x.T @ x, x.T @ y
    return models, grams, moments
