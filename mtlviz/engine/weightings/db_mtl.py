"""DB-MTL: balance the losses by their logarithm, and the gradients by their length."""

from typing import ClassVar

import numpy as np

from mtlviz.engine.weightings.weighting import Array, Step, Weighting, refuse_losses
from mtlviz.methods import Share

_EPSILON = 1e-8


class DualBalancing(Weighting):
    """Train on log losses, and bring all tasks' gradients to the length of the longest.

    A weight is 1 / L, which makes the log loss of a loss, times the longest tracked length over
    the task's own. The tracked lengths follow those of the log losses' gradients; the paper tracks
    the gradients themselves, which needs each a second time. A zero gradient is left as it is. The
    weights do not add up to anything fixed. Losses must not be negative; 1e-8 is added to them.

    w_i = max_j m_j / (m_i (L_i + 1e-8)), with m_i the tracked length.

    Args:
        tasks: Number of tasks K.
        beta: Share of the last tracked length that is kept at first; 0 tracks nothing.
        decay: That share shrinks as the number of updates to this negative power.

    Raises:
        LossesRefused: If a due task's loss is negative.

    Reference:
        Lin et al. 2023, Dual-Balancing for Multi-Task Learning, Algorithm 1.
        https://arxiv.org/abs/2308.12029
    """

    title: ClassVar[str] = "DB-MTL"
    needs_norms = True
    adds_up = False
    remembered = ("lengths", "counts")

    def __init__(self, tasks: int, *, beta: Share = 0.9, decay: Share = 0.5) -> None:
        self._beta, self._decay = beta, decay
        self.lengths, self.counts = np.full(tasks, np.nan), np.zeros(tasks)

    def weights(self, step: Step) -> Array:
        """See `Weighting`."""
        refuse_losses("db_mtl", step, step.losses >= 0, "of at least 0")
        lengths = self._tracked(step, step.norms)
        known = step.due & (lengths > 0)
        longest = lengths[known].max(initial=0.0)
        balance = np.divide(longest, lengths, out=np.ones_like(lengths), where=known)
        return balance / (step.losses + _EPSILON)

    def observe(
        self, step: Step, *, norms: Array | None = None, losses_after: Array | None = None
    ) -> None:
        """Keep the tracked lengths; see `Weighting`."""
        self.lengths = self._tracked(step, norms)
        self.counts = self.counts + step.due

    def _tracked(self, step: Step, norms: Array | None) -> Array:
        """Each task's tracked length after this update, shape (K,); NaN before its first."""
        if norms is None:
            return self.lengths
        fresh = norms / (step.losses + _EPSILON)
        kept = self._beta * (self.counts + 1.0) ** -self._decay
        last = np.where(np.isnan(self.lengths), fresh, self.lengths)
        return np.where(step.due, fresh + kept * (last - fresh), self.lengths)
