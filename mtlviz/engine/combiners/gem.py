"""GEM: the nearest update to the new task's gradient that opposes none of the old tasks."""

import numpy as np

from mtlviz.engine.combiners.agem import Newest
from mtlviz.engine.combiners.combination import Array, Combination, from_coefficients
from mtlviz.engine.combiners.dual_cone import nearest_weights
from mtlviz.engine.combiners.roles import Mask, roles
from mtlviz.methods import AtLeastZero, titled


@titled("GEM")
def gem(
    gram: Array,
    generator: np.random.Generator,
    current: Mask | None = None,
    *,
    newest: Newest | None = None,
    margin: AtLeastZero = 0.0,
) -> Combination:
    """Learn the new task by the nearest step to its own that makes no old task's memory worse.

    One due task is new, with gradient g; the others bring examples kept in memory. The update is
    the nearest to g that has no negative inner product with any memory gradient: g + Σ vₖ mₖ, v ≥ 0
    minimising ½ vᵀ(M Mᵀ)v + (M g)ᵀv. With no memory due the update is g; with no new task due it is
    zero.

    Args:
        gram: Gram matrix, shape (..., K, K).
        generator: Not used.
        current: Which due tasks are new, as the run's phase says, shape (K,); their gradients add.
        newest: Number of the new task among the due ones, from 1. Left open, the phase says it; in
            a run without phases it is the last task. All others are memory.
        margin: Least weight of every memory gradient once one of them is opposed, which pushes
            towards the old tasks. The paper has 0, its authors' code 0.5.

    Reference:
        Lopez-Paz & Ranzato, NeurIPS 2017, eq. 11. https://arxiv.org/abs/1706.08840
    """
    part = roles(gram.shape[-1], current, newest)
    opposed = ((gram @ part.current < 0) & (part.memory > 0)).any(axis=-1, keepdims=True)
    wanted = part.current + np.where(opposed, margin, 0.0) * part.memory
    weights = nearest_weights(gram, wanted, part.memory)
    learned = part.current / max(part.current.sum(), 1)
    added = learned[:, None] * (weights * part.memory)[..., None, :]
    return from_coefficients(part.current[:, None] * np.eye(gram.shape[-1]) + added)
