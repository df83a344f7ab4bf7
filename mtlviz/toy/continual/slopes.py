"""Slopes of losses for some tasks under some methods, and the Fisher information that EWC keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mtlviz.toy.kernels import Points, Pull, State, gradients, logits_of
from mtlviz.toy.layout import Layout

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Slopes:
    """Slopes of k tasks' losses under a methods, S repetitions.

    Attributes:
        shared: On the shared layer, shape (k, a, S, 3, r).
        head: On the heads, shape (k, a, S, r).
        bias: On the heads' biases, shape (k, a, S).
    """

    shared: Array
    head: Array
    bias: Array

    def vectors(self, one_head: bool) -> Array:
        """One vector for each task of all that tasks share, shape (a, S, k, P)."""
        parts = [self.shared.reshape(*self.shared.shape[:3], -1)]
        if one_head:
            parts += [self.head, self.bias[..., None]]
        return np.moveaxis(np.concatenate(parts, axis=-1), 0, 2)


def some(points: Points, tasks: Sequence[int]) -> Points:
    """The points of some tasks."""
    chosen = list(tasks)
    return Points(
        points.rows[chosen], points.signs[chosen], points.counts[chosen], points.signed[chosen],
        points.columns[chosen],
    )  # fmt: skip


def view(state: State, tasks: Sequence[int], methods: Sequence[int]) -> tuple[State, Layout]:
    """Parameters of some tasks under some methods, and where they lie."""
    place, layout = placed(tuple(tasks), tuple(methods))
    return State(state.shared, state.head[place], state.bias[place]), layout


@lru_cache(256)
def placed(
    tasks: tuple[int, ...], methods: tuple[int, ...]
) -> tuple[tuple[NDArray[np.int64], ...], Layout]:
    """The index of heads of these tasks under these methods, and their layout; hundreds ask."""
    arm = np.broadcast_to(np.asarray(methods, dtype=np.int64), (len(tasks), len(methods)))
    layout = Layout((), len(tasks), len(methods), arm, np.ones(arm.shape, bool), ())
    return np.ix_(tasks, methods), layout


def slopes(
    points: Points, state: State, tasks: Sequence[int], methods: Sequence[int],
    pull: Pull | None = None,
) -> Slopes:  # fmt: skip
    """Slopes of the losses on these points, row i of which is read by the head of tasks[i]."""
    seen, layout = view(state, tasks, methods)
    return Slopes(*gradients(points, seen, layout, True, pull))


def answers(
    points: Points, state: State, tasks: Sequence[int], methods: Sequence[int]
) -> NDArray[np.float32]:
    """Logits of these heads on these points, shape (k, S, a, N)."""
    return logits_of(points, *view(state, tasks, methods))


def fisher(points: Points, state: State, task: int, method: int) -> State:
    """Fisher information of one example on average, exactly: the mean of p(1 − p) (∂z/∂θ)².

    Labels are those the model itself would draw, so none of the data's own are used.

    Returns:
        For the shared layer (1, S, 3, r), the head (1, 1, S, r) and the bias (1, 1, S).
    """
    one = some(points, [task])
    logits = answers(one, state, [task], [method])[0, :, 0]
    chance = 1 / (1 + np.exp(-logits.astype(np.float64)))
    sure = chance * (1 - chance) / one.counts[0][:, None]
    rows = one.rows[0].astype(np.float64)
    hidden = np.swapaxes(state.shared[method], -1, -2) @ rows
    active = (hidden > 0) * sure[:, None]
    layer = (rows**2) @ np.swapaxes(active, -1, -2) * state.head[task, method][:, None] ** 2
    head = (np.maximum(hidden, 0) ** 2 @ sure[..., None])[..., 0]
    return State(layer[None], head[None, None], sure.sum(axis=-1)[None, None])
