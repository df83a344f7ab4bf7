"""Tasks on the same inputs that share r directions: the exact optimum of the weighted loss.

    min over B (d, r) and a_i (r)  of  Σ_i α_i ‖X B a_i − y_i‖²

Reference:
    Wu, Zhang, Ré, ICLR 2020, Proposition 3. https://arxiv.org/abs/2005.00944
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Inputs:
    """The inputs X = U D Vᵀ that all tasks share, taken apart once; leading axes are repetitions.

    Attributes:
        rows: X, (..., N, d), of rank d.
        left: U, (..., N, d).
        values: The diagonal of D, (..., d).
        right: Vᵀ, (..., d, d).
    """

    rows: Array
    left: Array
    values: Array
    right: Array

    @staticmethod
    def of(rows: Array) -> "Inputs":
        """Take inputs (..., N, d) apart."""
        return Inputs(rows, *np.linalg.svd(rows, full_matrices=False))

    def inside(self, targets: Array) -> Array:
        """What of the targets (..., N, K) linear maps of X can reach: Uᵀy_i, (..., d, K)."""
        return np.swapaxes(self.left, -1, -2) @ targets

    def models(self, reached: Array) -> Array:
        """The models V D⁻¹ c, (..., K, d), that predict U c for each column of `reached`."""
        found = np.swapaxes(self.right, -1, -2) @ (reached / self.values[..., None])
        return np.swapaxes(found, -1, -2)


def shared_models(inputs: Inputs, targets: Array, weights: Array, capacity: int) -> Array:
    """Each task's model B a_i at the optimum of the weighted loss.

    Every task's best prediction is Uᵀy_i projected onto the r directions Q_r that hold most of
    Σ_i α_i (Uᵀy_i)(Uᵀy_i)ᵀ: the paper's span V D⁻¹ Q_r of B, written in predictions. With r equal
    to the number of tasks it is each task's own least-squares fit, whatever the weights.

    Args:
        inputs: The shared inputs.
        targets: One column a task, (..., N, K).
        weights: α_i, (..., K), none negative.
        capacity: Shared directions r.

    Returns:
        The models, (..., K, d).
    """
    found = inputs.inside(targets)
    scaled = found * np.sqrt(weights)[..., None, :]
    kept = np.linalg.svd(scaled, full_matrices=False)[0][..., :capacity]
    return inputs.models(kept @ (np.swapaxes(kept, -1, -2) @ found))


def own_models(inputs: Inputs, targets: Array) -> Array:
    """Least squares of each task for itself, (..., K, d)."""
    return inputs.models(inputs.inside(targets))
