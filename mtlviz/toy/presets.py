"""Presets: settings that tell a story, with the signs of transfer that the story claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mtlviz.errors import unknown_choice
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.fields import TaskScene
from mtlviz.toy.layout import Arm
from mtlviz.toy.regression import RegressionConfig

Sign = Literal["helps", "hurts", "undecided", "equivalent"]


@dataclass(frozen=True)
class ArmSign:
    """What a preset promises: training in `arm` helps `task`, hurts it, or cannot be told.

    Attributes:
        arm: Tasks trained together, counted from 0.
        task: The task whose held-out accuracy is compared with training it alone.
        sign: The promised verdict; `equivalent` if the interval lies within ±1.5 points.
    """

    arm: Arm
    task: int
    sign: Sign


@dataclass(frozen=True)
class Variation:
    """What a story says about other settings of its scene, such as longer training.

    Attributes:
        changes: The controls that differ, with their values.
        signs: What the story promises there.
    """

    changes: Mapping[str, int]
    signs: tuple[ArmSign, ...]


@dataclass(frozen=True)
class Preset:
    """A scene with a story: what to look at and what to predict.

    Attributes:
        title: Name in the list of stories.
        story: What the page says above the film.
        config: The scene and how it is trained.
        signs: What the story promises.
        variations: What it promises when the settings it names are changed.
        map: Controls up and across and the arm that the transfer map starts with; None leaves the
            choice to the page.
        moves: The two or three controls that the story is about.
    """

    title: str
    story: str
    config: ToyConfig
    signs: tuple[ArmSign, ...]
    variations: tuple[Variation, ...] = ()
    map: tuple[str, str, Arm] | None = None
    moves: tuple[str, ...] = ("capacity", "steps")


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


def _signs(task: int, *signs: tuple[tuple[int, ...], Sign]) -> tuple[ArmSign, ...]:
    return tuple(ArmSign(arm, task, sign) for arm, sign in signs)


def _each_way(sign: Sign) -> tuple[ArmSign, ...]:
    return _signs(0, ((0, 1), sign), ((0, 2), sign), ((0, 1, 2), sign))


def _apart(noise: float) -> tuple[TaskScene, ...]:
    """Boundaries at 0, 60 and 120 degrees: no one direction serves two of them."""
    return tuple(TaskScene(points=100, noise=noise, angle=angle) for angle in (0, 60, 120))


PRESETS: Mapping[str, Preset] = {
    "clouds": Preset(
        "Figure 3: only clouds differ",
        "Tasks 2 and 3 ask the same question, close to that of task 1; only their clouds differ. "
        "Which would you train task 1 with? These are the first 150 steps, before task 1 alone has "
        "finished learning: task 2 shows it the direction early (+5 points), task 3 misleads it "
        "(−10). With four times the steps the help is gone, and about half the harm stays (−5).",
        ToyConfig(tasks=(_TARGET, _FRIEND, _FOE), learning_rate=0.1, steps=150),
        _signs(0, ((0, 1), "helps"), ((0, 2), "hurts")),
        (Variation({"steps": 600}, _signs(0, ((0, 1), "undecided"), ((0, 2), "hurts"))),),
        ("t2.elongation", "t2.rotation", (0, 1)),
        ("t2.rotation", "t3.rotation", "steps"),
    ),
    "moved_cloud": Preset(
        "Figure 3: one cloud moved",
        "No boundary has changed: only the cloud of task 3 was moved, far to the left. Watch the "
        "shared direction turn along that cloud in the first 150 steps, before task 1 alone has "
        "finished learning: it costs task 1 about 10 points. With four times the steps the shared "
        "direction has turned back, and neither help nor harm can be told apart from zero.",
        ToyConfig(tasks=(_TARGET, _FRIEND, _FAR_FOE), learning_rate=0.1, steps=150),
        _signs(0, ((0, 1), "helps"), ((0, 2), "hurts")),
        (Variation({"steps": 600}, _signs(0, ((0, 1), "undecided"), ((0, 2), "undecided"))),),
        ("t3.y", "t3.x", (0, 2)),
        ("t3.x", "t3.y", "steps"),
    ),
    "capacity": Preset(
        "As many directions as tasks",
        "Three very different boundaries, three shared directions, and training until nothing "
        "moves. Each task can keep its own direction inside the shared module, so it ends with "
        "what it learns alone, to within 1.5 points: no help, no harm. Lower the capacity to 1 and "
        "every partner hurts.",
        ToyConfig(tasks=_apart(noise=0.2), capacity=3, learning_rate=1.0, steps=600),
        _each_way("equivalent"),
        (Variation({"capacity": 1}, _each_way("hurts")),),
        moves=("capacity", "t2.angle", "steps"),
    ),
    "one_direction": Preset(
        "One direction for three tasks",
        "Three tasks whose boundaries point in very different directions, and one shared direction "
        "for all. Each pair must compromise, and for task 1 all three together do worst. How much "
        "capacity would make them good neighbours again?",
        ToyConfig(tasks=_apart(noise=0.05), learning_rate=0.1, steps=200),
        _each_way("hurts"),
        map=("capacity", "t2.angle", (0, 1)),
        moves=("capacity", "t2.angle", "t3.angle"),
    ),
    "random_labels": Preset(
        "A neighbour's random labels",
        "All three tasks have the same boundary. Half of task 3's labels are flipped, so it has "
        "nothing to teach, yet its wide cloud gives it a loud gradient; task 2's is as wide, with "
        "clean labels. These are the first 100 steps, before task 1 alone has finished learning. "
        "With four times the steps the help of task 2 shrinks from 8 points to 1, and the harm of "
        "task 3 from 15 to 8.",
        ToyConfig(
            tasks=(
                TaskScene(points=30, noise=0.05, spread=0.5),
                TaskScene(points=30, spread=2),
                TaskScene(points=30, spread=2, noise=0.5),
            ),
            learning_rate=0.1, steps=100, seeds=24,
        ),
        _signs(0, ((0, 1), "helps"), ((0, 2), "hurts"), ((0, 1, 2), "helps")),
        (Variation({"steps": 400}, _signs(0, ((0, 1), "helps"), ((0, 2), "hurts"))),),
        ("t3.noise", "t3.spread", (0, 2)),
        ("t3.noise", "t3.spread", "steps"),
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
        _signs(0, ((0, 1), "helps"), ((0, 2), "helps")),
        map=("t2.angle", "t2.spread", (0, 1)),
        moves=("t2.angle", "t2.spread", "steps"),
    ),
}  # fmt: skip

RENAMED: Mapping[str, str] = {
    "friendly": "clouds", "hostile": "moved_cloud", "too_small": "one_direction",
    "noisy_neighbour": "random_labels",
}  # fmt: skip
"""Presets by the names that older links have, which told what would happen."""

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
    name = RENAMED.get(name, name)
    if name not in PRESETS:
        raise unknown_choice("preset", name, PRESETS)
    return PRESETS[name]
