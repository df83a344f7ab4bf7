"""How much PCGrad's update depends on the order in which tasks visit each other."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners.gram import update_norm
from mtlviz.engine.combiners.pcgrad import project
from mtlviz.errors import ConfigError

Array = NDArray[np.float64]

# Three tasks have 2³ orders, four would have 6⁴ = 1,296.
_MOST_TASKS = 3


@dataclass(frozen=True)
class OrderSpread:
    """PCGrad's update for every order, R of them.

    Attributes:
        orders: Tasks that each task visits, in turn, shape (R, K, K − 1).
        common: The one order of all tasks that every task follows, or None where tasks follow
            different ones. Three tasks: six of the eight.
        weights: Weights of the task gradients in the update, shape (R, K).
        lengths: Length of each update, shape (R,).
        degrees: Greatest angle between two updates; not-a-number where one is zero.
    """

    orders: NDArray[np.int64]
    common: tuple[tuple[int, ...] | None, ...]
    weights: Array
    lengths: Array
    degrees: float


def order_spread(gram: Array) -> OrderSpread:
    """Every update PCGrad may make of the same gradients: its order is drawn at random.

    Each task draws its own order, so with three tasks there are 2 · 2 · 2; those in which all tasks
    follow one common order are named. Two tasks leave no choice.

    Args:
        gram: Gram matrix of up to three tasks, shape (K, K).

    Raises:
        ConfigError: For more tasks.
    """
    tasks = len(gram)
    if tasks > _MOST_TASKS:
        raise ConfigError(
            f"All orders of PCGrad are listed for up to {_MOST_TASKS} tasks, got {tasks}."
        )
    visits = [
        list(itertools.permutations(other for other in range(tasks) if other != task))
        for task in range(tasks)
    ]
    orders = np.array(list(itertools.product(*visits)), dtype=np.int64)
    weights = project(gram, orders).sum(axis=-2)
    lengths = update_norm(gram, weights)
    common = tuple(_common(order) for order in orders.tolist())
    return OrderSpread(orders, common, weights, lengths, _widest(gram, weights, lengths))


def _common(order: list[list[int]]) -> tuple[int, ...] | None:
    """The order of all tasks of which each task's visits are a part, or None."""
    for permutation in itertools.permutations(range(len(order))):
        if all(
            [other for other in permutation if other != task] == visits
            for task, visits in enumerate(order)
        ):
            return permutation
    return None


def _widest(gram: Array, weights: Array, lengths: Array) -> float:
    if not (lengths > 0).all():
        return float("nan")
    unit = weights / lengths[:, None]
    cosine = np.clip(unit @ gram @ unit.T, -1, 1)
    return float(np.degrees(np.arccos(cosine.min())))
