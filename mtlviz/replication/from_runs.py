"""An experiment's numbers, from its stored runs: scores, and differences paired over seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.transfer import Transfer, paired_interval, paired_transfer
from mtlviz.engine.records import EvalRecord
from mtlviz.replication.experiment import Found, Role, Table, Value
from mtlviz.runs.flat_settings import without_folders
from mtlviz.runs.signature import signature
from mtlviz.runs.store import Store

ALONE = "alone"
LAST = (
    "Scores here are those after the last update, which nothing has chosen; Compare takes each "
    "run's best evaluation, so numbers there differ a little."
)
"""What is to be known of numbers made by `found` where their runs open."""
_WORDS = {"helps": "higher", "hurts": "lower", "undecided": "cannot be told from zero"}


@dataclass(frozen=True)
class Scored:
    """A run's last scores: no choice of a best moment flatters them.

    Attributes:
        way: How it was trained.
        seed: Its seed.
        scores: Score of each task.
        metrics: Metric of each task.
    """

    way: str
    seed: int
    scores: Mapping[str, float]
    metrics: Mapping[str, str]


def found(store: Store, ways: Mapping[int, str]) -> Found:
    """What the runs of an experiment score.

    Args:
        store: The store.
        ways: How each of its runs was trained, ALONE among them, by number.
    """
    numbers = list(ways)
    scored = {run: _scored(store, run, way) for run, way in ways.items()}
    known = [each for each in scored.values() if each is not None]
    scores = _by_place(known)
    metrics = {task: metric for each in known for task, metric in each.metrics.items()}
    together = [run for run, each in scored.items() if each is not None and each.way != ALONE]
    return Found(
        values_of(scores, metrics),
        _tables(scores),
        settings=without_folders(store.config(together[0]).model_dump(mode="json")),
        # The runs of several tasks come first: they are what one looks at.
        runs=[*together, *(run for run in numbers if run not in together)],
    )


def ways_of(store: Store, made: Mapping[Role, RunConfig], numbers: Sequence[int]) -> dict[int, str]:
    """The way of each run by its signature: a run may have got another name since.

    Args:
        store: The store.
        made: What the experiment's runs are made from.
        numbers: The runs; those that are none of these train a task alone.
    """
    known = {signature(config): way for (way, _), config in made.items()}
    return {run: known.get(signature(store.config(run)), ALONE) for run in numbers}


def _scored(store: Store, run: int, way: str) -> Scored | None:
    config = store.config(run)
    kept = [each for _, each in store.records(run, kinds=("evaluation",))]
    last = kept[-1] if kept else None
    if not isinstance(last, EvalRecord):
        return None
    names = [task.name for task in config.data.tasks]
    metrics = dict(zip(names, store.run(run).metrics or (), strict=False))
    scores = dict(zip(names, map(float, last.scores), strict=True))
    return Scored(way, config.seed, scores, metrics)


def _by_place(scored: Sequence[Scored]) -> dict[tuple[str, str], dict[int, float]]:
    """Scores by way and task, then seed; of several alone runs of a task the first counts."""
    places: dict[tuple[str, str], dict[int, float]] = {}
    for each in scored:
        for task, score in each.scores.items():
            places.setdefault((each.way, task), {}).setdefault(each.seed, score)
    return places


def values_of(
    scores: Mapping[tuple[str, str], Mapping[int, float]], metrics: Mapping[str, str]
) -> dict[str, Value]:
    """Means over seeds, averages over tasks, and differences from each task alone, by name.

    Args:
        scores: Scores by way and task, then seed.
        metrics: Metric of each task.
    """
    values = {
        f"{way}/{task}": mean_of(list(by_seed.values()), metrics.get(task, ""))
        for (way, task), by_seed in scores.items()
    }
    for way in dict.fromkeys(way for way, _ in scores):
        tasks = [by_seed for (one, _), by_seed in scores.items() if one == way]
        seeds = set.intersection(*(set(each) for each in tasks))
        averages = [float(np.mean([each[seed] for each in tasks])) for seed in sorted(seeds)]
        if way != ALONE and averages:
            values[f"{way}/average"] = mean_of(averages, "average")
    for (way, task), by_seed in scores.items():
        difference = paired_transfer(by_seed, scores.get((ALONE, task), {}))
        if way != ALONE and difference is not None:
            values[f"{way} − {ALONE}/{task}"] = points(difference)
    return values


def mean_of(values: Sequence[float], unit: str) -> Value:
    """A mean with its Student t interval; one value alone has none."""
    if len(values) < 2:
        return Value(float(np.mean(values)), seeds=len(values), unit=unit)
    mean, low, high = (float(each) for each in paired_interval(np.array(values)))
    return Value(mean, low, high, len(values), unit)


def points(difference: Transfer) -> Value:
    """A difference in points with its interval, where there is one."""
    low, high = (None, None) if difference.seeds < 2 else (difference.low, difference.high)
    return Value(difference.mean, low, high, difference.seeds, "points")


def _tables(scores: Mapping[tuple[str, str], Mapping[int, float]]) -> list[Table]:
    ways = sorted(dict.fromkeys(way for way, _ in scores), key=lambda way: way == ALONE)
    tasks = list(dict.fromkeys(task for _, task in scores))
    means = [[task, *(_cell(scores.get((way, task), {})) for way in ways)] for task in tasks]
    rows = []
    for way in ways:
        for task in tasks:
            found = paired_transfer(scores.get((way, task), {}), scores.get((ALONE, task), {}))
            if way != ALONE and found is not None:
                rows.append([way, task, told(found)])
    return [
        Table("Development scores after the last update, mean over seeds and 95 % interval",
              ["task", *ways], means),
        Table("Less the same task alone, in points, paired over seeds",
              ["way", "task", "difference (95 % interval)"], rows),
    ]  # fmt: skip


def _cell(by_seed: Mapping[int, float]) -> str:
    return cell(mean_of(list(by_seed.values()), "")) if by_seed else "–"


def cell(value: Value) -> str:
    """A score with its interval."""
    ends = "" if value.low is None else f" ({value.low:.3f} to {value.high:.3f})"
    return f"{value.mean:.3f}{ends}".replace("-", "−")


def told(difference: Transfer) -> str:
    """A signed difference with its interval and the verdict in words."""
    mean = f"{difference.mean:+.1f}".replace("-", "−")
    if difference.seeds < 2:
        return f"{mean} (one seed: no interval)"
    ends = f"{difference.low:+.1f} to {difference.high:+.1f}".replace("-", "−")
    return f"{mean} ({ends}): {_WORDS[difference.verdict]}"
