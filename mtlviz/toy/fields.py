"""The toy lab's settings: one frozen, self-checking object in the three groups of controls.

Titles and descriptions are the labels and the help of the app.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.errors import ConfigError

MAX_TASKS = 5
MAX_OWN_POINTS = 5000
EXTENT = 5.0
"""Half the width of the square that the pictures show."""

OwnPoint = tuple[int, float, float, int]
"""One own point: task (counted from 0), x, y, label 0 or 1."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _number(
    default: float, title: str, help: str, group: str, low: float, high: float, step: float,
    unit: str = "",
) -> Any:  # fmt: skip
    """A numeric field with its range, and with what its control needs to know."""
    extra: dict[str, Any] = {"group": group, "step": step, "unit": unit}
    return Field(default, title=title, description=help, ge=low, le=high, json_schema_extra=extra)


def _choice(default: str, title: str, help: str, group: str) -> Any:
    """A field whose value is one name out of a list."""
    return Field(default, title=title, description=help, json_schema_extra={"group": group})


class TaskScene(_Frozen):
    """One task on the plane: its boundary, and the cloud that its points come from."""

    points: int = _number(
        200, "Points", "Training points of this task.", "Data", 10, 1000, 10, "points"
    )
    angle: float = _number(
        0.0, "Boundary angle",
        "Direction of the true boundary. At 0 it is horizontal and the upper side is class 1.",
        "Data", -180, 180, 1, "°",
    )  # fmt: skip
    offset: float = _number(
        0.0, "Boundary offset", "Distance of the true boundary from the origin.",
        "Data", -4, 4, 0.1,
    )  # fmt: skip
    x: float = _number(0.0, "Cloud x", "Horizontal place of the cloud.", "Data", -4, 4, 0.1)
    y: float = _number(0.0, "Cloud y", "Vertical place of the cloud.", "Data", -4, 4, 0.1)
    spread: float = _number(
        1.0, "Spread", "Size of the cloud: the geometric mean of its two standard deviations.",
        "Data", 0.1, 2, 0.05,
    )  # fmt: skip
    elongation: float = _number(
        1.0, "Elongation", "How many times longer than wide the cloud is.", "Data", 1, 20, 0.5, "×"
    )
    rotation: float = _number(
        0.0, "Rotation", "Direction of the cloud's long side.", "Data", -180, 180, 1, "°"
    )
    noise: float = _number(
        0.0, "Label noise",
        "Share of training labels that are flipped. Held-out labels stay clean.",
        "Data", 0, 0.5, 0.01,
    )  # fmt: skip


def _three_scenes() -> tuple[TaskScene, ...]:
    return (TaskScene(), TaskScene(angle=15.0), TaskScene(angle=15.0, x=2.0, y=1.0))


class ToyConfig(_Frozen):
    """Everything that decides what the toy lab shows."""

    tasks: tuple[TaskScene, ...] = Field(
        default_factory=_three_scenes, min_length=2, max_length=MAX_TASKS, title="Tasks",
        description="How many tasks there are.",
        json_schema_extra={"group": "Data", "step": 1, "unit": ""},
    )  # fmt: skip
    source: Literal["clouds", "table"] = _choice(
        "clouds", "Points from",
        "Clouds drawn anew for every repetition, or the rows of an own table.", "Data",
    )  # fmt: skip
    own_points: tuple[OwnPoint, ...] = Field(
        (), max_length=MAX_OWN_POINTS, title="Own points",
        description="Painted points, added to the clouds, or the rows of an own table.",
        json_schema_extra={"group": "Data"},
    )  # fmt: skip
    capacity: int = _number(
        1, "Capacity r",
        "Output width of the shared module. One direction must serve every task when it is 1; "
        "with as many directions as tasks nobody needs to share.",
        "Capacity", 1, 16, 1,
    )  # fmt: skip
    activation: Literal["linear", "relu"] = _choice(
        "linear", "Activation",
        "Linear: the shared module is a matrix. ReLU: negative outputs become zero.", "Capacity",
    )  # fmt: skip
    scheduler: str = _choice(
        "joint", "Scheduler", "Which tasks are due at an update.", "Optimisation"
    )
    scheduler_options: dict[str, Any] = Field(default_factory=dict)
    combiner: str = _choice(
        "sum", "Combiner", "How the due tasks' gradients become one update.", "Optimisation"
    )
    combiner_options: dict[str, Any] = Field(default_factory=dict)
    learning_rate: float = _number(
        0.3, "Learning rate", "Step size of gradient descent.", "Optimisation", 0.001, 10, 0.01
    )
    steps: int = _number(
        200, "Steps", "Training steps: each sees every point of every task once, on average.",
        "Optimisation", 1, 2000, 10, "steps",
    )  # fmt: skip
    seeds: int = _number(
        16, "Repetitions",
        "Paired repetitions: fresh points and a fresh start each, the same for every arm.",
        "Optimisation", 2, 64, 1, "seeds",
    )  # fmt: skip
    seed: int = _number(
        0, "Seed", "Decides every random draw. Change it for new points and a new start.",
        "Optimisation", 0, 9999, 1,
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
                        f"got {counts.get((task, label), 0)}"
                    )
