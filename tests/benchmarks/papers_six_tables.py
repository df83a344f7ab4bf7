"""Six sentence sets: best capacities, accuracy by capacity, task by task, and the leak."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from mtlviz.engine.presets import SENTENCE_SETS
from mtlviz.replication.experiment import Table, Value
from tests.benchmarks.papers_six import ARMS, PARTS, WIDTHS
from tests.benchmarks.papers_tables import Scores, gathered, paired, points, spread

ENCODERS = ("mean", "cnn", "lstm")


def six_tables(results: Sequence[dict]) -> list[Table]:
    """The leak, best capacities, accuracy by capacity, and tasks one by one."""
    dev, test = _gathered(results)
    rows, tasks = [], []
    for part in ENCODERS:
        for arm in ARMS:
            if seeds_done(dev, part, arm):
                row, more = best_capacities(part, arm, dev, test)
                rows.append(row)
                tasks.extend(more)
    start, end = ["encoder", "leaked examples"], ["together", "together − alone (95 % interval)"]
    overall = [*start, "alone: sum of capacities", "alone", "together: capacity", *end]
    by_task = [*start, "task", "capacity alone", "alone", *end]
    return [
        leak_table(test),
        Table("Best capacities, chosen on development, scored on test", overall, rows),
        capacity_table(test),
        Table("Task by task", by_task, tasks),
    ]


def _gathered(results: Sequence[dict]) -> tuple[Scores, Scores]:
    """Scores on development and test by part, arm, capacity and method."""
    fields = ["part", "arm", "width", "method"]
    dev, test = (gathered(results, fields, split) for split in ("scores", "test"))
    return dev, test


def six_values(results: Sequence[dict]) -> dict[str, Value]:
    """The best capacities and what they score, by encoder, leak and task."""
    dev, test = _gathered(results)
    values: dict[str, Value] = {}
    for part, arm in product(ENCODERS, ARMS):
        if not seeds_done(dev, part, arm):
            continue
        own, common, alone, together = chosen_capacities(part, arm, dev, test)
        start, count = f"{part}/{arm}", len(over_tasks(together))
        ratio = sum(own.values()) / len(own) / common
        values[f"{start}/capacity"] = Value(common, seeds=count, unit="width")
        values[f"{start}/ratio"] = Value(round(ratio, 2), seeds=count, unit="ratio")
        for task in SENTENCE_SETS:
            values[f"{start}/{task}/capacity"] = Value(own[task], seeds=count, unit="width")
            values[f"{start}/{task}/alone"] = _value(alone[task])
            values[f"{start}/{task}/together"] = _value(together[task])
    return values


def _value(scores: Mapping[int, float]) -> Value:
    found = 100 * np.array(list(scores.values()))
    error = float(found.std(ddof=1) / np.sqrt(len(found))) if len(found) > 1 else None
    return Value(float(found.mean()), seeds=len(found), unit="accuracy, per cent", error=error)


def alone_scores(scores: Scores, part: str, arm: str, width: int, task: str) -> dict[int, float]:
    """Scores over seeds of a task trained alone."""
    return scores.get((part, arm, width, f"{task} alone"), {}).get(task, {})


def seeds_done(scores: Scores, part: str, arm: str) -> dict[int, int]:
    """Number of seeds of which all runs are done, for the capacities where there is one."""
    last = SENTENCE_SETS[-1]
    done = {width: len(alone_scores(scores, part, arm, width, last)) for width in WIDTHS}
    return {width: seeds for width, seeds in done.items() if seeds}


Split = dict[str, dict[int, float]]


def chosen_capacities(
    part: str, arm: str, dev: Scores, test: Scores
) -> tuple[dict[str, int], int, Split, Split]:
    """Each task's capacity alone and the common one, chosen on development; their test scores.

    Alone, every task has its own best capacity; together there is one for all. Capacities with
    fewer seeds than others, in a cut experiment, are left out.
    """
    done = seeds_done(dev, part, arm)
    widths = [width for width in done if done[width] == max(done.values())]
    own = {
        task: max(widths, key=lambda w, t=task: _mean(alone_scores(dev, part, arm, w, t)))
        for task in SENTENCE_SETS
    }
    common = max(widths, key=lambda w: _mean(over_tasks(dev[part, arm, w, "together"])))
    alone = {task: alone_scores(test, part, arm, own[task], task) for task in SENTENCE_SETS}
    return own, common, alone, test[part, arm, common, "together"]


def best_capacities(
    part: str, arm: str, dev: Scores, test: Scores
) -> tuple[list[str], list[list[str]]]:
    """Capacity chosen on the development splits, accuracy on the test splits, as cells."""
    own, common, alone, together = chosen_capacities(part, arm, dev, test)
    means = over_tasks(alone), over_tasks(together)
    row = [part, arm, f"{sum(own.values()):,}", _percent(means[0]), f"{common}", _percent(means[1])]
    tasks = [
        [
            part,
            arm,
            task,
            f"{own[task]}",
            _percent(alone[task]),
            _percent(together[task]),
            points(paired(together[task], alone[task])),
        ]
        for task in SENTENCE_SETS
    ]
    return [*row, points(paired(means[1], means[0]))], tasks


def over_tasks(scores: Mapping[str, Mapping[int, float]]) -> dict[int, float]:
    """Mean over the tasks, for every seed that all of them have."""
    seeds = set.intersection(*(set(by_seed) for by_seed in scores.values()))
    return {s: _mean({t: by_seed[s] for t, by_seed in scores.items()}) for s in sorted(seeds)}


def _mean(scores: Mapping[object, float]) -> float:
    return float(np.mean(list(scores.values())))


def _percent(scores: Mapping[int, float]) -> str:
    return spread([100 * score for score in scores.values()], 1)


def capacity_table(test: Scores) -> Table:
    """Mean accuracy over the six sets at every capacity, without the leak."""
    rows = []
    for part in ENCODERS:
        alone, together = {}, {}
        for width in seeds_done(test, part, "without"):
            apart = {t: alone_scores(test, part, "without", width, t) for t in SENTENCE_SETS}
            alone[width] = over_tasks(apart)
            together[width] = over_tasks(test[part, "without", width, "together"])
        difference = {w: points(paired(together[w], alone[w])) for w in alone}
        rows.append([part, "alone", *(_percent(alone.get(w, {})) for w in WIDTHS)])
        rows.append([part, "together", *(_percent(together.get(w, {})) for w in WIDTHS)])
        rows.append([part, "difference", *(difference.get(w, "–") for w in WIDTHS)])
    columns = ["encoder", "trained", *(f"capacity {width}" for width in WIDTHS)]
    return Table("Accuracy by capacity, without leaked examples", columns, rows)


def leak_table(test: Scores) -> Table:
    """What the leaked examples add to the transfer of the two sets that share sentences."""
    rows = []
    for task in PARTS["leak"].alone:
        gain = {}
        for arm in ARMS:
            alone = alone_scores(test, "leak", arm, 100, task)
            together = test.get(("leak", arm, 100, "together"), {}).get(task, {})
            gain[arm] = _difference(together, alone)
            transferred = points(paired(together, alone))
            rows.append([task, arm, _percent(alone), _percent(together), transferred])
        rows.append([task, "the leak's part", "", "", points(paired(*gain.values()))])
    header = ["task", "leaked examples", "alone", "together", "together − alone (95 % interval)"]
    return Table("What leaked examples add to the gain", header, rows)


def _difference(first: Mapping[int, float], second: Mapping[int, float]) -> dict[int, float]:
    return {seed: first[seed] - second[seed] for seed in first.keys() & second.keys()}
