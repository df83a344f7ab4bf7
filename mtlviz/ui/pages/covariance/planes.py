"""Where each example lies on the plane of the picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.covariance import ellipse, principal_plane, spectrum
from mtlviz.figures.points import Cloud
from mtlviz.runs import projections
from mtlviz.runs.projections import Projection
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.pages.covariance.clouds import Clouds
from mtlviz.ui.pages.covariance.settings import METHODS, CovarianceSettings

Array = NDArray[np.float64]
_KEYS = Memo(16)

DRAWN = 3000
"""Points a browser draws at once; of more, an even part of each task is drawn."""
PROJECTED = 5000
"""Points that UMAP and t-SNE arrange, for the same reason."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Coordinates of the tasks' examples, and what the axes are.

    Attributes:
        coordinates: For each task, (n, 2).
        numbers: Which example of its task each row is, (n,).
        titles: What lies across and upwards.
        linear: Whether the plane is a view of the space, so that ellipses have a meaning.
    """

    coordinates: tuple[Array, ...]
    numbers: tuple[NDArray[np.int64], ...]
    titles: tuple[str, str]
    linear: bool


def linear_plane(settings: CovarianceSettings, clouds: Clouds) -> Plane:
    """The two directions along which all tasks, or one of them, spread most."""
    if settings.projection == "task":
        task = min(settings.along, len(clouds.rows)) - 1
        mean = clouds.rows[task].mean(axis=0)
        directions = np.zeros((clouds.rows[task].shape[1], 2))
        found = spectrum(clouds.rows[task], centred=True).directions[:, :2]
        directions[:, : found.shape[1]] = found
        whose = f"of {clouds.names[task]}"
    else:
        mean, directions = principal_plane(clouds.rows)
        whose = "of all tasks"
    return Plane(
        tuple((rows - mean.astype(rows.dtype)) @ directions for rows in clouds.rows),
        tuple(np.arange(len(rows)) for rows in clouds.rows),
        (f"first principal direction {whose}", "second principal direction"),
        linear=True,
    )


_LOST = 0.04  # Of the widest cloud: what is smaller cannot be told from a point.


def shrunken(plane: Plane) -> list[int]:
    """Tasks that a view of the space shows as little more than a point, beside the widest."""
    if not plane.linear:
        return []
    sizes = np.array([np.sqrt(each.var(axis=0).sum()) for each in plane.coordinates])
    return np.flatnonzero(sizes < _LOST * sizes.max(initial=0)).tolist()


def points_to_arrange(clouds: Clouds) -> tuple[NDArray[np.float32], tuple[NDArray, ...]]:
    """The points UMAP and t-SNE arrange (N, d), and which examples they are, task by task."""
    numbers = tuple(even_part(len(rows), PROJECTED // len(clouds.rows)) for rows in clouds.rows)
    chosen = [rows[which] for rows, which in zip(clouds.rows, numbers, strict=True)]
    return np.concatenate(chosen), numbers


def arranged_plane(settings: CovarianceSettings, clouds: Clouds) -> Plane | None:
    """The plane of UMAP or t-SNE; None if it has to be computed first."""
    numbers = points_to_arrange(clouds)[1]
    found = projections.kept_projection(run_records.store().home, projection_key(settings, clouds))
    if found is None:
        return None
    ends = np.cumsum([len(each) for each in numbers])[:-1]
    name = METHODS[settings.projection]
    return Plane(tuple(np.split(found, ends)), numbers, (name, ""), linear=False)


def projection_key(settings: CovarianceSettings, clouds: Clouds) -> str:
    """The key under which a projection of these points is kept."""
    how = asked(settings)
    return _KEYS.once(
        (clouds.key, how), (),
        lambda: projections.projection_key(points_to_arrange(clouds)[0], how),
    )  # fmt: skip


def asked(settings: CovarianceSettings) -> Projection:
    """How UMAP or t-SNE is asked."""
    return Projection("tsne" if settings.projection == "tsne" else "umap", 0)


def even_part(count: int, most: int) -> NDArray[np.int64]:
    """At most so many of the numbers 0 to count − 1, evenly spaced."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype(np.int64)


def drawn_clouds(plane: Plane, clouds: Clouds, marked: set[tuple[int, int]]) -> list[Cloud]:
    """What the picture draws: an even part of each task, marked examples always among it."""
    found = []
    share = DRAWN // len(clouds.rows)
    for task, (points, numbers) in enumerate(zip(plane.coordinates, plane.numbers, strict=True)):
        is_marked = np.array([(task, int(number)) in marked for number in numbers], dtype=bool)
        drawn = np.union1d(even_part(len(points), share), np.flatnonzero(is_marked)[:DRAWN])
        shown = clouds.texts[task].shown
        found.append(
            Cloud(
                name=clouds.names[task],
                look=task,
                points=points[drawn],
                texts=[shown[number] for number in numbers[drawn]],
                numbers=numbers[drawn],
                marked=is_marked[drawn],
                outline=ellipse(points) if plane.linear else None,
            )
        )
    return found
