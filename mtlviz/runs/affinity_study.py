"""Affinities of stored runs, and the runs that show what transfer really was.

A run with affinity records shares one encoder among all its tasks. Its relatives have the same
settings but for the seed, the tasks, or the sharing: other seeds, every task with an encoder of its
own, and pairs or larger groups of its tasks. These count only where every task takes part in every
update and the number of updates is fixed, so that each task trains equally long with any company.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import RunConfig, TaskConfig, spared
from mtlviz.engine.measures.affinity import Company
from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.measures.covariance import spectrum
from mtlviz.engine.measures.similarity import normalised, similarity_matrix
from mtlviz.engine.measures.transfer import Transfer, paired_transfer
from mtlviz.engine.records import AffinityRecord, Snapshot
from mtlviz.runs.capacity_study import base_config
from mtlviz.runs.results import RunResult
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import Role
from mtlviz.runs.study import PairedRuns, Study

Array = NDArray[np.float64]
Group = tuple[int, ...]
KIND = "affinity"
ALL, APART = "all", "apart"
EVERY = 10
"""The paper takes affinities every ten updates."""
_WIDTH = 30
_EVALUATIONS = 10
_ALL_PAIRS = 8
_MOST_STEPS = 400
_JOINT = ("joint", "joint_fill_up")
_SCORES_ONLY = {
    f"probes.{name}": 0 for name in ("affinity_every", "gram_every", "embeddings_every")
}


@dataclass(frozen=True)
class Measured:
    """What company did to a task, beside what affinity had said.

    Attributes:
        task: Number of the task.
        company: Numbers of the tasks it was trained with.
        found: The change of its score, paired over seeds, in points.
        seeds: The same in each seed.
    """

    task: int
    company: tuple[int, ...]
    found: Transfer
    seeds: Mapping[int, float]


def planned(
    tasks: Sequence[TaskConfig], updates: int, seeds: Sequence[int]
) -> list[tuple[Role, RunConfig]]:
    """The runs that give affinities and measured transfer: all tasks, each apart, and pairs.

    Of up to eight tasks every pair, of more some; see `pairs`.

    Args:
        tasks: Two tasks or more.
        updates: Updates of each run; every task takes part in each of them.
        seeds: The seeds.
    """
    config = base_config(tasks, "mean", 1000)
    config = config.model_copy(
        update={
            "name": "affinity",
            "capacity": config.capacity.model_copy(update={"width": _WIDTH}),
            "optimisation": config.optimisation.model_copy(update={"max_updates": updates}),
            "probes": config.probes.model_copy(
                update={"evaluate_every": max(1, updates // _EVALUATIONS)}
            ),
        }
    )
    names = [task.name for task in config.data.tasks]
    made = study_of(config).runs(
        config, seeds, lambda way, seed: f"affinity · {way_name(way, names)} · seed {seed}"
    )
    for way, seed in made:
        if way == ALL:
            made[way, seed] = made[way, seed].with_values(_probes(len(names), updates))
    return [((way, 0, seed), found) for (way, seed), found in made.items()]


def _probes(tasks: int, updates: int) -> dict[str, int]:
    """What the run of all tasks records; of many tasks an affinity costs as many losses squared."""
    many = tasks > _ALL_PAIRS
    return {
        "probes.affinity_every": max(EVERY, updates // 10) if many else EVERY,
        "probes.gram_every": EVERY // 2,
        "probes.embeddings_every": max(1, updates // 2),
        "probes.embeddings_examples": 50,
    }


def planned_groups(
    config: RunConfig, found: PairedRuns, groups: Iterable[Group]
) -> list[tuple[Role, RunConfig]]:
    """The runs that are missing to see what groups of tasks do, with the seeds that all have.

    Args:
        config: Settings of a run of all tasks.
        found: Its relatives, with these groups.
        groups: The groups; may be of several groupings.
    """
    names, wanted = [task.name for task in config.data.tasks], list(groups)
    ways = {ALL, APART, *(way_of(group, len(names)) for group in wanted)}
    bare = config.with_values(_SCORES_ONLY)
    made = study_of(config, wanted).runs(
        bare, found.seeds(ALL), lambda way, seed: f"groups · {way_name(way, names)} · seed {seed}"
    )
    return [
        ((way, 0, seed), each)
        for (way, seed), each in made.items()
        if way in ways and (way, seed) not in found.runs
    ]


def way_of(group: Group, tasks: int) -> str:
    """The way in which a group of tasks is trained: `all`, `apart` for one task, or its numbers."""
    if len(group) == 1:
        return APART
    return ALL if len(group) == tasks else "+".join(map(str, sorted(group)))


def way_name(way: str, tasks: Sequence[str]) -> str:
    """What a way is called: `all`, `apart`, or the names of its tasks."""
    if way in (ALL, APART):
        return way
    first, *others = (tasks[int(number)] for number in way.split("+"))
    return f"{first} and {others[0] if len(others) == 1 else f'{len(others)} others'}"


def can_be_grouped(config: RunConfig) -> bool:
    """Whether some of a run's tasks would be trained as long by themselves as with all."""
    fixed = config.optimisation.max_updates is not None
    return fixed and config.optimisation.scheduler in _JOINT and len(config.data.tasks) > 2


def study_of(config: RunConfig, groups: Iterable[Group] = ()) -> Study:
    """All tasks of a run on its encoder, each on its own, pairs of them, and chosen groups.

    Args:
        config: Settings of a run of all tasks.
        groups: The groups.
    """
    tasks = [task.model_dump(mode="json") for task in config.data.tasks]
    capacity = config.capacity
    shared = {
        "capacity.sharing": capacity.sharing,
        "capacity.sharing_options": capacity.sharing_options,
    }
    alone = {"capacity.sharing": "separate", "capacity.sharing_options": {}}
    every = {
        "data.tasks": tasks,
        "data.leak_from": [task.model_dump(mode="json") for task in config.data.leak_from],
    }
    ways = {ALL: {**every, **shared}, APART: {**every, **alone}}
    if can_be_grouped(config):
        for group in (*pairs(len(tasks)), *map(sorted, groups)):
            if 1 < len(group) < len(tasks):
                chosen = {
                    "data.tasks": [tasks[task] for task in group],
                    # What all tasks together leak is kept from a group as well: the same sentences.
                    "data.leak_from": [
                        task.model_dump(mode="json") for task in spared(config.data, group)
                    ],
                }
                ways[way_of(group, len(tasks))] = {**chosen, **shared}
    return Study(ways)


def pairs(tasks: int) -> list[tuple[int, int]]:
    """The pairs that are trained: all of up to eight tasks, of more two new partners for each.

    Which ones is drawn once for all, so that runs of other seeds and visitors have the same.
    """
    if tasks <= _ALL_PAIRS:
        return list(combinations(range(tasks), 2))
    ring = np.random.default_rng(tasks).permutation(tasks).tolist()
    found = {
        (min(one, other), max(one, other))
        for gap in (1, 2)
        for one, other in zip(ring, ring[gap:] + ring[:gap], strict=True)
    }
    return sorted(found)


def relatives(
    config: RunConfig, runs: Iterable[tuple[int, RunConfig]], groups: Iterable[Group] = ()
) -> PairedRuns:
    """The relatives of a run among others, itself among them.

    Args:
        config: Settings of the run with affinities.
        runs: Number and settings of finished runs, oldest first: of equal ones the newest counts.
        groups: Groups of its tasks that are looked for, beside pairs.
    """
    study = study_of(config, groups)
    found = study.experiments(reversed(list(runs)))
    return found.get(study.mark(config), PairedRuns((), {}))


def runs_with_affinity(store: Store) -> set[int]:
    """Numbers of the runs that recorded affinities."""
    query = "SELECT DISTINCT run FROM records WHERE kind = ?"
    with store.connections.reading() as connection:
        return {row[0] for row in connection.execute(query, (AffinityRecord.kind,))}


def affinities(store: Store, run: int) -> tuple[NDArray[np.int64], Array]:
    """Updates at which a run recorded affinities, (T,), and these, (T, K, K)."""
    records = [record for _, record in store.records(run, kinds=(AffinityRecord.kind,))]
    updates = np.array([record.update for record in records], dtype=np.int64)
    return updates, np.array([record.affinity for record in records], dtype=np.float64)


def late_cosines(store: Store, run: int) -> Array:
    """Cosines of the tasks' gradients at the updates of the second half of training, (T, K, K).

    Early on, heads that no training has turned yet decide which way a task pulls. None of them
    where no gradients were recorded; NaN where two tasks were not due together.
    """
    grams = store.steps_array(run, max_points=_MOST_STEPS).gram
    known = grams[np.isfinite(grams).any(axis=(1, 2))]
    return cosines(known[len(known) // 2 :])


def late_similarity(store: Store, run: int) -> Array | None:
    """How alike the tasks' texts look to the encoder in the last snapshot, 0 to 1, (K, K).

    The cosine between the tasks' covariances; None where no embeddings were recorded.
    """
    snapshots = [record for _, record in store.records(run, kinds=(Snapshot.kind,))]
    if not snapshots:
        return None
    return normalised(
        similarity_matrix([spectrum(each, centred=True) for each in snapshots[-1].embeddings])
    )


def measured_transfer(
    found: PairedRuns, result_of: Callable[[int], RunResult | None], tasks: int
) -> list[Measured]:
    """What every pair did to each of its tasks; without pairs what all did, against apart.

    Args:
        found: The relatives.
        result_of: The result of a run; None if it has none.
        tasks: Number of tasks.
    """
    every = range(tasks)
    pairs = [(task, (other,)) for task in every for other in every if task != other]
    all_others = [(task, tuple(other for other in every if other != task)) for task in every]
    return _measured(pairs, found, result_of, tasks) or _measured(
        all_others, found, result_of, tasks
    )


def measured_in_groups(
    found: PairedRuns, groups: Sequence[Group], result_of: Callable[[int], RunResult | None]
) -> list[Measured]:
    """What the others of its group did to each task; nothing of a task that is alone in its group.

    Args:
        found: The relatives, with these groups.
        groups: The groups, every task in one.
        result_of: The result of a run; None if it has none.
    """
    wanted = [
        (task, tuple(other for other in group if other != task))
        for group in groups
        for task in group
        if len(group) > 1
    ]
    return _measured(wanted, found, result_of, sum(map(len, groups)))


def grouping_scores(
    found: PairedRuns, groups: Sequence[Group], result_of: Callable[[int], RunResult | None]
) -> dict[int, float]:
    """Mean score of all tasks when each group is trained by itself, of the seeds that have all.

    Args:
        found: The relatives, with these groups.
        groups: The groups, every task in one.
        result_of: The result of a run; None if it has none.
    """
    tasks = sum(map(len, groups))
    each = [_scores(found, group, task, result_of, tasks) for group in groups for task in group]
    seeds = set.intersection(*map(set, each))
    return {seed: float(np.mean([one[seed] for one in each])) for seed in sorted(seeds)}


def _measured(
    wanted: Iterable[Company],
    found: PairedRuns,
    result_of: Callable[[int], RunResult | None],
    tasks: int,
) -> list[Measured]:
    measured = []
    for task, company in wanted:
        together = _scores(found, (task, *company), task, result_of, tasks)
        alone = _scores(found, (task,), task, result_of, tasks)
        change = paired_transfer(together, alone)
        if change is not None:
            seeds = {
                seed: 100 * (together[seed] - alone[seed]) for seed in together if seed in alone
            }
            measured.append(Measured(task, company, change, seeds))
    return measured


def _scores(
    found: PairedRuns,
    group: Group,
    task: int,
    result_of: Callable[[int], RunResult | None],
    tasks: int,
) -> dict[int, float]:
    """The scores of one task in the runs of its group, by seed."""
    way = way_of(group, tasks)
    place = task if way == APART else sorted(group).index(task)
    results = {seed: result_of(found.runs[way, seed]) for seed in found.seeds(way)}
    return {seed: result.scores[place] for seed, result in results.items() if result is not None}
