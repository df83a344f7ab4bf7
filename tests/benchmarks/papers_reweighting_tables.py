"""What reweighting changes under label noise: the noisy task, the clean ones, their weights."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import Transfer, transfer
from mtlviz.replication.experiment import Table, Value
from tests.benchmarks.papers_tables import points, value_of

Array = NDArray[np.float64]
SIZES = {"pairs": lambda tasks: tasks == 2, "whole family": lambda tasks: tasks > 2}
PARTS = {"noisy task": slice(0, 1), "clean tasks": slice(1, None), "all": slice(None)}


def changes(
    lines: Sequence[dict], way: str, part: slice, measure: str
) -> tuple[Transfer, float, int] | None:
    """One weighting less equal weights over seeds, the level of equal weights, and seeds.

    Every seed counts once, with the mean of all its cells.
    """
    chosen = [line for line in lines if way in line["found"]]
    seeds = sorted({line["seed"] for line in chosen})
    if not seeds:
        return None
    means: list[Array] = [
        np.array([_mean([x for x in chosen if x["seed"] == s], name, part, measure) for s in seeds])
        for name in (way, "equal")
    ]
    return transfer(*means), float(means[1].mean()), len(seeds)


def _mean(lines: Sequence[dict], way: str, part: slice, measure: str) -> float:
    return float(np.mean([np.mean(line["found"][way][measure][part]) for line in lines]))


def reweighting_tables(lines: Sequence[dict]) -> list[Table]:
    """Changes in AUC and accuracy, and mean weights."""
    changed = ["vectors", "tasks", "random labels", "seeds", "weights", "scored", "equal weights",
               "AUC (points)", "accuracy (points)"]  # fmt: skip
    weighed = ["vectors", "tasks", "random labels", "weights", "noisy task", "a clean task"]
    return [
        Table("Algorithm 2 less equal weights", changed, list(_changes(lines))),
        Table("Mean weights", weighed, list(_weights(lines))),
    ]


def reweighting_values(lines: Sequence[dict]) -> dict[str, Value]:
    """Change of AUC by Algorithm 2 at rank 1 under label noise, by tasks, vectors and part."""
    values: dict[str, Value] = {}
    for (kind, tasks, _), chosen, noise in _cells(lines):
        for part in ("noisy task", "clean tasks") if noise and chosen else ():
            found = changes(chosen, "svd 1", PARTS[part], "area")
            if found is not None:
                values[f"{_CALLED[tasks]}/{_VECTORS[kind]}: {part}"] = value_of(
                    found[0], "AUC points"
                )
    return values


_VECTORS = {"words": "words", "checkpoint": "MiniLM"}
_CALLED = {
    "trec, pairs": "TREC, 2 classes", "trec, whole family": "TREC, all 5",
    "cs224n_sst, pairs": "SST, 2 thresholds", "cs224n_sst, whole family": "SST, all 4",
}  # fmt: skip


def _cells(lines: Sequence[dict]) -> Iterator[tuple[list[str], list[dict], float]]:
    """Labels and lines of each kind of vectors, family, number of tasks and share of noise."""
    fields = sorted({(x["kind"], x["set"], x["noise"]) for x in lines}, reverse=True)
    for kind, name, noise in fields:
        for size, fits in SIZES.items():
            chosen = [
                line
                for line in lines
                if (line["kind"], line["set"], line["noise"]) == (kind, name, noise)
                and fits(len(line["tasks"]))
            ]
            yield [kind, f"{name}, {size}", f"{noise:.0%}"], chosen, noise


def _ways(lines: Sequence[dict]) -> list[str]:
    """Weightings to tell apart from equal weights; on shared inputs the blog's are equal."""
    return [way for way in lines[0]["found"] if way not in ("equal", "blog")] if lines else []


def _changes(lines: Sequence[dict]) -> Iterator[list[str]]:
    for labels, chosen, noise in _cells(lines):
        for way in _ways(chosen):
            for part, places in PARTS.items():
                if not noise and part != "all":
                    continue
                area, accuracy = (changes(chosen, way, places, m) for m in ("area", "accuracy"))
                if area is None or accuracy is None:
                    continue
                level = f"{100 * area[1]:.1f} / {100 * accuracy[1]:.1f}"
                yield [*labels, f"{area[2]}", way, part, level, points(area[0]),
                       points(accuracy[0])]  # fmt: skip


def _weights(lines: Sequence[dict]) -> Iterator[list[str]]:
    for labels, chosen, noise in _cells(lines):
        if not noise:
            continue
        for way in _ways(chosen):
            first = [line["found"][way]["weights"][0] for line in chosen]
            rest = [np.mean(line["found"][way]["weights"][1:]) for line in chosen]
            yield [*labels, way, f"{np.mean(first):.2f}", f"{np.mean(rest):.2f}"]


def kept(lines: Sequence[dict]) -> dict:
    """What the app shows: the change in AUC by Algorithm 2 at rank 1, as plain JSON."""
    rows = []
    for labels, chosen, noise in _cells(lines):
        if not noise or not chosen:
            continue
        for part in ("noisy task", "clean tasks"):
            found = changes(chosen, "svd 1", PARTS[part], "area")
            if found is not None:
                change, level, seeds = found
                values = [round(value, 3) for value in (change.mean, change.low, change.high)]
                rows.append(
                    {"vectors": labels[0], "tasks": labels[1], "scored": part, "seeds": seeds,
                     "equal": round(level, 4), "change": values}
                )  # fmt: skip
    return {"rows": rows}
