"""A study: some settings at some values, each with the same seeds, all else equal.

Its runs are made from any settings, and found again among stored runs by what these were trained
with, whoever began them. Differences between two ways are paired over the seeds that both have.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.transfer import Transfer, paired_transfer
from mtlviz.runs.signature import OBSERVED, signature

Way = Hashable
Changes = Mapping[str, Any]
FREE = (*OBSERVED, "device")
"""What runs of one experiment may differ in, beside name, seed and way."""
LONGEST_NAME = 120


@dataclass(frozen=True)
class Study:
    """Which ways of training are compared.

    Attributes:
        ways: What each way sets, by dotted place, as JSON has it.
        free: Further places at which runs of one experiment may differ, beside the seed.
    """

    ways: Mapping[Way, Changes]
    free: tuple[str, ...] = FREE

    def runs(
        self, base: RunConfig, seeds: Iterable[int], name_of: Callable[[Way, int], str]
    ) -> dict[tuple[Way, int], RunConfig]:
        """The runs to make, seed by seed, so that the first answers are there early.

        Args:
            base: What all have in common.
            seeds: The seeds.
            name_of: The name of the run of a way and seed.

        Raises:
            ConfigError: If a value is not allowed.
        """
        return {
            (way, seed): base.with_values(
                {**changes, "seed": seed, "name": name_of(way, seed)[:LONGEST_NAME]}
            )
            for seed in seeds
            for way, changes in self.ways.items()
        }

    def way_of(self, config: RunConfig) -> Way | None:
        """The way that a run takes; None for none of these."""
        values = config.model_dump(mode="json")
        taken = (
            way
            for way, changes in self.ways.items()
            if all(_at(values, place) == value for place, value in changes.items())
        )
        return next(taken, None)

    def mark(self, config: RunConfig) -> str:
        """What the runs of one experiment have in common: all but the way and the seed."""
        places = (place for changes in self.ways.values() for place in changes)
        return signature(config, "seed", *self.free, *places)

    def experiments(self, runs: Iterable[tuple[int, RunConfig]]) -> dict[str, "PairedRuns"]:
        """The experiments among stored runs, by mark; of equal runs the first one counts.

        Args:
            runs: Number and settings of each run, those that count first.
        """
        found: dict[str, PairedRuns] = {}
        for run, config in runs:
            way = self.way_of(config)
            if way is not None:
                tasks = tuple(task.name for task in config.data.tasks)
                experiment = found.setdefault(self.mark(config), PairedRuns(tasks, {}))
                experiment.runs.setdefault((way, config.seed), run)
        return found


@dataclass(frozen=True)
class PairedRuns:
    """The runs of one experiment.

    Attributes:
        tasks: Names of the tasks of the first of them.
        runs: Number of the run of each way and seed.
    """

    tasks: tuple[str, ...]
    runs: dict[tuple[Way, int], int]

    def seeds(self, way: Way) -> list[int]:
        """Seeds that this way was run with, rising."""
        return sorted(seed for name, seed in self.runs if name == way)

    def of(self, way: Way) -> list[int]:
        """The runs of one way, in the order of their seeds."""
        return [self.runs[way, seed] for seed in self.seeds(way)]

    def scores(self, way: Way, known: Mapping[int, float]) -> dict[int, float]:
        """The scores of a way by seed, as far as they are known.

        Args:
            way: The way.
            known: One task's score in each finished run, by number.
        """
        numbers = {seed: self.runs[way, seed] for seed in self.seeds(way)}
        return {seed: known[run] for seed, run in numbers.items() if run in known}

    def difference(self, known: Mapping[int, float], way: Way, other: Way) -> Transfer | None:
        """One way less the other over the seeds that both have scores for; None without any."""
        return paired_transfer(self.scores(way, known), self.scores(other, known))


def _at(values: Any, place: str) -> Any:
    """The value at a dotted place; None where there is none."""
    for name in place.split("."):
        values = values[int(name)] if isinstance(values, list) else values.get(name)
    return values
