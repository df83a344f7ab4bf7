"""Two classes on a plane, several tasks, one width: accuracy together and alone.

All models of a width are trained as one batch by the toy lab's own program.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.toy.config import ToyConfig
from mtlviz.toy.fields import TaskScene
from mtlviz.toy.kernels import make_points
from mtlviz.toy.layout import make_layout, make_plan
from mtlviz.toy.loop import train_models
from mtlviz.toy.program import initial_state
from mtlviz.toy.scene import make_scene
from mtlviz.toy.weigh import Method

Array = NDArray[np.float64]
STEPS = 150
LEARNING_RATE = 0.3


def class_tasks(angles: Sequence[float], examples: int, noise: float) -> tuple[TaskScene, ...]:
    """Two classes of points for each task.

    Args:
        angles: Direction of each task's true boundary, in degrees, (K,).
        examples: Training points of each task.
        noise: Share of training labels that are flipped.
    """
    return tuple(TaskScene(points=examples, angle=float(angle), noise=noise) for angle in angles)


def class_scores(
    tasks: tuple[TaskScene, ...], repetitions: int, seed: int, width: int, *, relu: bool
) -> tuple[Array, Array]:
    """Share of new points that are classified rightly, together and alone.

    Args:
        tasks: The K tasks.
        repetitions: Number of repetitions S; the same points at every width.
        seed: Decides the draws.
        width: Width r of the shared module.
        relu: Whether negative outputs of the shared module become zero.

    Returns:
        Shares, each of shape (S, K).
    """
    config = _config(tasks, repetitions, seed, width, relu)
    count = len(config.tasks)
    everything = tuple(range(count))
    layout = make_layout([*((task,) for task in everything), everything], count)
    scene = make_scene(config)
    seeds = [(seed, repetition) for repetition in range(repetitions)]
    recording = train_models(
        make_points(scene.points, scene.signs),
        make_points(scene.held_out, scene.held_out_signs),
        initial_state(layout, seeds, width, relu),
        layout,
        make_plan(layout, config.scheduler, config.scheduler_options, config.steps, seeds),
        Method(config.combiner, config.combiner_options, relu, seed),
        np.full(repetitions, config.learning_rate),
        np.array([config.steps]),
    )
    # A task's first slot is its own arm, the second the one with all: (K, 2, S).
    accuracy = recording.accuracy[-1]
    return accuracy[:, 1].T, accuracy[:, 0].T


def _config(
    tasks: tuple[TaskScene, ...], repetitions: int, seed: int, width: int, relu: bool
) -> ToyConfig:
    return ToyConfig(
        tasks=tasks, capacity=width, activation="relu" if relu else "linear",
        learning_rate=LEARNING_RATE, steps=STEPS, seeds=repetitions, seed=seed,
    )  # fmt: skip
