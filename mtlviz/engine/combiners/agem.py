"""A-GEM: take from the new task's gradient what opposes the memory's, averaged over its tasks."""

from typing import Annotated

import numpy as np
from pydantic import Field

from mtlviz.engine.combiners.combination import Array, Combination, from_coefficients
from mtlviz.engine.combiners.gram import FLOAT64, squared_norms
from mtlviz.engine.combiners.roles import Mask, Roles, roles
from mtlviz.methods import titled

Newest = Annotated[int, Field(ge=1)]


@titled("A-GEM")
def agem(
    gram: Array,
    generator: np.random.Generator,
    precision: float = FLOAT64,
    current: Mask | None = None,
    *,
    newest: Newest | None = None,
) -> Combination:
    """Learn the new task, less what would undo the old ones on average (their memory's gradient).

    One due task is new; the others bring examples kept in memory, whose gradients are averaged to
    m. Where the new gradient g points against m, the update is g − (g·m / ‖m‖²) m, else g: one row
    of PCGrad's table. The memory is never trained on for its own sake. With no memory due, or one
    whose average is zero, the update is g; with no new task due it is zero.

    Args:
        gram: Gram matrix, shape (..., K, K).
        generator: Not used.
        precision: Relative error of the Gram matrix; an average no longer than that is zero.
        current: Which due tasks are new, as the run's phase says, shape (K,); their gradients add.
        newest: Number of the new task among the due ones, from 1. Left open, the phase says it; in
            a run without phases it is the last task. All others are memory.

    Reference:
        Chaudhry et al., ICLR 2019, eq. 11. https://arxiv.org/abs/1812.00420
    """
    part = roles(gram.shape[-1], current, newest)
    added = _added(gram, part, precision) / max(part.memory.sum(), 1)
    learned = part.current / max(part.current.sum(), 1)
    bent = learned[:, None] * (added[..., None] * part.memory)[..., None, :]
    return from_coefficients(part.current[:, None] * np.eye(gram.shape[-1]) + bent)


def _added(gram: Array, part: Roles, precision: float) -> Array:
    """How much of the memory's average gradient is added, shape (...)."""
    average = part.memory / max(part.memory.sum(), 1)
    towards = gram @ average
    overlap, squared = towards @ part.current, towards @ average
    known = squared > precision * (squared_norms(gram) @ average)
    return np.divide(-overlap, squared, out=np.zeros_like(overlap), where=known & (overlap < 0))
