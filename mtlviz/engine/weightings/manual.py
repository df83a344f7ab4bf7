"""Weights set by hand."""

from collections.abc import Sequence

from mtlviz.engine.weightings.weighting import Array, Step, Weighting, one_per_task


class Manual(Weighting):
    """Set each task's weight by hand; the weights are used as they are given.

    A weight of 0 leaves the task out of the update, and trains neither its head nor the encoder.

    w_i = `values`_i.

    Args:
        tasks: Number of tasks K.
        values: The weight of each task, shape (K,).

    Raises:
        ConfigError: If `values` is not one number per task, none negative, not all zero.

    Reference:
        None: plain practice.
    """

    constant = True
    adds_up = False

    def __init__(self, tasks: int, *, values: Sequence[float]) -> None:
        self._weights = one_per_task("values", values, tasks)

    def weights(self, step: Step) -> Array:
        """See `Weighting`."""
        return self._weights.copy()
