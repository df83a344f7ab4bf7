"""Whether conflicts and agreements balance, where neighbouring updates resemble each other."""

import numpy as np
from numpy.typing import NDArray

SURE = 1.96
"""Standard errors of a 95 % interval."""


def balanced(apart: NDArray[np.bool_]) -> str:
    """What to say where the share in conflict cannot be told apart from one half; else nothing.

    The interval is that of a share of so many independent updates as these are worth.

    Args:
        apart: Whether the two tasks were in conflict at each update, (T,).
    """
    alike = bool(abs(apart.mean() - 0.5) <= SURE * 0.5 / np.sqrt(independent(apart)))
    return " – not told apart from one half: neither agreement nor conflict prevails" * alike


def independent(values: NDArray) -> float:
    """How many independent values say as much about the mean as these, of which neighbours agree.

    n (1 − r) / (1 + r) with r the correlation of neighbours: exact in the limit for a first-order
    autoregression. Values that repel each other (r < 0) count no more than once.

    Args:
        values: Values in order, (n,).
    """
    apart = values - values.mean()
    spread = float(apart @ apart)
    neighbours = float(apart[1:] @ apart[:-1]) / spread if spread > 0 else 0.0
    correlation = max(0.0, neighbours)
    return len(values) * (1 - correlation) / (1 + correlation)
