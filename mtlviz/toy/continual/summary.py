"""Trained methods boiled down to what a page shows: numbers with intervals, the matrix, curves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.score_matrix import ContinualScores, continual_scores
from mtlviz.engine.measures.transfer import Transfer, paired_interval, transfer
from mtlviz.toy.continual.film import film
from mtlviz.toy.continual.program import ContinualResult, train
from mtlviz.toy.continual.settings import ContinualToyConfig

Array = NDArray[np.float64]
BASELINE, REFERENCE = "sequential", "joint"


@dataclass(frozen=True)
class Number:
    """A mean over seeds with its 95 % interval, in points; NaN where there is none."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class MethodSummary:
    """What is said of one method.

    Attributes:
        name: Its name in the registry.
        numbers: Every number of the score matrix, by its name, over the seeds.
        gain: Average score less that of sequential training, paired; None for itself.
        gap: Average score less that of joint training, paired; None for itself.
        lost: What later steps did to the tasks learned before, paired with when they were learned;
            None where that means nothing or training diverged.
        scores: R's mean over seeds, shape (steps, T), as a share.
        changes: Change since a task was learned, or before that since the untrained model, in
            points, shape (steps, T); 0 on the step in which it was learned.
        half: Half the 95 % interval of the changes, shape (steps, T).
        examples: Examples kept when all tasks but the last are learned.
        stored: Numbers kept beside the model.
    """

    name: str
    numbers: Mapping[str, Number]
    gain: Transfer | None
    gap: Transfer | None
    lost: Transfer | None
    scores: Array
    changes: Array
    half: Array
    examples: int
    stored: int


@dataclass(frozen=True)
class ContinualSummary:
    """What a page shows of one scenario.

    Attributes:
        config: The settings.
        film: The payload of the film, with a panel for every method.
        opening: The same, its first frame alone.
        steps: Updates at each frame, shape (F,).
        switches: Updates at which each step begins, shape (steps,).
        methods: What is said of each method, in the registry's order.
        averages: Average score of each method at the end, a share for each seed, shape (S,).
        curves: By method and task (−1: the mean of the tasks that have arrived), the held-out
            score over the frames with the ends of its interval, each of shape (F,).
    """

    config: ContinualToyConfig
    film: dict[str, Any]
    opening: dict[str, Any]
    steps: NDArray[np.int64]
    switches: NDArray[np.int64]
    methods: Mapping[str, MethodSummary]
    averages: Mapping[str, Array]
    curves: Mapping[tuple[str, int], tuple[Array, Array, Array]]

    @property
    def best(self) -> str:
        """The method with the best average score among those that do not keep everything."""
        averages = {
            name: found.numbers["average"].mean
            for name, found in self.methods.items()
            if name != REFERENCE and np.isfinite(found.numbers["average"].mean)
        }
        return max(averages, key=averages.__getitem__, default=BASELINE)


def summarise(config: ContinualToyConfig) -> ContinualSummary:
    """Train every method in a scenario and keep what a page shows."""
    result = train(config)
    joint = result.matrices[result.methods.index(REFERENCE), :, -1]
    scores = continual_scores(result.matrices, config.learned, result.untrained, joint)
    return ContinualSummary(
        config,
        film(result, result.methods),
        film(result, result.methods, frames=1),
        result.steps,
        np.arange(len(config.phases)) * config.steps,
        {name: _method(result, scores, place) for place, name in enumerate(result.methods)},
        dict(zip(result.methods, scores.average, strict=True)),
        {(name, task): _curve(result, place, task)
         for place, name in enumerate(result.methods) for task in range(-1, config.tasks)},
    )  # fmt: skip


def _method(result: ContinualResult, scores: ContinualScores, place: int) -> MethodSummary:
    config, name = result.config, result.methods[place]
    numbers = {
        field: Number(*(float(end) for end in paired_interval(100 * getattr(scores, field)[place])))
        for field in ("average", "backward", "forward", "forgetting", "learning", "gap",
                      "intransigence")
    }  # fmt: skip
    recipe, matrix = config.recipe(name), result.matrices[place]
    changes, half = _changes(matrix, result.untrained, config.learned)
    old = len(config.phases[-1])
    shared = 3 * config.capacity + (config.capacity + 1 if config.one_head else 0)
    examples, stored = recipe.kept(config.tasks - old, shared, (config.tasks - old) * config.points)
    learned = matrix[:, config.learned, range(config.tasks)]
    old_tasks = np.array(config.learned) < len(config.phases) - 1
    return MethodSummary(
        name, numbers,
        _against(result, scores, place, BASELINE), _against(result, scores, place, REFERENCE),
        None if recipe.everything else _difference(
            matrix[:, -1, old_tasks].mean(axis=-1), learned[:, old_tasks].mean(axis=-1)
        ),
        matrix.mean(axis=0), changes, half, examples, stored,
    )  # fmt: skip


def _against(
    result: ContinualResult, scores: ContinualScores, place: int, other: str
) -> Transfer | None:
    """The average score less another method's, paired over seeds."""
    against = result.methods.index(other)
    if place == against:
        return None
    return _difference(scores.average[place], scores.average[against])


def _difference(one: Array, other: Array) -> Transfer | None:
    known = np.isfinite(one).all() and np.isfinite(other).all()
    return transfer(one, other) if known else None


def _changes(matrix: Array, untrained: Array, learned: tuple[int, ...]) -> tuple[Array, Array]:
    """Change of every cell of R against the score it is compared with, and half its interval."""
    tasks = np.arange(len(learned))
    since = matrix[:, learned, tasks]
    late = np.arange(matrix.shape[1])[:, None] >= np.array(learned)
    base = np.where(late, since[:, None], untrained[:, None])
    mean, low, high = paired_interval(np.moveaxis(100 * (matrix - base), 0, -1))
    return mean, (high - low) / 2


def _curve(result: ContinualResult, place: int, task: int) -> tuple[Array, Array, Array]:
    values = result.accuracy[:, :, place]
    if task >= 0:
        return paired_interval(values[:, task])
    config = result.config
    # A frame at the end of a step still belongs to it.
    step = np.maximum(result.steps - 1, 0) // config.steps
    arrived = np.array(config.learned)[None] <= step[:, None]
    mean = (values * arrived[..., None]).sum(axis=1) / arrived.sum(axis=1)[:, None]
    return paired_interval(mean)
