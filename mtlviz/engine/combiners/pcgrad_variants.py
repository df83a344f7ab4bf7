"""What goes by the name of PCGrad elsewhere: the same projection, in another order or scale."""

import itertools

import numpy as np

from mtlviz.engine.combiners.combination import Array, Combination, from_coefficients
from mtlviz.engine.combiners.pcgrad import Order, project
from mtlviz.errors import ConfigError
from mtlviz.methods import titled

_MOST_TASKS = 5


@titled("PCGrad (authors’ code)")
def pcgrad_tensorflow(gram: Array, generator: np.random.Generator) -> Combination:
    """PCGrad as its authors' TensorFlow code runs it: every task visits 1, 2, ..., K, itself too.

    The code shuffles the losses and discards the result, so the order never changes. With three
    tasks or more visiting itself can change a gradient that others bent backwards.

    Beginning with h = g_i: h ← h − min(0, h·g_j) / ‖g_j‖² g_j for j = 1, ..., K; the update is
    Σ h_i.

    Reference: tianheyu927/PCGrad, PCGrad_tf.py.
    """
    tasks = gram.shape[-1]
    order = np.broadcast_to(np.arange(tasks), gram.shape)
    return from_coefficients(project(gram, order), order)


@titled("PCGrad (LibMTL)")
def pcgrad_libmtl(gram: Array, generator: np.random.Generator) -> Combination:
    """PCGrad as LibMTL runs it: random order, in which a task also visits itself.

    Beginning with h = g_i: h ← h − min(0, h·g_j) / ‖g_j‖² g_j for all j in a random order, i
    among them; the update is Σ h_i.

    Reference: median-research-group/LibMTL, weighting/PCGrad.py.
    """
    order = _order_with_self(gram, generator)
    return from_coefficients(project(gram, order), order)


@titled("PCGrad (Tseng)")
def pcgrad_tseng(gram: Array, generator: np.random.Generator) -> Combination:
    """PCGrad as WeiChengTseng/Pytorch-PCGrad runs it on shared weights: LibMTL's order, averaged.

    The option to add up is never reached there, so the update is K times shorter than the paper's.
    That code also counts the heads into every inner product; here only shared weights count.

    Beginning with h = g_i: h ← h − min(0, h·g_j) / ‖g_j‖² g_j for all j in a random order; the
    update is (1/K) Σ h_i.

    Reference: WeiChengTseng/Pytorch-PCGrad, pcgrad.py.
    """
    order = _order_with_self(gram, generator)
    return from_coefficients(project(gram, order) / gram.shape[-1], order)


@titled("PCGrad, all orders")
def pcgrad_all_orders(gram: Array, generator: np.random.Generator) -> Combination:
    """PCGrad averaged over all orders: what its random update is in the mean, for up to 5 tasks.

    Beginning with h = g_i: h ← h − min(0, h·g_j) / ‖g_j‖² g_j for each j ≠ i; the update is Σ_i
    of the mean of h_i over all (K − 1)! orders. Two tasks have one order, so that it is PCGrad.

    Raises:
        ConfigError: For more tasks, since (K − 1)! orders would have to be run.

    Reference:
        Ours, as the mean of Yu et al., NeurIPS 2020, Algorithm 1.
        https://arxiv.org/abs/2001.06782
    """
    tasks = gram.shape[-1]
    if tasks > _MOST_TASKS:
        raise ConfigError(
            f"Averaging PCGrad over all orders works for up to {_MOST_TASKS} tasks, got {tasks}."
        )
    orders = all_orders(tasks)
    return from_coefficients(project(gram[..., None, :, :], orders).mean(axis=-3))


def all_orders(tasks: int) -> Order:
    """Every order of the other tasks, for all tasks alike, shape ((K − 1)!, K, K − 1).

    A task's rows run through all its orders; pairing the n-th order of one task with the n-th of
    another loses nothing, for a task's projections do not depend on the others' orders.
    """
    permutations = np.array(list(itertools.permutations(range(tasks - 1))), dtype=np.int64)
    order = np.repeat(permutations[:, None, :], tasks, axis=1)
    return order + (order >= np.arange(tasks)[:, None])


def _order_with_self(gram: Array, generator: np.random.Generator) -> Order:
    """All K tasks in random order, drawn for each task, shape (..., K, K)."""
    return generator.random(gram.shape).argsort(axis=-1)
