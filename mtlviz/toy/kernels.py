"""Forward and backward passes of all arms, repetitions and tasks at once, written out by hand.

    logit_k = act(x B + b) · a_k + c_k,    loss_k = mean log(1 + exp(−sign · logit_k))

Points lie along the last axis and arms beside each other, so the points of a task are read once for
all its arms. Points are in single precision, parameters in double.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.toy.layout import Layout

Floats = NDArray[np.float32]
Array = NDArray[np.float64]


@dataclass
class State:
    """Parameters of every model. d is 2, or 3 with ReLU, whose last row is the shift b.

    Attributes:
        shared: Shared parameters of each arm, shape (arms, S, d, r).
        head: Heads by slot, shape (K, A, S, r).
        bias: Biases by slot, shape (K, A, S).
    """

    shared: Array
    head: Array
    bias: Array

    def copy(self) -> "State":
        """The same numbers, unaffected by further training."""
        return State(self.shared.copy(), self.head.copy(), self.bias.copy())


@dataclass(frozen=True)
class Points:
    """Points of all tasks in the order that the passes read them. A sign of 0 is an empty place.

    Attributes:
        rows: x, y, 1 of each point, shape (K, S, 3, N).
        signs: Labels as −1 or 1, shape (K, S, N).
        counts: Points of each task, shape (K, S).
        signed: The rows times the sign, shape (K, S, 3, N).
        columns: The rows times the sign, shape (K, S, N, 3).
    """

    rows: Floats
    signs: Floats
    counts: Array
    signed: Floats
    columns: Floats


def make_points(points: Floats, signs: Floats) -> Points:
    """Arrange points of shape (K, S, N, 2) and their signs of shape (K, S, N)."""
    ones = np.ones((*points.shape[:-1], 1), np.float32)
    columns = np.concatenate([points, ones], -1)
    signed = columns * signs[..., None]
    return Points(
        np.ascontiguousarray(columns.swapaxes(-1, -2)),
        signs,
        np.abs(signs).sum(-1, dtype=np.float64),
        np.ascontiguousarray(signed.swapaxes(-1, -2)),
        signed,
    )


def logits_of(points: Points, state: State, layout: Layout) -> Floats:
    """Logit of every point under a model with a ReLU, shape (K, S, A, N)."""
    return _logits(np.maximum(_hidden_weights(state, layout) @ points.rows, 0), state)


def margins(points: Points, state: State, layout: Layout, relu: bool) -> Floats:
    """Sign times logit of every point, positive where it is classified rightly, (K, S, A, N)."""
    if not relu:
        return _directions(state, layout) @ points.signed
    return logits_of(points, state, layout) * points.signs[:, :, None]


Pull = Callable[[Floats], Floats]
"""From logits (K, S, A, N) to the loss's derivative by them, before the mean over points."""


def gradients(
    points: Points, state: State, layout: Layout, relu: bool, pull: Pull | None = None
) -> tuple[Array, Array, Array]:
    """Gradients of every task's loss in every arm.

    Args:
        points: The points.
        state: The parameters.
        layout: The arms.
        relu: Whether the shared layer has a ReLU.
        pull: Another loss than the logistic one of the points' labels; with a ReLU only.

    Returns:
        By slot, for the shared parameters (K, A, S, d, r), heads (K, A, S, r), biases (K, A, S).
    """
    if relu:
        return _relu_gradients(points, state, layout, pull)
    return _linear_gradients(points, state, layout)


def _linear_gradients(points: Points, state: State, layout: Layout) -> tuple[Array, Array, Array]:
    pull = _pull(_directions(state, layout) @ points.signed)
    # What each loss wants of the map from x, y, 1 to the logit, (K, S, A, 3).
    wanted = (pull @ points.columns).swapaxes(1, 2) / points.counts[:, None, :, None]
    plane = wanted[..., :2]
    shared = plane[..., None] * state.head[..., None, :]
    head = np.einsum("kasd,kasdr->kasr", plane, state.shared[layout.arm])
    return shared, head, wanted[..., 2]


def _relu_gradients(
    points: Points, state: State, layout: Layout, loss: Pull | None
) -> tuple[Array, Array, Array]:
    hidden = _hidden_weights(state, layout) @ points.rows
    np.maximum(hidden, 0, out=hidden)
    signs = points.signs[:, :, None]
    logits = _logits(hidden, state)
    pull = _pull(logits * signs) * signs if loss is None else loss(logits)
    tasks, seeds, slots, size = pull.shape
    active = hidden.reshape(tasks, seeds, slots, -1, size)
    counts = points.counts[:, None, :, None]
    head = (active @ pull[..., None])[..., 0].swapaxes(1, 2) / counts
    # np.sign of a ReLU output is its derivative.
    back = (np.sign(active) * pull[..., None, :]).reshape(tasks, seeds, -1, size)
    wanted = back @ points.rows.swapaxes(-1, -2)
    wanted = wanted.reshape(tasks, seeds, slots, -1, 3).transpose(0, 2, 1, 4, 3)
    shared = wanted * state.head[..., None, :] / counts[..., None]
    return shared, head, pull.sum(-1, dtype=np.float64).swapaxes(1, 2) / counts[..., 0]


def _directions(state: State, layout: Layout) -> Floats:
    """The map from x, y, 1 to the logit of each linear model, shape (K, S, A, 3)."""
    plane = (state.shared[layout.arm] * state.head[..., None, :]).sum(-1)
    return np.concatenate([plane, state.bias[..., None]], -1, dtype=np.float32).swapaxes(1, 2)


def _hidden_weights(state: State, layout: Layout) -> Floats:
    """Rows of the shared map, arms below each other, shape (K, S, A r, 3)."""
    shared = state.shared[layout.arm].astype(np.float32).transpose(0, 2, 1, 4, 3)
    return shared.reshape(*shared.shape[:2], -1, 3)


def _logits(hidden: Floats, state: State) -> Floats:
    """Logits from the shared outputs (K, S, A r, N), shape (K, S, A, N)."""
    tasks, slots, seeds, width = state.head.shape
    head = state.head.astype(np.float32).swapaxes(1, 2)[..., None, :]
    split = hidden.reshape(tasks, seeds, slots, width, -1)
    bias = state.bias.astype(np.float32).swapaxes(1, 2)[..., None]
    return (head @ split)[..., 0, :] + bias


def _pull(margin: Floats) -> Floats:
    """Derivative of log(1 + exp(−margin)): −1 far on the wrong side, 0 far on the right one."""
    margin *= np.float32(0.5)
    np.tanh(margin, out=margin)
    margin -= np.float32(1)
    margin *= np.float32(0.5)
    return margin


def losses_and_accuracy(points: Points, margin: Floats) -> tuple[Array, Array]:
    """Mean logistic loss and share of rightly classified points, each of shape (K, A, S)."""
    filled = (points.signs != 0)[:, :, None]
    # log(1 + exp(−m)) without overflow; several times faster than np.logaddexp on float32.
    loss = np.log(1 + np.exp(-np.abs(margin))) + np.maximum(-margin, 0)
    counts = points.counts[..., None]
    mean = (loss * filled).sum(-1, dtype=np.float64) / counts
    return mean.swapaxes(1, 2), ((margin > 0).sum(-1) / counts).swapaxes(1, 2)
