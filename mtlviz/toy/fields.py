"""Fields of the toy lab's settings, in the three groups of controls, and what fits together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.errors import ConfigError
from mtlviz.methods import Registry
from mtlviz.settings import Settings, Text, setting

MAX_TASKS = 5
MAX_OWN_POINTS = 5000
EXTENT = 5.0
"""Half the width of the square that the pictures show."""
METHODS: Mapping[str, Registry] = {"scheduler": SCHEDULERS, "combiner": COMBINERS}

OwnPoint = tuple[int, float, float, int]
"""One own point: task (counted from 0), x, y, label 0 or 1."""


def _write_points(points: tuple[OwnPoint, ...]) -> str:
    return "_".join(f"{task + 1}:{label}:{x:.2f}:{y:.2f}" for task, x, y, label in points)


def _read_points(text: str) -> tuple[OwnPoint, ...]:
    rows = (part.split(":") for part in text.split("_"))
    return tuple((int(task) - 1, float(x), float(y), int(label)) for task, label, x, y in rows)


def _method(default: str, title: str, help: str) -> Any:
    """A method of a registry, with what it does below it."""
    registry = METHODS[title.lower()]
    return setting(
        default, title, help, "Optimisation",
        choices=lambda: {name: spec.title for name, spec in registry.items()},
        about=lambda name: registry[name].help if name in registry else "",
    )  # fmt: skip


class TaskScene(Settings):
    """One task on the plane: its boundary, and the cloud that its points come from."""

    points: int = setting(
        200, "Points", "Training points of this task.", "Data", low=10, high=1000, step=10,
        unit="points",
    )  # fmt: skip
    angle: float = setting(
        0.0, "Boundary angle",
        "Direction of the true boundary. At 0 it is horizontal and the upper side is class 1.",
        "Data", low=-180, high=180, step=1, unit="°",
    )  # fmt: skip
    offset: float = setting(
        0.0, "Boundary offset", "Distance of the true boundary from the origin.",
        "Data", low=-4, high=4, step=0.1,
    )  # fmt: skip
    x: float = setting(
        0.0, "Cloud x", "Horizontal place of the cloud.", "Data", low=-4, high=4, step=0.1
    )
    y: float = setting(
        0.0, "Cloud y", "Vertical place of the cloud.", "Data", low=-4, high=4, step=0.1
    )
    spread: float = setting(
        1.0, "Spread", "Size of the cloud: the geometric mean of its two standard deviations.",
        "Data", low=0.1, high=2, step=0.05,
    )  # fmt: skip
    elongation: float = setting(
        1.0, "Elongation", "How many times longer than wide the cloud is.", "Data",
        low=1, high=20, step=0.5, unit="×",
    )  # fmt: skip
    rotation: float = setting(
        0.0, "Rotation", "Direction of the cloud's long side.", "Data",
        low=-180, high=180, step=1, unit="°",
    )  # fmt: skip
    noise: float = setting(
        0.0, "Label noise",
        "Share of training labels that are flipped. Held-out labels stay clean.",
        "Data", low=0, high=0.5, step=0.01,
    )  # fmt: skip


def _three_scenes() -> tuple[TaskScene, ...]:
    return (TaskScene(), TaskScene(angle=15.0), TaskScene(angle=15.0, x=2.0, y=1.0))


class ToyFields(Settings):
    """Everything that decides what the toy lab shows."""

    tasks: tuple[TaskScene, ...] = setting(
        title="Tasks", help="How many tasks there are.", group="Data",
        default_factory=_three_scenes, min_length=2, max_length=MAX_TASKS,
    )  # fmt: skip
    source: Literal["clouds", "table"] = setting(
        "clouds", "Points from",
        "Clouds drawn anew for every repetition, or the rows of an own table.", "Data",
    )  # fmt: skip
    own_points: tuple[OwnPoint, ...] = setting(
        (), "Own points", "Painted points, added to the clouds, or the rows of an own table.",
        max_length=MAX_OWN_POINTS, parameter="own",
        text=Text(_write_points, _read_points, "must be task:label:x:y parts joined by _"),
    )  # fmt: skip
    capacity: int = setting(
        1, "Capacity r",
        "Output width of the shared module. One direction must serve every task when it is 1; "
        "with as many directions as tasks nobody needs to share.",
        "Capacity", low=1, high=16,
    )  # fmt: skip
    activation: Literal["linear", "relu"] = setting(
        "linear", "Activation",
        "Linear: the shared module is a matrix. ReLU: negative outputs become zero.", "Capacity",
    )  # fmt: skip
    scheduler: str = _method("joint", "Scheduler", "Which tasks are due at an update.")
    scheduler_options: dict[str, Any] = Field(default_factory=dict)
    combiner: str = _method("sum", "Combiner", "How the due tasks' gradients become one update.")
    combiner_options: dict[str, Any] = Field(default_factory=dict)
    learning_rate: float = setting(
        0.3, "Learning rate", "Step size of gradient descent.", "Optimisation",
        low=0.001, high=10, step=0.01,
    )  # fmt: skip
    steps: int = setting(
        200, "Steps", "Training steps: each sees every point of every task once, on average.",
        "Optimisation", low=1, high=2000, step=10, unit="steps",
    )  # fmt: skip
    seeds: int = setting(
        16, "Repetitions",
        "Paired repetitions: fresh points and a fresh start each, the same for every arm.",
        "Optimisation", low=2, high=64, unit="seeds",
    )  # fmt: skip
    seed: int = setting(
        0, "Seed", "Decides every random draw. Change it for new points and a new start.",
        "Optimisation", low=0, high=9999, step=1,
    )  # fmt: skip

    @model_validator(mode="after")
    def _methods_fit(self) -> Self:
        """Try both methods once, so that a wrong name or option is told before anything trains."""
        try:
            make_combiner(self.combiner, **self.combiner_options)
            SCHEDULERS.checked(self.scheduler, self.scheduler_options)
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return self

    @model_validator(mode="after")
    def _own_points_fit(self) -> Self:
        for task, x, y, label in self.own_points:
            if not 0 <= task < len(self.tasks):
                raise ValueError(
                    f"an own point belongs to task {task + 1} of {len(self.tasks)} tasks"
                )
            if label not in (0, 1):
                raise ValueError(f"an own point's label must be 0 or 1, got {label}")
            if max(abs(x), abs(y)) > 2 * EXTENT:
                raise ValueError(f"own points must lie within ±{2 * EXTENT:g}, got ({x:g}, {y:g})")
        if self.source == "table":
            self._table_serves_every_task()
        return self

    def _table_serves_every_task(self) -> None:
        counts: dict[tuple[int, int], int] = {}
        for task, _, _, label in self.own_points:
            counts[task, label] = counts.get((task, label), 0) + 1
        for task in range(len(self.tasks)):
            for label in (0, 1):
                if counts.get((task, label), 0) < 2:
                    raise ValueError(
                        f"task {task + 1} needs at least 2 own points of class {label}, "
                        f"and has {counts.get((task, label), 0)}"
                    )
