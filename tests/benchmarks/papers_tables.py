"""What the tables of the papers' experiments are made of: scores over seeds, Markdown cells."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mtlviz.engine.measures.transfer import Transfer, signed, transfer
from mtlviz.replication.experiment import Table, Value

Scores = dict[tuple, dict[str, dict[int, float]]]
"""Scores by what was run, task and seed."""


def gathered(results: Iterable[dict], fields: Sequence[str], split: str = "scores") -> Scores:
    """Scores by the values of these fields, then task, then seed."""
    found: Scores = {}
    for line in results:
        by_task = found.setdefault(tuple(line[field] for field in fields), {})
        for task, score in zip(line["tasks"], line[split], strict=True):
            by_task.setdefault(task, {})[line["seed"]] = score
    return found


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    table = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in table)


def as_text(tables: Sequence[Table]) -> str:
    """The tables in Markdown."""
    return "\n\n".join(f"{t.title}\n\n{markdown(t.columns, t.rows)}" for t in tables)


def value_of(found: Transfer, unit: str) -> Value:
    """A difference as a number of a data file."""
    ends = (float(found.low), float(found.high)) if found.seeds > 1 else (None, None)
    return Value(float(found.mean), *ends, seeds=found.seeds, unit=unit)


def spread(scores: Iterable[float], digits: int = 3) -> str:
    """Mean ± standard error over seeds; a dash where nothing was run."""
    values = np.array(list(scores))
    if not len(values):
        return "–"
    if len(values) < 2:
        return f"{values.mean():.{digits}f} (one seed)"
    return f"{values.mean():.{digits}f} ± {values.std(ddof=1) / np.sqrt(len(values)):.{digits}f}"


def points(difference: Transfer | None) -> str:
    """A signed difference with its interval and the verdict in words."""
    if difference is None:
        return "–"
    if difference.seeds < 2:
        return f"{signed(difference.mean)} (one seed: no interval)"
    if difference.spreadless:
        return f"exactly {signed(difference.mean)} in each of {difference.seeds} seeds"
    word = {"helps": "higher", "hurts": "lower", "undecided": "cannot be told from zero"}
    interval = f"{signed(difference.low)} to {signed(difference.high)}"
    return f"{signed(difference.mean)} ({interval}): {word[difference.verdict]}"


def paired(first: Mapping[int, float], second: Mapping[int, float]) -> Transfer | None:
    """First minus second over the seeds that both have, in points; None if there are none."""
    seeds = sorted(first.keys() & second.keys())
    if not seeds:
        return None
    return transfer([first[seed] for seed in seeds], [second[seed] for seed in seeds])
