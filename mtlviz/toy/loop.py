"""The toy's training loop: gradients of all models, one update each, frames kept on the way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.toy.kernels import Array, Points, State, gradients, losses_and_accuracy, margins
from mtlviz.toy.layout import Layout, Plan
from mtlviz.toy.weigh import Method, Weigher


@dataclass(frozen=True)
class Recording:
    """What happened at the kept frames. T frames, S repetitions, K tasks, A slots.

    Attributes:
        steps: Steps done before each frame, shape (T,).
        shared: Shared parameters, shape (T, arms, S, d, r).
        head: Heads, shape (T, K, A, S, r).
        bias: Biases, shape (T, K, A, S).
        gradient: Each task's gradient on the shared parameters, shape (T, K, A, S, d, r).
        coefficients: How the step's last update modified each task's gradient, in the gradients of
            all tasks, shape (T, K, A, S, K); see `Recipe`.
        order: The tasks that each task met in it, shape (T, K, A, S, K), −1 where none.
        weights: What the step that follows gives each task, summed over its updates, (T, K, A, S).
        update: What that step takes off the shared parameters, over the learning rate,
            shape (T, arms, S, d, r).
        loss: Training loss, shape (T, K, A, S).
        train_accuracy: Share of training labels met, shape (T, K, A, S).
        accuracy: Held-out accuracy, shape (T, K, A, S).
        broken: Step, arm and number of repetitions where the numbers stopped being finite, or None.
    """

    steps: NDArray[np.int64]
    shared: Array
    head: Array
    bias: Array
    gradient: Array
    coefficients: Array
    order: NDArray[np.int64]
    weights: Array
    update: Array
    loss: Array
    train_accuracy: Array
    accuracy: Array
    broken: tuple[int, int, int] | None


def train_models(  # noqa: PLR0913 (points, start and plan, each made by a module of its own)
    train: Points, held_out: Points, state: State, layout: Layout, plan: Plan, method: Method,
    learning_rate: Array, kept: NDArray[np.int64],
) -> Recording:  # fmt: skip
    """Train all models and keep the frames asked for. The state is changed.

    The last frame shows the update that would come next.

    Args:
        train: Training points.
        held_out: Held-out points, with clean labels.
        state: The start.
        layout: The arms.
        plan: Who is due when.
        method: Combiner and activation.
        learning_rate: Step size of each repetition, shape (S,).
        kept: Steps to keep, rising, the last one being the end.
    """
    keep = set(kept.tolist())
    weigh = Weigher(layout, plan, method)
    frames: list[dict[str, Array]] = []
    broken = None
    # Numbers that run away are caught below and said in words.
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(int(kept[-1]) + 1):
            frame = _frame(train, held_out, state, layout, method.relu) if step in keep else None
            before = state.shared.copy()
            weights = _step(train, state, weigh, step, learning_rate)
            if frame is not None:
                update = (before - state.shared) / learning_rate[:, None, None]
                recipe = weigh.recipe(len(learning_rate))
                made = {"coefficients": recipe.coefficients, "order": recipe.order}
                frames.append(frame | made | {"weights": weights, "update": update})
            broken = broken or _broken(state, step + 1, int(kept[-1]))
    fields = {name: np.stack([frame[name] for frame in frames]) for name in frames[0]}
    return Recording(steps=kept, broken=broken, **fields)


def _frame(
    train: Points, held_out: Points, state: State, layout: Layout, relu: bool
) -> dict[str, Array]:
    now = state.copy()
    loss, train_accuracy = losses_and_accuracy(train, margins(train, now, layout, relu))
    right = (margins(held_out, now, layout, relu) > 0).sum(-1).swapaxes(1, 2)
    return {
        "shared": now.shared, "head": now.head, "bias": now.bias,
        "gradient": gradients(train, now, layout, relu)[0],
        "loss": loss, "train_accuracy": train_accuracy,
        "accuracy": right / held_out.counts[:, None],
    }  # fmt: skip


def _step(train: Points, state: State, weigh: Weigher, step: int, rate: Array) -> Array:
    """All updates of one step. Returns the weights summed over them, shape (K, A, S)."""
    layout, relu = weigh.layout, weigh.relu
    total = np.zeros(state.bias.shape)
    for update in range(weigh.plan.updates):
        shared, head, bias = gradients(train, state, layout, relu)
        losses = _losses(train, state, layout, relu) if weigh.uses_losses else None
        moved, weights, due = weigh(shared, step, update, losses)
        state.shared -= rate[:, None, None] * moved
        if due is None:
            state.head -= rate[:, None] * head
            state.bias -= rate * bias
        else:
            state.head -= (rate * due)[..., None] * head
            state.bias -= rate * due * bias
        total += weights
    return total


def _losses(train: Points, state: State, layout: Layout, relu: bool) -> Array:
    return losses_and_accuracy(train, margins(train, state, layout, relu))[0]


def _broken(state: State, step: int, last: int) -> tuple[int, int, int] | None:
    """Step, arm and number of repetitions whose shared parameters are not finite."""
    # The sum is finite only if all terms are, and is much the cheaper test.
    if step > last or np.isfinite(state.shared.sum()):
        return None
    lost = ~np.isfinite(state.shared).all(axis=(-2, -1))
    if not lost.any():
        return None
    arm = int(lost.any(axis=1).argmax())
    return step, arm, int(lost[arm].sum())
