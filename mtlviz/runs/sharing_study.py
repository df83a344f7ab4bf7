"""A study of ways of sharing: parameters against score, every way at several step sizes.

Each way, step size and seed is one run of all tasks; "separate" is every task alone. The step size
of a seed is chosen by the other seeds (`tuned_scores`), for tasks alone one for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.counts import counted
from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.measures.transfer import Transfer, paired_transfer
from mtlviz.engine.measures.tuned_scores import tuned_scores
from mtlviz.engine.models.sharing import SHARING
from mtlviz.runs.capacity_study import base_config
from mtlviz.runs.results import RunResult
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import Role, new_study, studies
from mtlviz.runs.study import Study

KIND = "sharing"
ALONE = "separate"
FACTORS = (1.0, 3.0, 9.0, 1 / 3, 27.0, 1 / 9, 81.0)
"""Step sizes that are tried, as multiples of the first."""
_PRETRAINED_RATE, _HEAD_FACTOR = 1e-4, 10.0
Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Arm:
    """One way of sharing, as far as its runs are finished.

    Attributes:
        scores: Of S seeds and K tasks at the step sizes chosen, (S, K).
        rates: Step sizes chosen, each once, rising.
        at_end: Whether one of them is the largest or smallest tried, of two or more.
        differences: What each task scores more than alone, in points; None where nothing is known.
        mean: The same of the mean over tasks.
    """

    scores: Scores
    rates: tuple[float, ...]
    at_end: bool
    differences: tuple[Transfer | None, ...]
    mean: Transfer | None


def base(
    tasks: Sequence[TaskConfig], epochs: int, examples: int | None, checkpoint: str = ""
) -> RunConfig:
    """What all runs of a study have in common.

    Args:
        tasks: The tasks.
        epochs: Passes over the largest task's training examples; smaller tasks start over.
        examples: Training examples of each task, all if None.
        checkpoint: A pretrained encoder; a small encoder of two layers where empty.
    """
    config = base_config(tasks, "mean", epochs, examples)
    if not checkpoint:
        small = {"capacity.depth": 2, "capacity.width": 16, "capacity.vector_width": 32}
        return config.with_values(small | {"name": "sharing study"})
    return config.with_values({
        "name": "sharing study", "capacity.encoder": "checkpoint",
        "capacity.checkpoint": checkpoint, "data.batch_size": 16, "data.max_length": 64,
        "optimisation.learning_rate": _PRETRAINED_RATE,
        "optimisation.head_learning_rate": _HEAD_FACTOR * _PRETRAINED_RATE,
    })  # fmt: skip


def planned(
    config: RunConfig, ways: Sequence[str], rates: int, seeds: Sequence[int]
) -> list[tuple[Role, RunConfig]]:
    """The runs of a study, seed by seed.

    Args:
        config: What they have in common.
        ways: Ways of sharing, by name; every task alone is always among them.
        rates: How many step sizes each way is tried at.
        seeds: The seeds.
    """
    chosen = config.optimisation
    heads = chosen.head_learning_rate
    study = Study({
        (way, number): {
            "capacity.sharing": way,
            "capacity.sharing_options": {},
            "optimisation.learning_rate": factor * chosen.learning_rate,
            "optimisation.head_learning_rate": None if heads is None else factor * heads,
        }
        for way in dict.fromkeys([ALONE, *ways])
        for number, factor in enumerate(FACTORS[:rates])
    })  # fmt: skip
    made = study.runs(
        config, seeds,
        lambda way, seed: f"{config.name} · {way[0]} · rate {way[1] + 1} · seed {seed}",
    )  # fmt: skip
    return [((*way, seed), found) for (way, seed), found in made.items()]


def stored_as_study(store: Store, title: str, runs: Sequence[int]) -> int:
    """The number of the study of these runs, whose ways and step sizes are those of their settings.

    Args:
        store: The store.
        title: What the study is called where there is none of just these runs.
        runs: Numbers of runs that differ in way of sharing, step size and seed alone.
    """
    for study in studies(store, KIND):
        if set(study.runs.values()) == set(runs):
            return study.id
    tried: dict[str, list[float]] = {}
    roles: dict[Role, int] = {}
    for run in runs:
        config = store.config(run)
        way, rate = config.capacity.sharing, config.optimisation.learning_rate
        rates = tried.setdefault(way, [])
        if rate not in rates:
            rates.append(rate)
        roles[way, rates.index(rate), config.seed] = run
    return new_study(store, KIND, title, roles).id


def arms(
    roles: Mapping[Role, int],
    results: Mapping[int, RunResult],
    rates: Mapping[Role, float],
    tasks: int,
) -> dict[str, Arm]:
    """Every way of sharing as far as its runs are finished, against every task alone.

    Args:
        roles: Number of the run of each role.
        results: Results of finished runs, by number.
        rates: The step size of each role's run.
        tasks: Number of tasks.
    """
    seeds = sorted({seed for _, _, seed in roles})
    tried = sorted({number for _, number, _ in roles})
    ways = list(dict.fromkeys(way for way, _, _ in roles))
    scores = {way: np.full((len(tried), len(seeds), tasks), np.nan) for way in ways}
    for (way, number, seed), run in roles.items():
        if run in results:
            scores[way][tried.index(number), seeds.index(seed)] = results[run].scores
    tuned = {way: tuned_scores(each, each_task=way == ALONE) for way, each in scores.items()}
    named = {(way, tried.index(number)): rate for (way, number, _), rate in rates.items()}
    alone = tuned[ALONE][0]
    return {
        way: _arm(
            found, alone, [named[way, n] for n in np.unique(which[which >= 0]).tolist()],
            [rate for (of, _), rate in named.items() if of == way],
        )
        for way, (found, which) in tuned.items()
    }  # fmt: skip


def _arm(found: Scores, alone: Scores, chosen: Sequence[float], tried: Sequence[float]) -> Arm:
    ends = {min(tried), max(tried)} if len(set(tried)) > 1 else set()
    each = tuple(_paired(found[:, task], alone[:, task]) for task in range(found.shape[1]))
    mean = _paired(found.mean(axis=1), alone.mean(axis=1))
    return Arm(found, tuple(sorted(set(chosen))), not ends.isdisjoint(chosen), each, mean)


def _paired(one: Scores, other: Scores) -> Transfer | None:
    return paired_transfer(dict(enumerate(one.tolist())), dict(enumerate(other.tolist())))


def way_title(way: str) -> str:
    """What a way of sharing is called in a picture."""
    return "alone" if way == ALONE else SHARING[way].title


def study_name(tasks: Sequence[str], ways: Sequence[str], seeds: int) -> str:
    """A name for a study that nobody has named."""
    return f"{', '.join(tasks)} · {counted(len(ways), 'way')} · {counted(seeds, 'seed')}"[:200]
