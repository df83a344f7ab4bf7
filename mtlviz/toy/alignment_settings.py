"""The settings of two tasks on a plane, with the matrix in front of what they share."""

from typing import ClassVar

from mtlviz.settings import Settings, setting

STEPS = 100
"""Steps of Algorithm 1 that are computed."""


class AlignmentConfig(Settings):
    """Two clouds, two models, and what stands between the source and the shared module."""

    link_prefix: ClassVar[str] = "align."
    direction: float = setting(
        75.0, "Source cloud turned by (°)", "Angle between the long axes of the two tasks' clouds.",
        "Data", low=-90, high=90,
    )  # fmt: skip
    stretch: float = setting(
        4.0, "Stretch of both clouds", "How many times longer than wide each cloud is.", "Data",
        low=1, high=20,
    )  # fmt: skip
    angle: float = setting(
        30.0, "Angle of the models (°)",
        "Angle between the directions that the two tasks' labels follow; at 0 both tasks ask the "
        "same.", "Data", low=0, high=90,
    )  # fmt: skip
    target_examples: int = setting(
        8, "Target examples", "Training examples of task 1.", "Data", low=4, high=200
    )
    source_examples: int = setting(
        100, "Source examples", "Training examples of task 2.", "Data", low=4, high=500
    )
    noise: float = setting(
        0.7, "Label noise",
        "Standard deviation of the noise on training labels, in those of the labels without noise.",
        "Data", low=0, high=3,
    )  # fmt: skip
    capacity: int = setting(
        1, "Capacity r",
        "Width of the shared module. At 2, the number of tasks, nothing transfers (Proposition 1).",
        "Capacity", low=1, high=2,
    )  # fmt: skip
    turn: float = setting(
        0.0, "Turn of task 2's cloud (°)",
        "R₂ turns task 2's points before they enter the shared module; their labels stay.",
        "Optimisation", low=-90, high=90,
    )  # fmt: skip
    along: float = setting(
        1.0, "Its stretch along x",
        "R₂ stretches the turned points along x before they enter the shared module.",
        "Optimisation", low=0.2, high=5,
    )  # fmt: skip
    across: float = setting(
        1.0, "Its stretch along y",
        "R₂ stretches the turned points along y before they enter the shared module.",
        "Optimisation", low=0.2, high=5,
    )  # fmt: skip
    steps: int = setting(
        0, "Steps of learned alignment",
        "Algorithm 1: gradient steps on both R and both heads, while the shared module stays.",
        "Optimisation", low=0, high=STEPS,
    )  # fmt: skip
    seeds: int = setting(100, "Repetitions", "Paired repetitions.", low=10, high=300)
    seed: int = setting(0, "Seed", "Decides every random draw.", low=0, high=9999)
