"""Six sentence sets: best capacities, accuracy by capacity, task by task, and the leak."""

from collections.abc import Mapping, Sequence

import numpy as np

from mtlviz.engine.presets import SENTENCE_SETS
from tests.benchmarks.papers_six import ARMS, PARTS, WIDTHS
from tests.benchmarks.papers_tables import Scores, gathered, markdown, paired, points, spread

ENCODERS = ("mean", "cnn", "lstm")


def six_tables(results: Sequence[dict]) -> str:
    """Best capacities, accuracy by capacity, tasks one by one, and the leak."""
    fields = ["part", "arm", "width", "method"]
    dev, test = (gathered(results, fields, split) for split in ("scores", "test"))
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
    tables = [markdown(overall, rows), capacity_table(test), markdown(by_task, tasks)]
    return "\n\n".join([*tables, leak_table(test)])


def alone_scores(scores: Scores, part: str, arm: str, width: int, task: str) -> dict[int, float]:
    """Scores over seeds of a task trained alone."""
    return scores.get((part, arm, width, f"{task} alone"), {}).get(task, {})


def seeds_done(scores: Scores, part: str, arm: str) -> dict[int, int]:
    """Number of seeds of which all runs are done, for the capacities where there is one."""
    last = SENTENCE_SETS[-1]
    done = {width: len(alone_scores(scores, part, arm, width, last)) for width in WIDTHS}
    return {width: seeds for width, seeds in done.items() if seeds}


def best_capacities(
    part: str, arm: str, dev: Scores, test: Scores
) -> tuple[list[str], list[list[str]]]:
    """Capacity chosen on the development splits, accuracy on the test splits.

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
    together = test[part, arm, common, "together"]
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


def capacity_table(test: Scores) -> str:
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
    return markdown(["encoder", "trained", *(f"capacity {width}" for width in WIDTHS)], rows)


def leak_table(test: Scores) -> str:
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
    return markdown(header, rows)


def _difference(first: Mapping[int, float], second: Mapping[int, float]) -> dict[int, float]:
    return {seed: first[seed] - second[seed] for seed in first.keys() & second.keys()}
