"""Projections on demand: kept ones at once, the others by one lasting process of the app."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import DataError
from mtlviz.runs.array_cache import ArrayCache
from mtlviz.runs.helper import Helper, Progress, lasting_helper

Rows = NDArray[np.float32]
WORKER = "mtlviz.runs.projection_worker"
VERSION = 1
"""Raised whenever the same points would be projected otherwise."""


@dataclass(frozen=True)
class Projection:
    """How points are projected.

    Attributes:
        method: "umap" or "tsne".
        seed: Decides the picture; the same seed gives the same picture.
    """

    method: Literal["umap", "tsne"]
    seed: int = 0


def projection_cache(home: Path) -> ArrayCache:
    """Projections kept in a home folder."""
    return ArrayCache(home / "cache" / "projections", most_bytes=2**28)


def projection_key(points: Rows, asked: Projection) -> str:
    """The same for the same points projected in the same way.

    Args:
        points: All tasks' points, (N, d).
        asked: How they are projected.
    """
    found = hashlib.sha256(repr((VERSION, asdict(asked), points.shape)).encode())
    found.update(np.ascontiguousarray(points, dtype=np.float32).tobytes())
    return found.hexdigest()


def kept_projection(home: Path, key: str) -> Rows | None:
    """Coordinates (N, 2) computed before; None if there are none."""
    arrays = projection_cache(home).get(key)
    return None if arrays is None else arrays["coordinates"]


def project(home: Path, points: Rows, asked: Projection) -> Iterator[Progress]:
    """Compute and keep a projection, telling how far it is.

    Raises:
        MtlvizError: It cannot be computed, or the process ended early.
    """
    key, cache = projection_key(points, asked), projection_cache(home)
    if cache.has(key):
        return
    place = f"points-{key}"
    cache.put(place, {"points": points.astype(np.float32)})
    try:
        yield from warm_helper(home).ask({"key": key, "points": place, "projection": asdict(asked)})
    finally:
        cache.forget(place)


def warm_helper(home: Path) -> Helper:
    """The process that projects, started and warming up if it is not there yet."""
    return lasting_helper(WORKER, home)


def joined(home: Path, key: str) -> Rows:
    """The points to project, (N, d).

    Raises:
        DataError: They are gone from the home folder.
    """
    arrays = projection_cache(home).get(key)
    if arrays is None:
        raise DataError("The points to project are gone; choose them again.")
    return arrays["points"]
