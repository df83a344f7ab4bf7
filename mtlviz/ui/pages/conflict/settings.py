"""What the conflict lab remembers: the arrows, the walk below them, and what is looked at."""

from typing import Literal

from mtlviz.settings import Settings, setting
from mtlviz.toy.arrow_presets import ARROW_PRESETS, RENAMED
from mtlviz.toy.arrows import ArrowsConfig
from mtlviz.toy.landscapes.settings import WalkConfig
from mtlviz.ui.core.part import Part


class Looking(Settings):
    """What is looked at: no number depends on it."""

    link_prefix = "conflict."
    measure: Literal["cosine", "magnitude", "bound", "curvature"] = setting(
        "cosine",
        "At every step",
        "Conflict, unequal lengths, curvature: PCGrad's “tragic triad”, and what its Theorem 2 "
        "asks about.",
        choices={
            "cosine": "cosine",
            "magnitude": "lengths alike Φ",
            "bound": "curvature bound ξ",
            "curvature": "curvature ℓ ÷ L",
        },
    )
    eta: float | None = setting(
        None,
        "Step size η",
        "The theorem compares one plain gradient step with one PCGrad step of this size, from "
        "every place the runs came by. It knows no Adam. Empty: the walk's learning rate.",
        low=1e-6,
        high=100,
        step=1e-3,
    )
    scales: int = setting(
        2,
        "Tasks",
        "Two with scales 1 and 100, or ten with random scales.",
        choices={2: "2", 10: "10"},
        low=2,
        high=10,
    )


ARROWS = Part(
    "conflict",
    ArrowsConfig,
    {name: preset.config for name, preset in ARROW_PRESETS.items()},
    preset_parameter="conflict",
    renamed=RENAMED,
)
WALK = Part("conflict.walk", WalkConfig)
LOOKING = Part("conflict.looking", Looking)
PARTS = (ARROWS, WALK, LOOKING)
