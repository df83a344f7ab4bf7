"""Runs on a landscape as the browser plays them."""

from functools import cache
from typing import Any

import numpy as np

from mtlviz.figures.arrays import packed
from mtlviz.toy.landscapes.functions import LANDSCAPES
from mtlviz.toy.landscapes.paths import Paths
from mtlviz.ui.conflict.board import look_of

_CELLS = 90
_NOTE = (
    "Shading and lines: the loss, dark is high. Thick grey line: the Pareto set. At the cursor, "
    "hue: where each task pulls (one scale); thick: where the marked method goes (direction only)."
)
_PICKABLE = " Click a picture to add a start."


def film(paths: Paths, *, growing: bool, pickable: bool = True) -> dict[str, Any]:
    """The payload of the paths.

    Args:
        paths: The runs.
        growing: Whether more of them is still being computed.
        pickable: Whether a click adds a start.
    """
    landscape = LANDSCAPES[paths.landscape]
    return {
        "titles": ["Loss of task 1", "Loss of task 2", "Mean of both"],
        "grids": grids(paths.landscape),
        "box": [list(side) for side in landscape.box],
        "steps": paths.steps.tolist(),
        "methods": [look_of(method.name) for method in paths.methods],
        "points": packed(paths.points),
        "gradients": packed(paths.gradients),
        "weights": packed(paths.weights),
        "front": packed(landscape.pareto_set(101)),
        "note": _NOTE + (_PICKABLE if pickable else ""),
        "pickable": pickable,
        "growing": growing,
    }


@cache
def grids(name: str) -> dict[str, str]:
    """Both losses and their mean on a grid of the picture, packed (3, rows, columns)."""
    landscape = LANDSCAPES[name]
    first, second = (np.linspace(low, high, _CELLS) for low, high in landscape.box)
    x, y = np.meshgrid(first, second)
    both = landscape.losses(np.stack([x, y], axis=-1)).transpose(2, 0, 1)
    return packed(np.concatenate([both, both.mean(axis=0, keepdims=True)]))
