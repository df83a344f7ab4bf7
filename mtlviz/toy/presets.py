"""Presets: settings that tell a story, with the sign of transfer that the story claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mtlviz.errors import unknown_choice
from mtlviz.toy.fields import TaskScene, ToyConfig

Sign = Literal["helps", "hurts", "undecided"]


@dataclass(frozen=True)
class Claim:
    """What a preset promises: training `task` in `arm` helps it, hurts it, or cannot be told.

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


PRESETS: Mapping[str, Preset] = {
    "friendly": Preset("Figure 3", "", ToyConfig(tasks=(TaskScene(), TaskScene(), TaskScene())), ()),
}


def preset(name: str) -> Preset:
    """The preset of this name.

    Raises:
        ConfigError: If there is none.
    """
    if name not in PRESETS:
        raise unknown_choice("preset", name, PRESETS)
    return PRESETS[name]
