"""From all task gradients to one update per model, through the registry of combiners."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.combiners.combination import Combination
from mtlviz.toy.kernels import Array
from mtlviz.toy.layout import Due, Layout, Plan


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


@dataclass(frozen=True)
class Method:
    """How the due tasks' gradients become one update, and whether models have a ReLU."""

    combiner: str
    options: dict[str, object]
    relu: bool
    seed: int


class Weigher:
    """Weighs the due tasks of every model; a single due task has weight 1 under every combiner.

    Models are grouped by their number of due tasks, so a combiner never sees an absent task.
    """

    def __init__(self, layout: Layout, plan: Plan, method: Method) -> None:
        self.layout, self.plan, self.relu = layout, plan, method.relu
        # One combiner for each size of group: some remember what they did before.
        self.combiners = {
            group.tasks.shape[1]: make_combiner(method.combiner, **method.options)
            for group in layout.groups
        }
        self.uses_losses = any("losses" in each.wants for each in self.combiners.values())
        self.plain = method.combiner == "sum"
        self.generator = np.random.default_rng((method.seed, 7))
        # By number of tasks: the latest combination of arms whose tasks were all due.
        self.combined: dict[int, Combination] = {}

    def __call__(
        self, gradient: Array, step: int, update: int, losses: Array | None
    ) -> tuple[Array, Array, NDArray[np.bool_] | None]:
        """Weigh one update.

        Args:
            gradient: Gradients on the shared parameters by slot, shape (K, A, S, d, r).
            step: Step of the plan; beyond its end the last step is repeated.
            update: Update within the step.
            losses: Losses by slot, shape (K, A, S), where the combiner uses them.

        Returns:
            The update, shape (arms, S, d, r); the weights by slot, shape (K, A, S); and which
            slots were due, shape (K, A, S), or None if all were.
        """
        moved = np.zeros((len(self.layout.arms), *gradient.shape[2:]))
        weights = np.zeros(gradient.shape[:3])
        due = None if self.plan.joint else np.zeros(gradient.shape[:3], bool)
        for group, table in zip(self.layout.groups, self.plan.due, strict=True):
            if update >= table.shape[1]:
                continue
            now = table[min(step, len(table) - 1), update].swapaxes(1, 2)
            place = group.tasks, group.slots
            found = self._weights(gradient[place], now, None if losses is None else losses[place])
            moved[group.arms] = _weighted_sum(gradient[place], found)
            weights[place] = found
            if due is not None:
                due[place] = now
        return moved, weights, due

    def _weights(self, gradient: Array, due: Due, losses: Array | None) -> Array:
        """Weights (n, m, S) from gradients (n, m, S, d, r) and who is due, (n, m, S or 1)."""
        count = due.sum(axis=1)
        if self.plain or count.max() <= 1:
            return np.broadcast_to(due, gradient.shape[:3]).astype(float)
        flat = gradient.swapaxes(1, 2).reshape(len(gradient), gradient.shape[2], due.shape[1], -1)
        gram = flat @ flat.swapaxes(-1, -2)
        if losses is not None:
            losses = losses.swapaxes(1, 2)
        if count.min() == due.shape[1]:
            self.combined[gram.shape[-1]] = found = self._combined(gram, losses)
            return found.weights.swapaxes(1, 2)
        return self._in_parts(gram, np.broadcast_to(due, gradient.shape[:3]), losses)

    def _combined(self, gram: Array, losses: Array | None) -> Combination:
        return self.combiners[gram.shape[-1]](gram, self.generator, losses)

    def recipe(self, seeds: int) -> Recipe:
        """How the latest update was made, for so many repetitions."""
        return make_recipe(self.layout, seeds, None if self.plain else self.combined)

    def _in_parts(self, gram: Array, due: Due, losses: Array | None) -> Array:
        """Weights when models differ in how many tasks are due, via a Gram matrix of those only."""
        due = due.swapaxes(1, 2)
        weights = due.astype(float)
        count = due.sum(-1)
        for size in range(2, due.shape[-1] + 1):
            chosen = count == size
            if not chosen.any():
                continue
            tasks = np.argsort(~due[chosen], axis=-1, kind="stable")[:, :size]
            small = np.take_along_axis(gram[chosen], tasks[:, :, None], axis=1)
            small = np.take_along_axis(small, tasks[:, None, :], axis=2)
            some = None if losses is None else np.take_along_axis(losses[chosen], tasks, axis=1)
            filled = np.zeros((len(tasks), due.shape[-1]))
            np.put_along_axis(filled, tasks, self._combined(small, some).weights, axis=1)
            weights[chosen] = filled
        return weights.swapaxes(1, 2)


def _weighted_sum(gradient: Array, weights: Array) -> Array:
    return (gradient * weights[..., None, None]).sum(axis=1)
