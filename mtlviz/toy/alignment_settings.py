"""The settings of two tasks on a plane, with the matrix in front of what they share."""

from pydantic import BaseModel, ConfigDict, Field

STEPS = 100
"""Steps of Algorithm 1 that are computed."""


class AlignmentConfig(BaseModel):
    """Two clouds, two models, and what stands between the source and the shared module."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    direction: float = Field(
        75.0, ge=-90, le=90, title="Source cloud turned by (°)",
        description="Angle between the long axes of the two tasks' clouds.",
    )  # fmt: skip
    stretch: float = Field(
        4.0, ge=1, le=20, title="Stretch of both clouds",
        description="How many times longer than wide each cloud is.",
    )  # fmt: skip
    angle: float = Field(
        30.0, ge=0, le=90, title="Angle of the models (°)",
        description="Angle between the directions that the two tasks' labels follow; at 0 both "
        "tasks ask the same.",
    )  # fmt: skip
    target_examples: int = Field(
        8, ge=4, le=200, title="Target examples", description="Training examples of task 1."
    )
    source_examples: int = Field(
        100, ge=4, le=500, title="Source examples", description="Training examples of task 2."
    )
    noise: float = Field(
        0.7, ge=0, le=3, title="Label noise",
        description="Standard deviation of the noise on training labels, in those of the labels "
        "without noise.",
    )  # fmt: skip
    capacity: int = Field(
        1, ge=1, le=2, title="Capacity r",
        description="Width of the shared module. At 2, the number of tasks, nothing transfers "
        "(Proposition 1).",
    )  # fmt: skip
    turn: float = Field(
        0.0, ge=-90, le=90, title="Turn by R₂ (°)",
        description="Turns the source's points before they enter the shared module; their labels "
        "stay.",
    )  # fmt: skip
    along: float = Field(
        1.0, ge=0.2, le=5, title="Stretch along x by R₂",
        description="Stretches the turned points along x before they enter the shared module.",
    )  # fmt: skip
    across: float = Field(
        1.0, ge=0.2, le=5, title="Stretch along y by R₂",
        description="Stretches the turned points along y before they enter the shared module.",
    )  # fmt: skip
    steps: int = Field(
        0, ge=0, le=STEPS, title="Steps of Algorithm 1",
        description="Gradient steps on both R and both heads, while the shared module stays.",
    )  # fmt: skip
    seeds: int = Field(100, ge=10, le=300, title="Repetitions", description="Paired repetitions.")
    seed: int = Field(0, ge=0, le=9999, title="Seed", description="Decides every random draw.")
