"""Lookahead affinities of stored runs, and the runs that show what transfer really was.

A run with affinity records shares one encoder among all its tasks. Its relatives have the same
settings but for the seed, the tasks, or the sharing: other seeds, every task with an encoder of its
own, and every pair of its tasks. Pairs count only where every task takes part in every update and
the number of updates is fixed, so that each task trains equally long with any company.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.measures.transfer import Transfer, transfer
from mtlviz.engine.records import AffinityRecord
from mtlviz.runs.capacity_study import base_config
from mtlviz.runs.results import RunResult
from mtlviz.runs.store import Store
from mtlviz.runs.study import Role

Array = NDArray[np.float64]
KIND = "affinity"
ALL, APART = "all", "apart"
EVERY = 10
"""The paper takes affinities every ten updates."""
_WIDTH = 30
_EVALUATIONS = 10
_JOINT = ("joint", "joint_fill_up")
_FREE = ("name", "seed", "version", "device")


@dataclass(frozen=True)
class Relatives:
    """Runs that belong to a run with affinities, by seed and then by what they train.

    Attributes:
        by_seed: For each seed the number of the run that trains `ALL` tasks on one encoder, all
            `APART`, or the tasks "i+j" (numbers in the run of all).
    """

    by_seed: Mapping[int, Mapping[str, int]]

    def of(self, way: str) -> list[int]:
        """The runs of one way, in the order of their seeds."""
        return [runs[way] for _, runs in sorted(self.by_seed.items()) if way in runs]


@dataclass(frozen=True)
class Measured:
    """What company did to a task, beside what affinity had said.

    Attributes:
        task: Number of the task.
        company: Numbers of the tasks it was trained with.
        found: The change of its score, paired over seeds, in points.
    """

    task: int
    company: tuple[int, ...]
    found: Transfer


def planned(
    tasks: Sequence[TaskConfig], updates: int, seeds: Sequence[int]
) -> list[tuple[Role, RunConfig]]:
    """The runs that give affinities and measured transfer: all tasks, each apart, every pair.

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
    return [run for seed in seeds for run in _of_seed(config, seed)]


def _of_seed(config: RunConfig, seed: int) -> list[tuple[Role, RunConfig]]:
    ways = ways_of(config)
    probes = config.probes.model_copy(update={"affinity_every": EVERY})
    ways[ALL] = ways[ALL].model_copy(update={"probes": probes})
    names = [task.name for task in config.data.tasks]
    return [
        ((way, 0, seed), found.model_copy(update={"seed": seed, "name": _name(way, names, seed)}))
        for way, found in ways.items()
    ]


def _name(way: str, tasks: Sequence[str], seed: int) -> str:
    return f"affinity · {way_name(way, tasks)} · seed {seed}"[:120]


def way_name(way: str, tasks: Sequence[str]) -> str:
    """What a way is called: `all`, `apart`, or the names of two tasks."""
    if way in (ALL, APART):
        return way
    return " and ".join(tasks[int(number)] for number in way.split("+"))


def ways_of(config: RunConfig) -> dict[str, RunConfig]:
    """The settings of a run and of its relatives, but for seed and name, by way."""
    capacity = config.capacity.model_copy(update={"sharing": "separate", "sharing_options": {}})
    found = {ALL: config, APART: config.model_copy(update={"capacity": capacity})}
    fixed = config.optimisation.max_updates is not None
    if fixed and config.optimisation.scheduler in _JOINT and len(config.data.tasks) > 2:
        for pair in combinations(range(len(config.data.tasks)), 2):
            tasks = tuple(config.data.tasks[number] for number in pair)
            data = config.data.model_copy(update={"tasks": tasks})
            found["+".join(map(str, pair))] = config.model_copy(update={"data": data})
    return found


def relatives(config: RunConfig, runs: Iterable[tuple[int, RunConfig]]) -> Relatives:
    """The relatives of a run among others, itself among them.

    Args:
        config: Settings of the run with affinities.
        runs: Number and settings of finished runs, oldest first: of equal ones the newest counts.
    """
    ways = {_mark(found): way for way, found in ways_of(config).items()}
    by_seed: dict[int, dict[str, int]] = {}
    for number, other in runs:
        way = ways.get(_mark(other))
        if way is not None:
            by_seed.setdefault(other.seed, {})[way] = number
    return Relatives(by_seed)


def _mark(config: RunConfig) -> str:
    """What relatives of one way have in common: all but seed, name, and what is only observed."""
    values = config.model_dump(mode="json", exclude=set(_FREE))
    values["probes"] = config.probes.evaluate_every
    return json.dumps(values, sort_keys=True)


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


def measured_transfer(
    found: Relatives, result_of: Callable[[int], RunResult | None], tasks: int
) -> list[Measured]:
    """What every pair did to each of its tasks; without pairs what all did, against apart.

    Args:
        found: The relatives.
        result_of: The result of a run; None if it has none.
        tasks: Number of tasks.
    """
    pairs = [
        (task, (company,), "+".join(map(str, sorted((task, company)))))
        for task in range(tasks)
        for company in range(tasks)
        if task != company
    ]
    everything = [
        (task, tuple(other for other in range(tasks) if other != task), ALL)
        for task in range(tasks)
    ]
    return _measured(pairs, found, result_of) or _measured(everything, found, result_of)


def _measured(
    wanted: Iterable[tuple[int, tuple[int, ...], str]],
    found: Relatives,
    result_of: Callable[[int], RunResult | None],
) -> list[Measured]:
    measured = []
    for task, company, way in wanted:
        scores = [
            each
            for runs in found.by_seed.values()
            if way in runs
            and APART in runs
            and (each := _scores(task, company, result_of(runs[way]), result_of(runs[APART])))
        ]
        if scores:
            together, apart = zip(*scores, strict=True)
            measured.append(Measured(task, company, transfer(together, apart)))
    return measured


def _scores(
    task: int, company: tuple[int, ...], together: RunResult | None, apart: RunResult | None
) -> tuple[float, float] | None:
    """A task's score in company and apart; None where one of them is not known."""
    if together is None or apart is None:
        return None
    place = sorted((task, *company)).index(task)
    scores = together.scores[place], apart.scores[task]
    return scores if np.isfinite(scores).all() else None
