"""What a combiner returns, and the shape every combiner has."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Combination:
    """One update as a recipe over the task gradients: `update = weights @ gradients`.

    Attributes:
        weights: Weight of each task's gradient in the update, shape (..., K).
        coefficients: Row i is task i's modified gradient written in the original gradients, shape
            (..., K, K). Summed over its rows it gives the weights.
        order: Where the visiting order matters, the tasks that task i met, in turn, shape
            (..., K, K - 1), or (..., K, K) where a task also meets itself; otherwise None.
    """

    weights: Array
    coefficients: Array
    order: NDArray[np.int64] | None = None


def from_weights(weights: Array) -> Combination:
    """The combination of a method that only scales each task's gradient."""
    return Combination(weights, weights[..., None] * np.eye(weights.shape[-1]))


def from_coefficients(coefficients: Array, order: NDArray[np.int64] | None = None) -> Combination:
    """The combination of a method that modifies each task's gradient and adds the results."""
    return Combination(coefficients.sum(axis=-2), coefficients, order)


class Combiner(Protocol):
    """Turns the due tasks' gradients, known only by their inner products, into one update."""

    def __call__(self, gram: Array, generator: np.random.Generator) -> Combination:
        """Combine.

        Options of a method are further keyword-only parameters with defaults.

        Args:
            gram: Gram matrix G = J Jᵀ of the due tasks' gradients, shape (..., K, K). Leading
                dimensions are independent problems, solved together.
            generator: Source of any randomness (a visiting order, a mask).
        """
