"""Capacity on toys: how well tasks do alone and together, over the width of what they share.

Three toys: linear regression solved exactly, where Proposition 1 holds to the last digit; linear
classification on a plane by gradient descent; and the same with ReLU outputs. In each, k tasks are
as alike as asked for, and every width is trained on the same draws with the same seeds.

Reference:
    Wu, Zhang, Ré, ICLR 2020, equation 3, Proposition 1 and Figure 6.
    https://arxiv.org/abs/2005.00944. Sizes, noise and the fan of tasks are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mtlviz.settings import Settings, setting
from mtlviz.toy.capacity_classes import class_scores, class_tasks
from mtlviz.toy.capacity_regression import DIMENSIONS, RegressionTasks, regression_scores

Array = NDArray[np.float64]
ModelKind = Literal["regression", "linear", "relu"]
KINDS: dict[ModelKind, str] = {
    "regression": "Linear regression",
    "linear": "Linear classes",
    "relu": "ReLU classes",
}
SCORES: dict[ModelKind, str] = {
    "regression": "variance explained",
    "linear": "held-out accuracy",
    "relu": "held-out accuracy",
}
_RELU_WIDTHS = (1, 2, 3, 4, 6, 8, 12)
_QUICK = 128  # Tasks times repetitions; 0.25 s on one core.
_BEYOND = 2  # Widths past the number of tasks, enough to see that nothing changes.


class CapacityToyConfig(Settings):
    """The tasks of the toy and how often they are drawn."""

    link_prefix: ClassVar[str] = "cap_toy_"
    kind: ModelKind = setting(
        "regression", "Toy",
        "Linear regression is solved exactly. The others are classes on a plane, learned by "
        "gradient descent, with a linear or a ReLU shared module.", "Capacity", choices=KINDS,
        about=lambda kind: "The width is the axis of the picture: every width is trained.",
    )  # fmt: skip
    tasks: int = setting(4, "Tasks k", "How many tasks share.", "Data", low=2, high=5)
    questions: int = setting(
        2, "Different questions",
        "The tasks fall into so many families. Between families the true models are unrelated: at "
        "right angles, or on the plane as far apart as they can be.", "Data", low=1, high=5,
    )  # fmt: skip
    alike: float = setting(
        0.95, "How alike the tasks of a family are",
        "Cosine between their true models: 1 is the same question asked again, 0 is an unrelated "
        "one. On the plane it is that of the two outermost.", "Data", low=0, high=1,
    )  # fmt: skip
    examples: int = setting(
        20, "Examples of each task",
        "Training examples. Few leave something to be learned from the other tasks.", "Data",
        low=15, high=200,
    )  # fmt: skip
    noise: float = setting(
        0.6, "Label noise",
        "In regression its standard deviation, in that of the labels without it. With classes, a "
        "quarter of it is the share of flipped training labels.", "Data", low=0, high=2,
    )  # fmt: skip
    seeds: int = setting(
        32, "Repetitions", "Paired repetitions: the same draws alone, together and at every width.",
        "Optimisation", low=8, high=64,
    )  # fmt: skip
    seed: int = setting(0, "Seed", "Decides every random draw.", "Optimisation", low=0, high=9999)

    @property
    def families(self) -> NDArray[np.int64]:
        """The family of each task, (K,): they take turns, and no family is empty."""
        return np.arange(self.tasks) % min(self.questions, self.tasks)

    @property
    def widths(self) -> tuple[int, ...]:
        """Widths that are tried; beyond the number of tasks where the module is linear."""
        return _RELU_WIDTHS if self.kind == "relu" else tuple(range(1, self.tasks + 1 + _BEYOND))

    def counts(self, width: int) -> tuple[int, int]:
        """Trained parameters of the shared module at a width, and of one task's head."""
        if self.kind == "regression":
            return DIMENSIONS * width, width
        return (3 if self.kind == "relu" else 2) * width, width + 1

    @property
    def quick(self) -> bool:
        """Whether all widths take well under half a second, so that no progress is needed."""
        return self.kind == "regression" and self.tasks * self.seeds <= _QUICK

    @property
    def independent(self) -> int | None:
        """The width from which every task can have its own solution; None where none is known.

        On a plane two directions hold all others, however many tasks there are.
        """
        if self.kind == "relu":
            return None
        return self.tasks if self.kind == "regression" else min(self.tasks, 2)


@dataclass(frozen=True, eq=False)
class CapacityCurves:
    """Scores over the width so far: W widths, S repetitions, K tasks.

    Attributes:
        config: What was trained.
        widths: The widths that are done, rising, (W,).
        together: Score of each task in the model of that width shared by all, (W, S, K).
        alone: Score of each task in a model of its own of that width, (W, S, K).
        progress: Share of the widths that are done.
    """

    config: CapacityToyConfig
    widths: NDArray[np.int64]
    together: Array
    alone: Array
    progress: float

    @property
    def stage(self) -> str:
        """What is being done."""
        widths = self.config.widths
        return f"Training widths {widths[0]} to {widths[-1]}"


def capacity_parts(config: CapacityToyConfig) -> Iterator[CapacityCurves]:
    """Train every task alone and all together, one width after the other."""
    together, alone = [], []
    for done, width in enumerate(config.widths, start=1):
        shared, own = _scores(config, width)
        together.append(shared)
        alone.append(own)
        yield CapacityCurves(
            config, np.array(config.widths[:done]), np.stack(together), np.stack(alone),
            done / len(config.widths),
        )  # fmt: skip


def capacity_curves(config: CapacityToyConfig) -> CapacityCurves:
    """The scores at every width."""
    *_, last = capacity_parts(config)
    return last


def _scores(config: CapacityToyConfig, width: int) -> tuple[Array, Array]:
    """Scores together and alone, each (S, K)."""
    if config.kind == "regression":
        tasks = RegressionTasks(_cosines(config), config.examples, config.noise)
        return regression_scores(tasks, config.seeds, config.seed, width)
    tasks = class_tasks(_angles(config), config.examples, config.noise / 4)
    return class_scores(tasks, config.seeds, config.seed, width, relu=config.kind == "relu")


def _cosines(config: CapacityToyConfig) -> Array:
    """Between the true models of every two tasks, (K, K)."""
    same = config.families[:, None] == config.families
    return np.where(np.eye(config.tasks, dtype=bool), 1.0, np.where(same, config.alike, 0.0))


def _angles(config: CapacityToyConfig) -> Array:
    """Direction of each task's boundary in degrees, (K,): a fan for each family."""
    families = config.families
    reach = float(np.degrees(np.arccos(config.alike)))
    angles = np.empty(config.tasks)
    for family in range(families.max() + 1):
        members = families == family
        place = 180.0 * family / (families.max() + 1)
        fan = np.linspace(-reach / 2, reach / 2, members.sum()) if members.sum() > 1 else 0.0
        angles[members] = place + fan
    # A boundary turned by half a circle has its classes exchanged, which a head does as well.
    return (angles + 90) % 180 - 90
