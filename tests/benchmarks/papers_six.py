"""Six sentence sets at several capacities, with and without leaked examples: the runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from zlib import crc32

import numpy as np

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    OptimisationConfig,
    RunConfig,
    TaskConfig,
    single_task,
)
from mtlviz.engine.presets import SENTENCE_SETS
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import Task, load_tasks
from mtlviz.engine.tasks.leakage import drop_leaked
from mtlviz.engine.tasks.splitting import take
from tests.benchmarks.papers_jobs import QUIET, Job

SIX = tuple(TaskConfig(name=name, source="folder", path=name) for name in SENTENCE_SETS)
WIDTHS = (5, 20, 100, 500)
ARMS = ("with", "without")
"""Training examples that also stand in an evaluation split: as they come, or replaced."""


@dataclass(frozen=True)
class Sizes:
    """How much is trained.

    Attributes:
        examples: Training examples of each task, fewer where the cleaned set is smaller.
        epochs: Passes over them.
        learning_rate: Step size.
        seeds: Number of seeds.
        widths: Capacities.
        alone: Tasks that are also trained alone.
    """

    examples: int
    epochs: int
    learning_rate: float
    seeds: int
    widths: tuple[int, ...] = WIDTHS
    alone: tuple[str, ...] = SENTENCE_SETS


PARTS = {
    "mean": Sizes(2000, 4, 1e-2, 3),
    # A small sample holds few of the leaked sentences, so the leak is also measured on whole sets.
    "leak": Sizes(10_000, 3, 1e-2, 5, (100,), ("sst2_sent", "mr")),
    "cnn": Sizes(1000, 3, 1e-2, 3),
    "lstm": Sizes(1000, 3, 1e-2, 3),
}


def six_config(part: str, width: int, seed: int) -> RunConfig:
    """The six sets share one encoder."""
    sizes = PARTS[part]
    return RunConfig(
        name=f"six-{part}",
        seed=seed,
        data=DataConfig(tasks=SIX, batch_size=32, max_length=48),
        capacity=CapacityConfig(
            encoder="mean" if part == "leak" else part, width=width, vector_width=50
        ),
        optimisation=OptimisationConfig(
            scheduler="proportional",
            epochs=sizes.epochs,
            learning_rate=sizes.learning_rate,
            weight_decay=0.0,
            warmup=0.0,
        ),
        probes=QUIET,
        device="cpu",
    )


@lru_cache(maxsize=1)
def whole_sets() -> tuple[tuple[Task, ...], tuple[Task, ...]]:
    """The six sets as they are, and without examples that any evaluation split of them holds."""
    whole = load_tasks(DataConfig(tasks=SIX), generator(0, DATA))
    return whole, drop_leaked(whole)


@lru_cache(maxsize=2)
def six_tasks(limit: int, seed: int, arm: str) -> tuple[Task, ...]:
    """The six sets at a size that both arms can have."""
    return tuple(
        drawn(task, cleaned, limit, seed, arm) for task, cleaned in zip(*whole_sets(), strict=True)
    )


def drawn(task: Task, cleaned: Task, limit: int, seed: int, arm: str) -> Task:
    """A task's training examples in one arm; the arms differ in the leaked ones alone.

    One random order decides for both: the arm with the leak takes the first examples, the arm
    without it the first that are not leaked, equally many. So every leaked example of the first is
    replaced in the second by one that is not leaked, and all else stays.
    """
    train, kept = task.splits["train"], set(cleaned.splits["train"].ids)
    order = np.random.default_rng([seed, crc32(task.name.encode())]).permutation(len(train))
    if arm == "without":
        order = np.array([position for position in order if train.ids[position] in kept])
    chosen = take(train, np.sort(order[: min(limit, len(kept))]))
    return replace(task, splits={**task.splits, "train": chosen})


def six_jobs(parts: Sequence[str]) -> Iterator[Job]:
    """Together and each alone, for every capacity, arm and seed."""
    for part in parts:
        for seed in range(PARTS[part].seeds):
            for width in PARTS[part].widths:
                for arm in ARMS:
                    yield from _six_cell(part, width, seed, arm)


def _six_cell(part: str, width: int, seed: int, arm: str) -> Iterator[Job]:
    limit = PARTS[part].examples
    config = six_config(part, width, seed)
    common = {"experiment": "six", "part": part, "width": width, "seed": seed, "arm": arm}
    key = {**common, "method": "together"}
    yield Job(key, config, lambda: six_tasks(limit, seed, arm), test=True)
    for name in PARTS[part].alone:
        number = SENTENCE_SETS.index(name)
        yield Job(
            {**common, "method": f"{name} alone"},
            single_task(config, number),
            lambda number=number: six_tasks(limit, seed, arm)[number : number + 1],
            test=True,
        )
