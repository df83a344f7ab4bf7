"""Which training examples made the gradients of an update, kept in a few bytes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST_EXAMPLES = 256
"""Examples of one task that an update keeps the numbers of, at most."""
NO_EXAMPLE = -1


def example_numbers(
    read: Sequence[NDArray[np.int64]], due: Sequence[int], tasks: int, width: int
) -> NDArray[np.int32]:
    """The numbers of the examples that each task read, in a table of fixed shape.

    Args:
        read: For each due task the numbers of its examples in the training split.
        due: Numbers of the due tasks.
        tasks: Number of tasks K.
        width: Examples that a task reads in an update when its batches are full.

    Returns:
        Shape (K, the smaller of `width` and 256), −1 where there is no example.
    """
    kept = min(width, MOST_EXAMPLES)
    table = np.full((tasks, kept), NO_EXAMPLE, dtype=np.int32)
    for task, numbers in zip(due, read, strict=True):
        table[task, : len(numbers)] = numbers[:kept]
    return table
