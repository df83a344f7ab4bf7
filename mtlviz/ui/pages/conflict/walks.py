"""Walks on a landscape: what the settings ask for, in the background, and the kept first picture.

`python -m mtlviz.ui.pages.conflict.walks` renews the kept file; a test holds it to the code.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from mtlviz.figures.arrays import packed
from mtlviz.toy.film import decoded
from mtlviz.toy.landscapes.paths import Paths
from mtlviz.toy.landscapes.settings import WalkConfig
from mtlviz.toy.landscapes.trajectories import Walk, last, walk

FILE = Path(__file__).with_name("first_walk.json")
_KEPT_FRAMES = 120
_ARRAYS = ("points", "losses", "gradients", "weights", "cosines")
# Enough to stand at the starts; the picture of settings that nobody has walked yet.
_GLANCE = 10


@dataclass(frozen=True)
class Stage:
    """How far a walk is: the share done, between 0 and 1, and the paths up to there."""

    progress: float
    paths: Paths
    stage: str = "Walking"


def stages(asked: Walk) -> Iterator[Stage]:
    """The walk, stage by stage, for a background job."""
    for progress in walk(asked, np.random.default_rng(0)):
        yield Stage(progress.done / progress.total, progress.paths)


def glance(asked: Walk) -> Paths:
    """The first steps only."""
    return last(replace(asked, steps=_GLANCE, frames=2), np.random.default_rng(0))


def first_plan() -> Walk:
    """The walk that is kept: the settings the page opens with."""
    return WalkConfig().walk(_KEPT_FRAMES)


@cache
def kept() -> Paths:
    """The kept walk, without computing anything."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    asked = first_plan()
    arrays = {name: decoded(content[name]).astype(np.float64) for name in _ARRAYS}
    return Paths(
        landscape=asked.landscape,
        methods=asked.methods,
        starts=np.array(asked.starts),
        steps=np.array(content["steps"], dtype=np.int64),
        **arrays,
    )


def is_first(config: WalkConfig) -> bool:
    """Whether these settings ask for the kept walk."""
    return config.walk(_KEPT_FRAMES) == first_plan()


def _content(paths: Paths) -> dict[str, object]:
    arrays = {name: packed(getattr(paths, name)) for name in _ARRAYS}
    return {"steps": paths.steps.tolist(), **arrays}


if __name__ == "__main__":
    computed = last(first_plan(), np.random.default_rng(0))
    FILE.write_text(json.dumps(_content(computed)) + "\n", encoding="utf-8")
