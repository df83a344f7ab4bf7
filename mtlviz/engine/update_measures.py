"""What an update is decided and recorded by: losses, inner products and lengths, read at once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.engine import gradients
from mtlviz.engine.combiners.scalarization import total
from mtlviz.engine.device import read_together
from mtlviz.engine.gradients import Row
from mtlviz.engine.passes import Taken
from mtlviz.engine.probes import plane
from mtlviz.engine.records import Plane
from mtlviz.engine.training import Training

Array = NDArray[np.float64]

_PLANE = "plane: "


@dataclass(frozen=True)
class Measured:
    """What is known on the host of the D due tasks' losses and gradients.

    Attributes:
        losses: Mean losses, (D,).
        own: Lengths of the gradients of the tasks' own parameters, (D,).
        encoders: Of them only the tasks' own encoders, (D,); 0 where something is shared.
        shared: Length of the shared gradients' sum; 0 where they were not added up.
        gram: Gram matrix of the shared gradients, (D, D); None where they were added up.
        planes: Their projections, where due.
        layers: The Gram matrix of each of B layers by itself, (B, D, D), where due.
    """

    losses: Array
    own: Array
    encoders: Array
    shared: float
    gram: Array | None
    planes: dict[str, Plane]
    layers: Array | None = None


def is_due(every: int, update: int) -> bool:
    """Whether something done every so many updates (0 = never) is due at this one."""
    return every > 0 and update % every == 0


def needs_rows(training: Training) -> bool:
    """Whether this update needs each task's gradient by itself, or their sum will do."""
    return (
        _method_needs_rows(training)
        or is_due(training.config.probes.gram_every, training.progress.update)
        or (_planes_are_due(training) and bool(training.planes))
    )


def _method_needs_rows(training: Training) -> bool:
    """Whether the combiner or the weighting needs each task's gradient by itself."""
    return (
        getattr(training.combiner.method, "func", None) is not total
        or not training.weighting.constant
        or training.past.needs_rows
    )


def _planes_are_due(training: Training) -> bool:
    return is_due(training.config.probes.planes_every, training.progress.update)


def measure(training: Training, taken: Taken) -> Measured:
    """Measure an update's gradients, and read all that the host needs of them: the one wait."""
    device = training.device
    parts = {
        "losses": torch.stack(taken.losses),
        "own": gradients.lengths(taken.heads, device),
        "encoders": gradients.lengths(_encoders(training, taken), device),
    }
    if taken.summed is not None:
        parts["shared"] = gradients.lengths([taken.summed], device)
    else:
        parts |= _of_rows(training, taken.rows)
    read = read_together(parts)
    shared = float(read["shared"][0]) if "shared" in read else 0.0
    # Gradients of nothing have no length.
    nothing = None if "shared" in read else np.zeros((len(taken.due), len(taken.due)))
    return Measured(
        read["losses"], read["own"], read["encoders"], shared, read.get("gram", nothing),
        _planes(read), read.get("layers"),
    )  # fmt: skip


def _planes(read: Mapping[str, Array]) -> dict[str, Plane]:
    """The projections among what was read."""
    return {
        name.removeprefix(_PLANE): plane(coordinates, np.sqrt(np.diagonal(read["gram"])))
        for name, coordinates in read.items()
        if name.startswith(_PLANE)
    }


def _encoders(training: Training, taken: Taken) -> list[Row]:
    """The part of each due task's own gradient that belongs to its own encoder."""
    if training.shared:
        return [[] for _ in taken.due]
    # A task's parameters are those of its encoder, then those of its head.
    own = (training.model.sharing.task_parameters(task) for task in taken.due)
    counts = (sum(parameter.requires_grad for parameter in each) for each in own)
    return [row[:count] for row, count in zip(taken.heads, counts, strict=True)]


def _of_rows(training: Training, rows: Sequence[Row]) -> dict[str, Tensor]:
    """The Gram matrix and the projections; what is only looked at counts as time of probes."""
    if not training.shared:
        return {}
    started = time.perf_counter()
    parts = {"gram": gradients.inner_products(rows)}
    if _method_needs_rows(training):
        started = time.perf_counter()
    if _planes_are_due(training):
        for name, directions in training.planes.items():
            parts[_PLANE + name] = torch.stack([directions.project(row) for row in rows])
    if _layers_are_due(training) and len(rows) > 1:
        parts["layers"] = gradients.layer_products(rows, training.layers)
    training.progress.probe_seconds += time.perf_counter() - started
    return parts


def _layers_are_due(training: Training) -> bool:
    probes, update = training.config.probes, training.progress.update
    return is_due(probes.layers_every, update) and is_due(probes.gram_every, update)
