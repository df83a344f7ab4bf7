"""The planes in which the gradients of one update can be seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners.gram import update_norm
from mtlviz.engine.counterfactual import Moment
from mtlviz.engine.measures.conflict_plane import plane_from_gram
from mtlviz.engine.records import Plane
from mtlviz.errors import DataError

Array = NDArray[np.float64]

TITLES = {
    "most": "Most of all",
    "parameters": "Two parameters",
    "directions": "Two random directions",
    "pair": "Two tasks",
}
RECORDED = {"parameters": "two parameters", "directions": "random directions"}
"""Planes that only exist where training took inner products with them, by their recorded name."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Where D tasks and their update go, in one plane.

    Attributes:
        arrows: Downhill direction of each task, to scale, (D, 2).
        share: Share of each gradient's length that the plane keeps, (D,).
        update: The update before clipping, to the same scale, (2,).
        update_share: Share of its length that the plane keeps.
        titles: What lies across and up.
    """

    arrows: Array
    share: Array
    update: Array
    update_share: float
    titles: tuple[str, str]


def projected(
    name: str, seen: Moment, planes: dict[str, Plane], pair: tuple[int, int] = (0, 1)
) -> Projection:
    """The gradients of one update in a plane.

    Args:
        name: Key of TITLES.
        seen: The update.
        planes: Its recorded planes, over all tasks of the run.
        pair: Numbers of the two tasks that span the plane of a pair.

    Raises:
        DataError: If this plane is not to be had at this update; the message says why.
    """
    if name in RECORDED:
        return _recorded(name, seen, planes)
    if name == "pair":
        arrows, titles = _pair(seen, pair), ("along the first task", "what the second adds")
    else:
        # The picture that keeps most has no direction of its own: what a task wants may be drawn
        # as what its gradient is.
        arrows, titles = plane_from_gram(seen.gram).coordinates, ("", "")
    return _projection(seen, arrows, titles)


def _projection(seen: Moment, arrows: Array, titles: tuple[str, str]) -> Projection:
    lengths = np.sqrt(np.diagonal(seen.gram))
    update = seen.weights @ arrows
    length = float(update_norm(seen.gram, seen.weights))
    kept = np.linalg.norm(arrows, axis=1)
    share = np.divide(kept, lengths, out=np.full_like(kept, np.nan), where=lengths > 0)
    own = float(np.linalg.norm(update)) / length if length > 0 else float("nan")
    return Projection(arrows, np.minimum(share, 1.0), update, min(own, 1.0), titles)


def _recorded(name: str, seen: Moment, planes: dict[str, Plane]) -> Projection:
    """A plane whose inner products were taken while the gradients existed."""
    found = planes.get(RECORDED[name])
    if found is None or not np.isfinite(found.coordinates[seen.due]).all():
        raise DataError("The gradients were not projected on this plane at this update.")
    noun = name.removesuffix("s")
    titles = (f"first {noun}", f"second {noun}")
    return _projection(seen, -found.coordinates[seen.due], titles)


def _pair(seen: Moment, pair: tuple[int, int]) -> Array:
    """Coordinates along the first task's gradient and along what the second adds to it, (D, 2)."""
    places = [int(np.flatnonzero(seen.due == task)[0]) for task in pair if task in seen.due]
    if len(places) < 2:
        raise DataError("One of these two tasks was not due at this update.")
    first, second = places
    length = float(np.sqrt(seen.gram[first, first]))
    if length == 0:
        raise DataError("The first task's gradient is zero here, so that it spans nothing.")
    across = seen.gram[:, first] / length
    rest = seen.gram[:, second] - across * across[second]
    height = float(np.sqrt(max(rest[second], 0.0)))
    # Two tasks along one line span a line: nothing lies above or below it.
    flat = height <= 1e-7 * np.sqrt(np.diagonal(seen.gram).max())
    up = np.zeros_like(across) if flat else rest / height
    return np.stack([across, up], axis=1)
