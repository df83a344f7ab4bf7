"""How each update was made of the task gradients: the coefficients and the visiting order."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners.combination import Combination
from mtlviz.toy.kernels import Array
from mtlviz.toy.layout import Layout


@dataclass(frozen=True)
class Recipe:
    """The combinations of all arms at one step, or of all frames along a leading axis T.

    Attributes:
        coefficients: Slot (k, a) is task k's modified gradient written in the gradients of all
            tasks, shape (K, A, S, K); 0 for tasks outside the arm, NaN where not every task of
            the arm was due.
        order: Tasks that task k met, in turn, shape (K, A, S, K); −1 where it met none.
    """

    coefficients: Array
    order: NDArray[np.int64]


def make_recipe(layout: Layout, seeds: int, combined: Mapping[int, Combination] | None) -> Recipe:
    """Put the combinations, by number of tasks, into the slots.

    Args:
        layout: The arms.
        seeds: Number of repetitions S.
        combined: Combination of the arms with so many tasks, each of shape (n, S, m); None for the
            plain sum, which modifies nothing.
    """
    shape = (*layout.arm.shape, seeds, layout.tasks)
    recipe = Recipe(np.zeros(shape), np.full(shape, -1))
    for group in layout.groups:
        size = group.tasks.shape[1]
        rows = group.tasks[:, :, None], group.slots[:, :, None]
        columns = (*rows, slice(None), group.tasks[:, None, :])
        found = None if combined is None else combined.get(size)
        if combined is None or size == 1:
            recipe.coefficients[columns] = np.eye(size)[None, :, :, None]
        elif found is None:
            recipe.coefficients[columns] = np.nan
        else:
            recipe.coefficients[columns] = np.moveaxis(found.coefficients, 1, -1)
            _write_order(recipe.order, found, group.tasks, group.slots)
    return recipe


def _write_order(
    order: NDArray[np.int64],
    found: Combination,
    tasks: NDArray[np.int64],
    slots: NDArray[np.int64],
) -> None:
    if found.order is None:
        return
    arms = np.arange(len(tasks))[:, None, None, None]
    names = np.moveaxis(tasks[arms, found.order], 1, 2)
    order[tasks, slots, :, : names.shape[-1]] = names
