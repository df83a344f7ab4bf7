"""Groups of many tasks from how they affect each other: how many, how sure, and against a truth.

Two tasks belong together where they stand alike to all others and to each other. Trying every
grouping, as for up to eight tasks, is out of reach for thirty-two: here tasks are merged one by
one, those first whose rows and columns go together (average linkage of correlation distances).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster import hierarchy

from mtlviz.errors import ConfigError, DataError

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
FEWEST = 4
"""Tasks below which groups of them say nothing."""
MOST_GROUPS = 12


@dataclass(frozen=True, eq=False)
class Clusters:
    """Groups of K tasks, and how sure they are.

    Attributes:
        labels: Group of each task, counted from 0 in the order in which they are shown, (K,).
        order: The tasks in an order in which neighbours are alike, groups whole, (K,).
        groups: How many groups there are.
        chosen: Whether their number was found here rather than given.
        stability: Mean adjusted Rand index between these groups and those of resamples; NaN
            without resamples.
        together: Share of the resamples in which two tasks are in one group, (K, K); NaN without.
    """

    labels: Labels
    order: Labels
    groups: int
    chosen: bool
    stability: float
    together: Array

    @property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """The tasks of each group, in the order in which they are shown."""
        return tuple(
            tuple(int(task) for task in self.order if self.labels[task] == group)
            for group in range(self.groups)
        )


def clustered(
    affinity: Array, groups: int | None = None, resamples: Sequence[Array] = ()
) -> Clusters:
    """Groups of tasks.

    Args:
        affinity: How task i affects task j, (K, K), in any unit, higher is better; the diagonal
            is not looked at.
        groups: How many groups; None takes the number, 2 to 12, whose groups are most compact
            (largest mean silhouette, Rousseeuw 1987).
        resamples: The same affinities as they might have come out as well, (K, K) each.

    Raises:
        ConfigError: Fewer than four tasks, or a number of groups that they cannot form.
        DataError: An entry off the diagonal is not a number.

    Reference:
        Merging: Sokal & Michener 1958 (average linkage), in SciPy. Agreement: Hubert & Arabie,
        Journal of Classification 2, 1985.
    """
    _check(affinity, groups)
    tree, distance = _tree(affinity)
    count = groups or _best_count(tree, distance)
    found = _cut(tree, count)
    order = hierarchy.leaves_list(hierarchy.optimal_leaf_ordering(tree, _condensed(distance)))
    labels = _in_order(found, order)
    others = [_cut(_tree(each)[0], count) for each in resamples]
    together = np.full(distance.shape, np.nan)
    if others:
        together = np.mean([each[:, None] == each for each in others], axis=0)
    return Clusters(
        labels, order.astype(np.int64), int(labels.max()) + 1, groups is None,
        float(np.mean([adjusted_rand(labels, each) for each in others])) if others else np.nan,
        together,
    )  # fmt: skip


def _check(affinity: Array, groups: int | None) -> None:
    tasks = len(affinity)
    if tasks < FEWEST:
        raise ConfigError(f"Groups are sought among at least {FEWEST} tasks, got {tasks}.")
    if groups is not None and not 1 <= groups <= tasks:
        raise ConfigError(f"{tasks} tasks form 1 to {tasks} groups, got {groups}.")
    unknown = int((~np.isfinite(affinity[~np.eye(tasks, dtype=bool)])).sum())
    if unknown:
        raise DataError(f"Groups need every affinity, but {unknown} are not known.")


def distances(affinity: Array) -> Array:
    """How differently two tasks stand to all others, 0 alike to 2 opposite, (K, K).

    One less the correlation of their rows and columns. Each column is first put on one scale, for
    some tasks' losses move more than others'; what two tasks are to each other counts as what each
    is to itself.
    """
    tasks = len(affinity)
    own = np.eye(tasks, dtype=bool)
    clean = np.where(own, np.nan, affinity)
    spread = np.nanstd(clean, axis=0)
    scaled = (clean - np.nanmean(clean, axis=0)) / np.where(spread > 0, spread, 1.0)
    both = np.nan_to_num((scaled + scaled.T) / 2)
    # A task stands to itself as it stands to its nearest.
    np.fill_diagonal(both, np.where(own, -np.inf, both).max(axis=1))
    centred = both - both.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1)
    scale = np.outer(lengths, lengths)
    alike = np.divide(centred @ centred.T, scale, out=np.zeros(scale.shape), where=scale > 0)
    found = 1 - np.clip(alike, -1, 1)
    np.fill_diagonal(found, 0.0)
    return (found + found.T) / 2


def _condensed(distance: Array) -> Array:
    return distance[np.triu_indices(len(distance), k=1)]


def _tree(affinity: Array) -> tuple[Array, Array]:
    distance = distances(affinity)
    return hierarchy.linkage(_condensed(distance), "average"), distance


def _cut(tree: Array, groups: int) -> Labels:
    return hierarchy.fcluster(tree, groups, "maxclust")


def _best_count(tree: Array, distance: Array) -> int:
    """The number of groups with the largest mean silhouette."""
    most = min(MOST_GROUPS, len(distance) - 1)
    return max(range(2, most + 1), key=lambda count: silhouette(distance, _cut(tree, count)))


def silhouette(distance: Array, labels: Labels) -> float:
    """How much nearer tasks are to their own group than to the next one, −1 to 1, in the mean.

    A task alone in its group counts as 0; so does one group for all.

    Args:
        distance: Distances, (K, K).
        labels: Group of each task, (K,).
    """
    inside = labels == np.unique(labels)[:, None]
    if len(inside) < 2:
        return 0.0
    sums, sizes = inside @ distance, inside.sum(axis=1)
    place = inside.argmax(axis=0)
    tasks = np.arange(len(labels))
    own = sums[place, tasks] / np.maximum(sizes[place] - 1, 1)
    means = sums / sizes[:, None]
    means[place, tasks] = np.inf
    nearest = means.min(axis=0)
    largest = np.maximum(own, nearest)
    gain = np.divide(nearest - own, largest, out=np.zeros(len(labels)), where=largest > 0)
    return float(np.where(sizes[place] > 1, gain, 0.0).mean())


def _in_order(labels: Labels, order: NDArray[np.integer]) -> Labels:
    """The groups counted from 0, as they first appear in an order."""
    seen = list(dict.fromkeys(labels[order].tolist()))
    return np.array([seen.index(label) for label in labels.tolist()])


def adjusted_rand(first: Sequence[int] | Labels, second: Sequence[int] | Labels) -> float:
    """How well two groupings agree: 1 the same, 0 what chance gives on average, below 0 worse.

    Args:
        first: Group of each task, (K,).
        second: The same by another account.

    Reference:
        Hubert & Arabie, Journal of Classification 2, 1985, equation 5; 1 where both put all tasks
        into one group, or each into its own.
    """
    one, other = np.unique(first, return_inverse=True)[1], np.unique(second, return_inverse=True)[1]
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    pairs, every = _pairs(table).sum(), _pairs(len(one))
    rows, columns = _pairs(table.sum(axis=1)).sum(), _pairs(table.sum(axis=0)).sum()
    expected, most = rows * columns / every if every else 0.0, (rows + columns) / 2
    return 1.0 if most == expected else float((pairs - expected) / (most - expected))


def _pairs(count: Array | float) -> Array:
    return np.asarray(count) * (np.asarray(count) - 1) / 2


@dataclass(frozen=True)
class Agreement:
    """How well groups agree with a truth.

    Attributes:
        index: Adjusted Rand index.
        chance: What 95 % of random groupings with the same sizes stay below.
        share: Share of them that agree at least as well.
    """

    index: float
    chance: float
    share: float


def agreement(
    found: Labels, truth: Sequence[int], generator: np.random.Generator, draws: int = 1000
) -> Agreement:
    """Groups against a truth, and against random groups of the same sizes.

    Args:
        found: Group of each task, (K,).
        truth: What it should be, (K,).
        generator: Draws the random groups.
        draws: How many.
    """
    index = adjusted_rand(found, truth)
    by_chance = np.array([adjusted_rand(generator.permutation(found), truth) for _ in range(draws)])
    # The groups found are one more way in which they could have fallen.
    share = (1 + int((by_chance >= index - 1e-12).sum())) / (draws + 1)
    return Agreement(index, float(np.quantile(by_chance, 0.95)), share)
