"""Presets: settings that tell a story, with the signs of transfer that the story claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mtlviz.errors import unknown_choice
from mtlviz.toy.fields import TaskScene, ToyConfig
from mtlviz.toy.regression import RegressionConfig

Sign = Literal["helps", "hurts", "undecided"]


@dataclass(frozen=True)
class Claim:
    """What a preset promises: training in `arm` helps `task`, hurts it, or cannot be told.

    Attributes:
        arm: Tasks trained together, counted from 0.
        task: The task whose held-out accuracy is compared with training it alone.
        sign: The promised verdict.
    """

    arm: tuple[int, ...]
    task: int
    sign: Sign


@dataclass(frozen=True)
class Preset:
    """A scene with a story: what to look at and what to predict."""

    title: str
    story: str
    config: ToyConfig
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class RegressionPreset:
    """The story of the regression in many dimensions, which has no scene on the plane."""

    title: str
    story: str
    config: RegressionConfig


# Task 1 has noisy labels and a cloud along its boundary, so alone it learns the direction slowly.
_TARGET = TaskScene(points=100, noise=0.2, spread=0.8, elongation=3, rotation=170)
_FRIEND = TaskScene(points=100, angle=10, spread=1.4, elongation=2, rotation=60)
# Long and thin, nearly along the boundary: the first gradients point along the cloud, not across.
_FOE = TaskScene(points=100, angle=10, spread=1.0, elongation=10, rotation=168)
_FAR_FOE = TaskScene(points=100, angle=10, x=-3, y=0.8, spread=0.8, elongation=6, rotation=168)


def _claims(task: int, *signs: tuple[tuple[int, ...], Sign]) -> tuple[Claim, ...]:
    return tuple(Claim(arm, task, sign) for arm, sign in signs)


def _plain(**changes: float) -> TaskScene:
    return TaskScene(**{"points": 100, "noise": 0.05, **changes})


PRESETS: Mapping[str, Preset] = {
    "friendly": Preset(
        "Figure 3: same model, friendly data",
        "Tasks 2 and 3 have one and the same true boundary, close to that of task 1, and equally "
        "many points; only their clouds differ. Task 2's points lie across the boundary and show "
        "its direction. Which of the two would you train task 1 with?",
        ToyConfig(tasks=(_TARGET, _FRIEND, _FOE), learning_rate=0.1, steps=150),
        _claims(0, ((0, 1), "helps"), ((0, 2), "hurts")),
    ),
    "hostile": Preset(
        "Figure 3: same model, hostile data",
        "No boundary has changed: only the cloud of task 3 was moved, far to the left. Its points "
        "still obey the same rule as those of task 2. Watch the shared direction turn along the "
        "cloud in the first steps, and what that costs task 1.",
        ToyConfig(tasks=(_TARGET, _FRIEND, _FAR_FOE), learning_rate=0.1, steps=150),
        _claims(0, ((0, 1), "helps"), ((0, 2), "hurts")),
    ),
    "capacity": Preset(
        "Capacity ≥ tasks: no transfer",
        "The same clouds with three shared directions for three tasks, trained until nothing "
        "moves. Now each task can keep its own direction inside the shared module, so it learns "
        "what it learns alone: no help, no harm. Lower the capacity to 1 and transfer comes back.",
        ToyConfig(
            tasks=tuple(
                scene.model_copy(update={"noise": 0.2}) for scene in (_TARGET, _FRIEND, _FOE)
            ),
            capacity=3, learning_rate=1.0, steps=600,
        ),
        _claims(0, ((0, 1), "undecided"), ((0, 2), "undecided"), ((0, 1, 2), "undecided")),
    ),
    "too_small": Preset(
        "Too small to share",
        "Three tasks whose boundaries point in very different directions, and one shared direction "
        "for all. Each pair must compromise, and all three together do worst. How much capacity "
        "would make them good neighbours again?",
        ToyConfig(
            tasks=(_plain(), _plain(angle=60), _plain(angle=120)), learning_rate=0.1, steps=200
        ),
        _claims(0, ((0, 1), "hurts"), ((0, 2), "hurts"), ((0, 1, 2), "hurts")),
    ),
    "noisy_neighbour": Preset(
        "A noisy neighbour",
        "All three tasks have the same boundary. Half of task 3's labels are flipped, so it has "
        "nothing to teach, yet its wide cloud gives it a loud gradient. Compare task 2, whose "
        "cloud is as wide and whose labels are clean.",
        ToyConfig(
            tasks=(
                TaskScene(points=30, noise=0.05, spread=0.5),
                TaskScene(points=30, spread=2),
                TaskScene(points=30, spread=2, noise=0.5),
            ),
            learning_rate=0.1, steps=100, seeds=24,
        ),
        _claims(0, ((0, 1), "helps"), ((0, 2), "hurts"), ((0, 1, 2), "helps")),
    ),
    "opposite": Preset(
        "Opposite boundaries",
        "Task 2 calls class 0 what task 3 calls class 1: its boundary is the same line seen from "
        "the other side. Predict whether it hurts task 1. The shared direction serves both, since "
        "each task's own head can take it with a minus sign.",
        ToyConfig(
            tasks=(
                TaskScene(points=20, noise=0.2, elongation=2),
                TaskScene(points=20, angle=180, spread=1.5),
                TaskScene(points=20, spread=1.5),
            ),
            learning_rate=0.1, steps=300, seeds=32,
        ),
        _claims(0, ((0, 1), "helps"), ((0, 2), "helps")),
    ),
}  # fmt: skip

REGRESSION = RegressionPreset(
    "Many dimensions (regression)",
    "A target with 5 noisy examples in 50 dimensions borrows from a source task with nearly the "
    "same model. With the target's covariance the source helps at any size. With other covariances "
    "it first hurts, and helps only once it has enough examples to pin down its whole model.",
    RegressionConfig(),
)


def preset(name: str) -> Preset:
    """The preset of this name.

    Raises:
        ConfigError: If there is none.
    """
    if name not in PRESETS:
        raise unknown_choice("preset", name, PRESETS)
    return PRESETS[name]
