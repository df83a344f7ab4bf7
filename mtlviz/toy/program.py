"""Train all arms and repetitions of the toy as one batched program; and how long that takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import ConfigError
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.kernels import Array, State, make_points
from mtlviz.toy.layout import Arm, Layout, all_arms, arm_name, make_layout, make_plan
from mtlviz.toy.loop import Recording, train_models
from mtlviz.toy.scene import Scene, make_scene
from mtlviz.toy.weigh import Method

LONGEST = 10.0
"""Seconds a page may train; more belongs into smaller settings."""

# Nanoseconds for one task's point in one update, measured on one core: with one linear output, and
# for each output of a ReLU layer. A combiner and the bookkeeping of a step come on top.
_LINEAR, _RELU = 26.0, 20.0
_STEP = 0.4e6
MAX_FRAMES = 90


@dataclass(frozen=True)
class ToyResult:
    """All arms of one configuration, trained. Not measured is NaN: a task outside the arm.

    T frames, S repetitions, K tasks.

    Attributes:
        config: What was trained.
        scene: The points.
        layout: Where each arm's numbers lie.
        steps: Step of each frame, shape (T,).
        frames: Parameters, gradients, Gram matrices, weights and updates at the frames.
        loss: Training loss, shape (T, arms, K, S).
        train_accuracy: Share of training labels met, shape (T, arms, K, S).
        accuracy: Held-out accuracy, shape (T, arms, K, S).
        diverged: One sentence when training left the finite numbers, else None.
    """

    config: ToyConfig
    scene: Scene
    layout: Layout
    steps: NDArray[np.int64]
    frames: Recording
    loss: Array
    train_accuracy: Array
    accuracy: Array
    diverged: str | None

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms, in the order of the arrays."""
        return self.layout.arms

    def arm(self, arm: Sequence[int]) -> int:
        """Place of an arm.

        Raises:
            ConfigError: If it was not trained.
        """
        wanted = tuple(sorted(arm))
        if wanted not in self.arms:
            known = ", ".join(arm_name(arm) for arm in self.arms)
            raise ConfigError(f"The arm {arm_name(wanted)} was not trained. Trained: {known}.")
        return self.arms.index(wanted)

    def gains(self, arm: Sequence[int], task: int) -> Array:
        """Held-out accuracy of the arm minus that of the task alone, in points, shape (T, S)."""
        together = self.accuracy[:, self.arm(arm), task]
        return 100 * (together - self.accuracy[:, self.arm((task,)), task])


def kept_steps(steps: int, frames: int = MAX_FRAMES) -> NDArray[np.int64]:
    """The steps that are kept: the first, the last, and between them more of the early ones."""
    if steps < frames:
        return np.arange(steps + 1)
    # Half of the frames evenly over the run, half by the square of time, which favours the start.
    line = np.linspace(0, 1, frames // 2)
    chosen = np.round(np.concatenate([line, line**3]) * steps)
    return np.unique(chosen.astype(np.int64))


def initial_state(
    layout: Layout, seeds: Sequence[tuple[int, int]], capacity: int, relu: bool
) -> State:
    """The start of every model: the same for all arms of a repetition.

    All tasks start with the same head: were the signs of their heads drawn apart, half of the pairs
    of like tasks would first pull the shared parameters apart. A smaller capacity starts with the
    first columns of a larger one.
    """
    rows = 3 if relu else 2
    shared = np.empty((len(seeds), rows, capacity))
    head = np.empty((len(seeds), capacity))
    for place, seed in enumerate(seeds):
        shared[place] = np.random.default_rng((*seed, 5)).standard_normal((capacity, 3)).T[:rows]
        head[place] = np.random.default_rng((*seed, 6)).choice([-1.0, 1.0], size=capacity)
    slots = (layout.tasks, layout.slots)
    return State(
        np.tile(0.3 * shared, (len(layout.arms), 1, 1, 1)),
        np.tile(capacity**-0.5 * head, (*slots, 1, 1)),
        np.zeros((*slots, len(seeds))),
    )


def train(
    config: ToyConfig, arms: Sequence[Arm] | None = None, kept: Sequence[int] | None = None
) -> ToyResult:
    """Train the arms of a configuration.

    Args:
        config: What to train.
        arms: Which tasks train together; every task alone, each pair and all tasks if None.
        kept: Steps to keep, rising; training ends with the last. Those of `kept_steps` if None,
            and only the start for `(0,)`, which trains nothing that is seen.

    Raises:
        ConfigError: If a method's name or option is not allowed.
    """
    layout = make_layout(all_arms(len(config.tasks)) if arms is None else arms, len(config.tasks))
    scene = make_scene(config)
    seeds = [(config.seed, repetition) for repetition in range(config.seeds)]
    recording = train_models(
        make_points(scene.points, scene.signs),
        make_points(scene.held_out, scene.held_out_signs),
        initial_state(layout, seeds, config.capacity, config.activation == "relu"),
        layout,
        make_plan(layout, config.scheduler, config.scheduler_options, config.steps, seeds),
        Method(config.combiner, config.combiner_options, config.activation == "relu", config.seed),
        np.full(config.seeds, config.learning_rate),
        kept_steps(config.steps) if kept is None else np.array(kept),
    )
    return ToyResult(
        config, scene, layout, recording.steps, recording,
        _by_arm(recording.loss, layout),
        _by_arm(recording.train_accuracy, layout),
        _by_arm(recording.accuracy, layout),
        _divergence(recording, layout, config),
    )  # fmt: skip


def _by_arm(values: Array, layout: Layout) -> Array:
    """Values by slot (T, K, A, S) as values by arm (T, arms, K, S)."""
    found = np.full((len(values), len(layout.arms), layout.tasks, values.shape[-1]), np.nan)
    for group in layout.groups:
        found[:, group.arms[:, None], group.tasks] = values[:, group.tasks, group.slots]
    return found


def _divergence(recording: Recording, layout: Layout, config: ToyConfig) -> str | None:
    if recording.broken is None:
        return None
    step, arm, count = recording.broken
    return (
        f"Training diverged at step {step} of {config.steps}: in the arm "
        f"{arm_name(layout.arms[arm])} the parameters of {count} of {config.seeds} repetitions are "
        f"no longer finite numbers. Try a learning rate below {config.learning_rate:g}."
    )


def estimated_seconds(config: ToyConfig) -> float:
    """Estimated seconds for training every arm and repetition.

    Counts the updates of all points; right within a factor of about two on a desk computer.
    """
    arms = all_arms(len(config.tasks))
    points = max(scene.points for scene in config.tasks) + len(config.own_points)
    shares = sum(len(arm) for arm in arms) * config.seeds * points
    each = _LINEAR if config.activation == "linear" else _LINEAR + _RELU * config.capacity
    # Where tasks take turns, a step holds as many updates as there are tasks.
    updates = 1 if config.scheduler.startswith("joint") else len(config.tasks)
    return config.steps * updates * (shares * each + _STEP) / 1e9


def check_cost(config: ToyConfig) -> None:
    """Refuse settings that would keep a page waiting.

    Raises:
        ConfigError: If the estimate is above the limit; it names what makes it shorter.
    """
    seconds = estimated_seconds(config)
    if seconds > LONGEST:
        length = f"{seconds / 60:.0f} minutes" if seconds > 90 else f"{seconds:.0f} seconds"
        raise ConfigError(
            f"These settings would train for about {length}; a page may take {LONGEST:.0f} "
            "seconds. Fewer points, repetitions, steps or tasks are faster; so is a smaller ReLU."
        )
