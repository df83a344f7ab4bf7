"""PCGrad, gradient surgery: drop from each task's gradient what opposes another task's."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners.combination import Array, Combination, from_coefficients
from mtlviz.engine.combiners.gram import squared_norms
from mtlviz.methods import titled

Order = NDArray[np.int64]


class Projection(NamedTuple):
    """One visit of PCGrad: what task i met at task j, and what was taken away."""

    task: int
    other: int
    inner_product: float
    removed: float


@titled("PCGrad")
def pcgrad(gram: Array, generator: np.random.Generator) -> Combination:
    """Sum the task gradients after projecting each off those it conflicts with.

    Gradient i starts as it is. For every other task j, in an order drawn anew for each i: where
    the current gradient i points against the original gradient j, its part along j is removed.
    With no conflict this is the plain sum. With three tasks or more the order changes the update.
    A zero gradient meets no conflict, and one task alone has weight 1.

    In symbols, beginning with h = g_i: h ← h − min(0, h·g_j) / ‖g_j‖² g_j for each j ≠ i in
    turn; the update is Σ h_i.

    Reference:
        Yu et al., NeurIPS 2020, Algorithm 1. https://arxiv.org/abs/2001.06782
    """
    order = random_order(gram.shape[:-1], generator)
    return from_coefficients(project(gram, order), order)


def random_order(shape: tuple[int, ...], generator: np.random.Generator) -> Order:
    """The other tasks in random order, drawn for each task: (..., K) to (..., K, K - 1)."""
    tasks = shape[-1]
    order = generator.random((*shape, tasks - 1)).argsort(axis=-1)
    return order + (order >= np.arange(tasks)[:, None])


def project(gram: Array, order: Order) -> Array:
    """Each task's gradient after its visits, written in the original gradients.

    Args:
        gram: Gram matrix, shape (..., K, K).
        order: The tasks that task i visits, in turn, shape (..., K, V). Leading dimensions of the
            two are broadcast.

    Returns:
        Coefficients C, shape (..., K, K): row i is task i's modified gradient.
    """
    tasks = gram.shape[-1]
    shape = np.broadcast_shapes(gram.shape[:-1], order.shape[:-1])
    order = np.broadcast_to(order, (*shape, order.shape[-1]))
    lengths = np.broadcast_to(squared_norms(gram)[..., None, :], (*shape, tasks))
    coefficients = np.zeros((*shape, tasks)) + np.eye(tasks)
    # Inner products of the modified gradients with the original ones.
    products = np.array(np.broadcast_to(gram, (*shape, tasks)))
    for visit in range(order.shape[-1]):
        met = order[..., visit, None] == np.arange(tasks)
        # One is met: a sum over it and zeros is exact, and quicker than an index for each task.
        inner = (products * met).sum(axis=-1, keepdims=True)
        squared = (lengths * met).sum(axis=-1, keepdims=True)
        removed = np.divide(inner, squared, out=np.zeros_like(inner), where=inner < 0)
        taken = removed * met
        coefficients -= taken
        products -= taken @ gram
    return coefficients


def pcgrad_trace(gram: Array, order: Order) -> list[Projection]:
    """Every visit of PCGrad on one Gram matrix, in slow motion.

    Args:
        gram: One Gram matrix, shape (K, K).
        order: The tasks that each task visits, in turn, shape (K, V); `Combination.order`.

    Returns:
        For each task and each visit: the inner product of the current gradient i with gradient j
        before the visit, and the multiple of gradient j that was removed (0 with no conflict; a
        conflict makes it negative).
    """
    trace = []
    for task, visits in enumerate(order.tolist()):
        current = np.eye(len(gram))[task]
        for other in visits:
            inner = float(current @ gram[:, other])
            removed = inner / float(gram[other, other]) if inner < 0 else 0.0
            current[other] -= removed
            trace.append(Projection(task, other, inner, removed))
    return trace
