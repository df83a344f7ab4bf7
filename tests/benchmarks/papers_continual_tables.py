"""The continual tables beside an earlier measurement, cell by cell, and what was tried."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mtlviz.engine.measures.transfer import paired_interval
from mtlviz.replication.experiment import Table, Value
from tests.benchmarks.papers_continual import METHODS, SCENARIOS, Cell, Reading

Array = NDArray[np.float64]
Cells = Mapping[tuple[str, str], Cell]
EARLIER: Mapping[str, Mapping[str, tuple[float, float | None]]] = {
    "own heads": {
        "alone": (83.0, None), "joint": (83.4, None), "sequential": (79.7, -4.6),
        "frozen": (69.6, 0.0), "replay 5": (76.2, -9.0), "replay 20": (79.8, -4.2),
        "A-GEM 20": (81.1, -2.8), "GEM 20": (80.4, -3.6), "EWC 100": (79.8, -0.9),
        "EWC 10000": (70.2, -0.1), "LwF 1": (83.3, 0.2), "LwF 5": (83.1, 0.1),
    },
    "one head": {
        "alone": (80.7, None), "joint": (80.5, None), "sequential": (74.7, -9.2),
        "frozen": (70.0, -9.1), "replay 5": (76.0, -6.9), "replay 20": (76.8, -5.5),
        "A-GEM 20": (77.1, -5.1), "GEM 20": (77.1, -5.2), "EWC 100": (71.2, -13.5),
        "EWC 10000": (70.0, -9.2), "LwF 1": (74.7, -2.7), "LwF 5": (73.4, 0.4),
    },
    "growing classes": {
        "joint": (82.8, None), "sequential": (34.2, -86.7), "frozen": (19.2, -87.9),
        "replay 5": (47.1, -66.0), "replay 20": (63.8, -41.0), "A-GEM 20": (40.0, -78.0),
        "GEM 20": (42.6, -74.0), "EWC 100": (42.2, None), "EWC 10000": (31.2, None),
        "LwF 1": (48.6, -6.6), "LwF 5": (29.2, -0.2),
    },
}  # fmt: skip
"""Average score and backward transfer, mean over five seeds of one draw of sentences."""
_PLAIN = ("sequential", "frozen", "replay 5", "replay 20")
READINGS: Mapping[str, tuple[Reading, Collection[str]]] = {
    "outputs of classes to come take no part": (Reading(masked=True), METHODS),
    "Adam goes on from step to step": (Reading(renewed=False), _PLAIN),
    "A-GEM and GEM project the one head too": (Reading(head_shared=True), ("A-GEM 20", "GEM 20")),
    "LwF asks once for each earlier step": (Reading(each_old=True), ("LwF 1", "LwF 5")),
    "joint training takes one batch at a time": (Reading(summed=False), ("joint",)),
}
"""What the earlier table does not tell, and what was tried for it."""


def another(means: Array) -> tuple[float, float]:
    """Where the mean of one more draw lies 95 times in 100: mean ± t s √(1 + 1/n), if normal."""
    count = len(means)
    half = stats.t.ppf(0.975, count - 1) * means.std(ddof=1) * np.sqrt(1 + 1 / count)
    return float(means.mean() - half), float(means.mean() + half)


def by_draw(draws: Sequence[Cells], scenario: str, method: str) -> tuple[Array, Array]:
    """Average score and backward transfer of each draw, mean over its seeds."""
    found = [each[scenario, method] for each in draws]
    return (
        np.array([cell.average.mean() for cell in found]),
        np.array([cell.backward.mean() for cell in found]),
    )


def agreement(draws: Sequence[Cells]) -> dict[tuple[str, str, str], bool]:
    """Whether each earlier number lies where one more draw would."""
    found = {}
    for scenario, method, name, told, means in _numbers(draws):
        low, high = another(means)
        # Printed to one decimal.
        found[scenario, method, name] = low - 0.05 <= told <= high + 0.05
    return found


def _numbers(draws: Sequence[Cells]) -> Iterator[tuple[str, str, str, float, Array]]:
    """Scenario, method, name, the earlier number, and ours of each draw."""
    for scenario, methods in EARLIER.items():
        for method, both in methods.items():
            for name, told, means in zip(
                ("average", "backward"), both, by_draw(draws, scenario, method), strict=True
            ):
                if told is not None:
                    yield scenario, method, name, told, means


def values(draws: Sequence[Cells]) -> dict[str, Value]:
    """Every number with the interval of its mean over draws."""
    found = {}
    for scenario, method, name, _, means in _numbers(draws):
        mean, low, high = (float(each) for each in paired_interval(means))
        found[f"{scenario}/{method}/{name}"] = Value(mean, low, high, len(means), "points")
    return found


def tables(draws: Sequence[Cells], tried: Mapping[str, Cells]) -> list[Table]:
    """A table for each scenario, and how far every reading lies from the earlier numbers."""
    agree = agreement(draws)
    columns = ["method", "earlier: average / BWT", "average", "another draw", "BWT", "another draw",
               "so"]  # fmt: skip
    made = [
        Table(f"{scenario[0].upper()}{scenario[1:]}", columns,
              [_row(draws, agree, scenario, method) for method in EARLIER[scenario]])
        for scenario in SCENARIOS
    ]  # fmt: skip
    rows = [[name, *(_distance(cells, scenario) for scenario in SCENARIOS)]
            for name, cells in {"as in the tables": draws[0], **tried}.items()]  # fmt: skip
    title = (
        "What was tried: mean distance from the earlier numbers, average / BWT, points, one draw"
    )
    return [*made, Table(title, ["reading", *SCENARIOS], rows)]


def _row(
    draws: Sequence[Cells], agree: Mapping[tuple[str, str, str], bool], scenario: str, method: str
) -> list[str]:
    told, means = EARLIER[scenario][method], by_draw(draws, scenario, method)
    cells: list[str] = []
    for earlier, each in zip(told, means, strict=True):
        low, high = another(each)
        cells += (
            ["–", "–"] if earlier is None else [f"{each.mean():.1f}", f"{low:.1f} to {high:.1f}"]
        )
    missed = [name for name in ("average", "backward")
              if not agree.get((scenario, method, name), True)]  # fmt: skip
    so = f"{' and '.join(missed)} outside" if missed else "agrees"
    earlier = " / ".join("–" if each is None else f"{each:.1f}" for each in told)
    return [method, *(each.replace("-", "−") for each in (earlier, *cells)), so]


def _distance(cells: Cells, scenario: str) -> str:
    """Mean distance over methods, of averages and of backward transfers."""
    apart = {"average": [], "backward": []}
    for found, _, name, told, means in _numbers([cells]):
        if found == scenario:
            apart[name].append(abs(float(means[0]) - told))
    return " / ".join(f"{np.mean(each):.1f}" for each in apart.values())
