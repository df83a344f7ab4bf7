"""The tasks of the continual toy: clouds and boundaries on the plane, and their points."""

import numpy as np

from mtlviz.toy.continual.settings import ContinualToyConfig
from mtlviz.toy.fields import TaskScene
from mtlviz.toy.scene import Scene, geometry, make_draws, place

HELD_OUT = 250
_ARRAYS = ("points", "signs", "flipped", "own", "held_out", "held_out_signs")
_WIDE, _NARROW = 1.4, 0.75


_EDGE = 4.0  # Clouds lie no further out, nor are boundaries further from the origin.


def held_back(config: ContinualToyConfig) -> list[int]:
    """Tasks that stand at the plane's edge, nearer to their neighbours than asked for."""
    middle = (config.tasks - 1) / 2
    return [task for task in range(config.tasks) if abs(task - middle) * config.gap > _EDGE]


def scenes(config: ContinualToyConfig) -> tuple[TaskScene, ...]:
    """Cloud and boundary of each task.

    Tasks of their own lie along a line and turn in one direction. A drifting cloud walks along a
    boundary that bends to and fro; each boundary goes through the middle of its cloud.
    """
    middle = (config.tasks - 1) / 2
    found = []
    for task in range(config.tasks):
        x = float(np.clip((task - middle) * config.gap, -_EDGE, _EDGE))
        angle = config.turn * ((-1.0) ** task / 2 if config.one_head else task)
        offset = -np.sin(np.deg2rad(angle)) * x
        found.append(
            TaskScene(
                points=config.points, noise=config.noise, x=x, angle=(angle + 180) % 360 - 180,
                offset=float(np.clip(offset, -_EDGE, _EDGE)),
                spread=_NARROW if config.gap else _WIDE,
            )
        )  # fmt: skip
    return tuple(found)


def make_world(config: ContinualToyConfig) -> Scene:
    """The points of every task and repetition, for training and held out."""
    counts = [config.points] * config.tasks
    draws = make_draws(config.seed, config.seeds, counts, HELD_OUT)
    placed = place(draws, geometry([scenes(config)]), counts)
    return Scene(*(getattr(placed, name)[:, 0] for name in _ARRAYS), draws=draws)
