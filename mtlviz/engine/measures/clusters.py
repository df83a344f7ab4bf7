"""Groups of many tasks from how they affect each other: how many, how sure, and against a truth.

Good groups have the largest total of affinities inside them, each put on one scale first and
counted from the mean of all pairs, so that a group of strangers adds nothing (modularity). Trying
every grouping, as for up to eight tasks, is out of reach for thirty-two: here tasks are merged one
by one, and then moved between groups as long as that adds to the total.
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
_MOST_MOVES, _NOTHING = 10, 1e-9


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
    """

    labels: Labels
    order: Labels
    groups: int
    chosen: bool
    stability: float

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
        groups: How many groups, fewer where tasks are exactly alike; None takes the number, 2 to
            12, with the largest total.
        resamples: The same affinities as they might have come out as well, (K, K) each.

    Raises:
        ConfigError: Fewer than four tasks, or a number of groups that they cannot form.
        DataError: An entry off the diagonal is not a number.

    Reference:
        The total: Newman, PNAS 103, 2006 (modularity, of weights with a sign). Merging: Sokal &
        Michener 1958 (average linkage), in SciPy. Agreement: Hubert & Arabie, Journal of
        Classification 2, 1985.
    """
    _check(affinity, groups)
    found, order = _grouped(affinity, groups)
    others = [_grouped(each, groups or int(found.max()) + 1)[0] for each in resamples]
    # Groups as they first stand in the order, each whole.
    seen = list(dict.fromkeys(found[order].tolist()))
    labels = np.array([seen.index(label) for label in found.tolist()])
    return Clusters(
        labels, order[np.argsort(labels[order], kind="stable")], len(seen), groups is None,
        float(np.mean([adjusted_rand(labels, each) for each in others])) if others else np.nan,
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


def pull(affinity: Array) -> Array:
    """How much two tasks pull each other into one group, on one scale, (K, K), zero on average.

    Each column is first put on one scale, for some tasks' losses move more than others'; what two
    tasks are to each other counts as what each is to itself.
    """
    own = np.eye(len(affinity), dtype=bool)
    clean = np.where(own, np.nan, affinity)
    spread = np.nanstd(clean, axis=0)
    # What differs by rounding alone does not differ.
    flat = spread <= 1e-12 * np.nanmax(np.abs(clean), initial=1e-300)
    scaled = (clean - np.nanmean(clean, axis=0)) / np.where(flat, np.inf, spread)
    return np.nan_to_num((scaled + scaled.T) / 2)


def total(pulls: Array, labels: Labels) -> float:
    """What the pulls inside all groups add up to.

    Args:
        pulls: What `pull` gives, (K, K), zero on the diagonal.
        labels: Group of each task, (K,).
    """
    return float(pulls[labels[:, None] == labels].sum())


def _grouped(affinity: Array, groups: int | None) -> tuple[Labels, Labels]:
    """Group of each task, and an order in which neighbours pull together."""
    pulls = pull(affinity)
    apart = pulls.max() - pulls
    condensed = apart[np.triu_indices(len(apart), k=1)]
    tree = hierarchy.linkage(condensed, "average")
    order = hierarchy.leaves_list(hierarchy.optimal_leaf_ordering(tree, condensed))
    most = min(MOST_GROUPS, len(apart) - 1)
    counts = range(2, most + 1) if groups is None else (groups,)
    cuts = [_moved(pulls, hierarchy.fcluster(tree, count, "maxclust")) for count in counts]
    return max(cuts, key=lambda labels: total(pulls, labels)), order.astype(np.int64)


def _moved(pulls: Array, labels: Labels) -> Labels:
    """The same groups after single tasks have moved to where they add most to the total."""
    labels = np.unique(labels, return_inverse=True)[1]
    tasks, count = np.arange(len(labels)), int(labels.max()) + 1
    for _ in range(_MOST_MOVES * len(labels)):
        member = np.eye(count)[labels]
        inside = pulls @ member
        gain = inside - inside[tasks, labels][:, None]
        gain[member.sum(axis=0)[labels] == 1] = 0.0  # A group that was asked for is not emptied.
        task, to = np.unravel_index(gain.argmax(), gain.shape)
        if gain[task, to] <= _NOTHING:
            break
        labels[task] = to
    return np.unique(labels, return_inverse=True)[1]


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
        by_chance: Mean index of random groupings with the same sizes.
        chance: What 95 % of them stay below.
        share: Share of them that agree at least as well.
    """

    index: float
    by_chance: float
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
    mean, most = float(by_chance.mean()), float(np.quantile(by_chance, 0.95))
    return Agreement(index, mean, most, share)
