"""Train every method on the same tasks, step after step, as one batched program."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.continual import Recipe
from mtlviz.toy.continual.learner import Learner
from mtlviz.toy.continual.settings import METHODS, ContinualToyConfig
from mtlviz.toy.continual.world import make_world
from mtlviz.toy.kernels import Points, losses_and_accuracy, make_points, margins
from mtlviz.toy.layout import Layout
from mtlviz.toy.program import initial_state
from mtlviz.toy.scene import Scene

Array = NDArray[np.float64]
_FRAMES = 11
"""Frames kept of each step."""


@dataclass(frozen=True)
class ContinualResult:
    """All methods, trained. F frames, A methods, S repetitions, T tasks, r units.

    Attributes:
        config: What was trained.
        scene: The points.
        methods: The methods, in the order of the arrays.
        steps: Updates done before each frame, shape (F,).
        ends: The frame at the end of each step, shape (steps,).
        shared: The shared layer, shape (F, A, S, 3, r).
        head: The heads, shape (F, T, A, S, r).
        bias: Their biases, shape (F, T, A, S).
        loss: Training loss, shape (F, T, A, S).
        accuracy: Held-out accuracy, shape (F, T, A, S).
        finite: Whether every parameter of a method stayed a finite number, shape (A,).
    """

    config: ContinualToyConfig
    scene: Scene
    methods: tuple[str, ...]
    steps: NDArray[np.int64]
    ends: NDArray[np.int64]
    shared: Array
    head: Array
    bias: Array
    loss: Array
    accuracy: Array
    finite: NDArray[np.bool_]

    @property
    def matrices(self) -> Array:
        """R of every method and repetition, shape (A, S, steps, T); NaN where training diverged."""
        found = self.accuracy[self.ends].transpose(2, 3, 0, 1)
        return np.where(self.finite[:, None, None, None], found, np.nan)

    @property
    def untrained(self) -> Array:
        """Scores before any training, the same for all methods, shape (S, T)."""
        return self.accuracy[0, :, 0].T


def train(config: ContinualToyConfig, methods: Sequence[str] = METHODS) -> ContinualResult:
    """Train the methods on the same points from the same start."""
    scene = make_world(config)
    layout = _layout(config.tasks, len(methods))
    seeds = [(config.seed, repetition) for repetition in range(config.seeds)]
    state = initial_state(layout, seeds, config.capacity, relu=True)
    recipes: list[Recipe] = [config.recipe(name) for name in methods]
    learner = Learner(config, scene, recipes, state)
    held_out = make_points(scene.held_out, scene.held_out_signs)
    frames, steps, ends = [], [], []
    with np.errstate(over="ignore", invalid="ignore"):
        for phase in range(len(config.phases)):
            kept = set(np.linspace(0, config.steps, _FRAMES).astype(int).tolist())
            learner.begin(phase)
            for step in range(config.steps + 1):
                if step in kept and (step > 0 or phase == 0):
                    frames.append(_frame(learner, held_out, layout))
                    steps.append(phase * config.steps + step)
                if step < config.steps:
                    learner.update()
            learner.finish()
            ends.append(len(frames) - 1)
    return ContinualResult(
        config, scene, tuple(methods), np.array(steps), np.array(ends),
        **{name: np.stack([frame[name] for frame in frames]) for name in frames[0]},
        finite=np.isfinite(state.shared).all(axis=(1, 2, 3)),
    )  # fmt: skip


def _layout(tasks: int, methods: int) -> Layout:
    """Every method has a slot of every task."""
    arm = np.tile(np.arange(methods), (tasks, 1))
    whole = tuple(range(tasks))
    return Layout((whole,) * methods, tasks, methods, arm, np.ones(arm.shape, bool), ())


def _frame(learner: Learner, held_out: Points, layout: Layout) -> dict[str, Array]:
    now = learner.state.copy()
    loss, _ = losses_and_accuracy(learner.points, margins(learner.points, now, layout, True))
    right = (margins(held_out, now, layout, True) > 0).mean(axis=-1).swapaxes(1, 2)
    return {
        "shared": now.shared, "head": now.head, "bias": now.bias, "loss": loss, "accuracy": right,
    }  # fmt: skip
