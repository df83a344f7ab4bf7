"""Runs that differ in one method and the seed alone, and what the method changes between them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.transfer import Transfer, transfer

EMBEDDINGS_EVERY = 25
_FREE = ("name", "seed", "probes", "device", "version")


@dataclass(frozen=True)
class Question:
    """Which ways of training are compared.

    Attributes:
        ways: What each way is called, by key.
        compared: Pairs of ways whose difference is told; the first pair makes the verdicts.
        way_of: The way that a run takes; any other text for none.
        without_way: Takes out of settings, given as dictionaries, what makes the way.
    """

    ways: Mapping[str, str]
    compared: Sequence[tuple[str, str]]
    way_of: Callable[[RunConfig], str]
    without_way: Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Group:
    """Runs of one experiment.

    Attributes:
        name: Names of its tasks.
        runs: Number of the run of each way and seed.
    """

    name: str
    runs: Mapping[tuple[str, int], int]

    def seeds(self, way: str) -> list[int]:
        """Seeds that this way was run with."""
        return sorted(seed for name, seed in self.runs if name == way)


def groups(question: Question, configs: Iterable[tuple[int, RunConfig]]) -> list[Group]:
    """Experiments in which the first compared way was run beside another, newest first.

    Args:
        question: The ways.
        configs: Number and settings of each run, newest first.
    """
    found: dict[str, dict[tuple[str, int], int]] = {}
    names: dict[str, str] = {}
    for run, config in configs:
        way = question.way_of(config)
        if way not in question.ways or len(config.data.tasks) < 2:
            continue
        mark = _mark(question, config)
        names.setdefault(mark, ", ".join(task.name for task in config.data.tasks))
        # The newest of equal runs counts.
        found.setdefault(mark, {}).setdefault((way, config.seed), run)
    wanted = question.compared[0][0]
    ways = {mark: {way for way, _ in runs} for mark, runs in found.items()}
    return [
        Group(names[mark], runs)
        for mark, runs in found.items()
        if wanted in ways[mark] and len(ways[mark]) > 1
    ]


def _mark(question: Question, config: RunConfig) -> str:
    """What two runs of one experiment have in common."""
    values = config.model_dump(mode="json")
    for name in _FREE:
        del values[name]
    question.without_way(values)
    return json.dumps(values, sort_keys=True)


def difference(group: Group, scores: Mapping[int, float], way: str, other: str) -> Transfer | None:
    """One way less the other over the seeds that both have scores for; None without any.

    Args:
        group: The experiment.
        scores: One task's score in each finished run, by number.
        way: First way.
        other: Second way.
    """
    seeds = [
        seed
        for seed in group.seeds(way)
        if group.runs[way, seed] in scores and group.runs.get((other, seed)) in scores
    ]
    if not seeds:
        return None
    first, second = ([scores[group.runs[name, seed]] for seed in seeds] for name in (way, other))
    return transfer(first, second)
