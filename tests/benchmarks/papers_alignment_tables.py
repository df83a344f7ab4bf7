"""What the pairs of tasks say: does alignment help, and does similarity predict transfer?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mtlviz.engine.measures.transfer import Transfer, transfer
from mtlviz.replication.experiment import Table, Value
from tests.benchmarks.papers_tables import points, value_of

Array = NDArray[np.float64]
Pair = tuple[str, str]
COMPARED = {
    "together − alone": ("hard", "alone"),
    "aligned, joint − plain": ("aligned joint", "hard"),
    "aligned, joint − control": ("aligned joint", "control joint"),
    "aligned, B fixed − plain": ("aligned after", "hard"),
    "aligned, B fixed − control": ("aligned after", "control after"),
}
PREDICTORS = {"score": "eq. 5", "normalised": "normalised", "cosine": "mean cosine"}
LEAST_SEEDS = 2
_DRAWS = 2000


@dataclass(frozen=True)
class Cell:
    """All lines of one kind of vectors and one capacity, over the seeds that every pair has.

    Attributes:
        seeds: Those seeds.
        pairs: The pairs.
        arms: Accuracy of both tasks by arm and pair, (S, 2); "alone" among the arms.
        alike: Scores before training by name and pair, mean over seeds.
        after: Equation 5 by arm and pair, before and after alignment, mean over seeds.
    """

    seeds: list[int]
    pairs: list[Pair]
    arms: dict[str, dict[Pair, Array]]
    alike: dict[str, dict[Pair, float]]
    after: dict[str, dict[Pair, float]]

    def change(self, pair: Pair, first: str, second: str) -> Transfer:
        """Mean of both tasks in one arm less another, paired over seeds."""
        return transfer(*(self.arms[arm][pair].mean(axis=1) for arm in (first, second)))

    def overall(self, first: str, second: str) -> Transfer:
        """The same, mean over all pairs."""
        means = (
            np.mean([self.arms[arm][pair].mean(axis=1) for pair in self.pairs], axis=0)
            for arm in (first, second)
        )
        return transfer(*means)


def gathered(lines: Sequence[dict]) -> dict[tuple[str, int], Cell]:
    """The lines by kind of vectors and capacity; cells without a common seed are left out."""
    keys = sorted({(line["kind"], line["width"]) for line in lines}, reverse=True)
    cells = {
        key: cell_of([line for line in lines if (line["kind"], line["width"]) == key])
        for key in keys
    }
    return {key: cell for key, cell in cells.items() if cell.seeds}


def cell_of(lines: Sequence[dict]) -> Cell:
    """One cell from its lines: single tasks and pairs of them."""
    own = {
        (line["tasks"][0], line["seed"]): line["arms"]["alone"][0]
        for line in lines
        if len(line["tasks"]) == 1
    }
    known = {(tuple(line["tasks"]), line["seed"]): line for line in lines if len(line["tasks"]) > 1}
    pairs = sorted({pair for pair, _ in known})
    seeds = sorted({seed for _, seed in known if all((pair, seed) in known for pair in pairs)})
    cell = Cell(seeds, pairs, {}, {}, {})
    for pair in pairs if seeds else []:
        alone = [[own[task, seed] for task in pair] for seed in seeds]
        cell.arms.setdefault("alone", {})[pair] = np.array(alone)
        _add(cell, pair, [known[pair, seed] for seed in seeds])
    return cell


def _add(cell: Cell, pair: Pair, chosen: Sequence[dict]) -> None:
    """Put one pair's lines, one a seed, into the cell."""
    for arm in chosen[0]["arms"]:
        cell.arms.setdefault(arm, {})[pair] = np.array([line["arms"][arm] for line in chosen])
    for name in PREDICTORS:
        before = [line["alike"]["before"][name] for line in chosen]
        cell.alike.setdefault(name, {})[pair] = float(np.mean(before))
    for when in chosen[0]["alike"]:
        scores = [line["alike"][when]["score"] for line in chosen]
        cell.after.setdefault(when, {})[pair] = float(np.mean(scores))


def correlation(
    cell: Cell, name: str, coefficient: Callable[[Array, Array], float]
) -> dict[str, float]:
    """Correlation of a score before training with measured transfer, over pairs.

    `low` and `high` are a 95 % bootstrap over pairs. Pairs share tasks and so are not independent:
    `chance` is the share of relabellings of the tasks whose correlation is at least as large.
    """
    predicted = np.array([cell.alike[name][pair] for pair in cell.pairs])
    measured = np.array([cell.change(pair, "hard", "alone").mean for pair in cell.pairs])
    generator = np.random.default_rng(0)
    found = coefficient(predicted, measured)
    draws = generator.integers(len(predicted), size=(_DRAWS, len(predicted)))
    spread = [coefficient(predicted[each], measured[each]) for each in draws]
    low, high = np.nanquantile(spread, [0.025, 0.975])
    return {
        "value": found,
        "low": float(low),
        "high": float(high),
        "chance": _chance(cell, name, measured, coefficient, generator),
    }


def _chance(
    cell: Cell,
    name: str,
    measured: Array,
    coefficient: Callable[[Array, Array], float],
    generator: np.random.Generator,
) -> float:
    tasks = sorted({task for pair in cell.pairs for task in pair})
    known = {frozenset(pair): value for pair, value in cell.alike[name].items()}
    real = coefficient(np.array([known[frozenset(pair)] for pair in cell.pairs]), measured)
    count = 0
    for _ in range(_DRAWS):
        renamed = dict(zip(tasks, generator.permutation(tasks), strict=True))
        drawn = [known[frozenset(renamed[task] for task in pair)] for pair in cell.pairs]
        count += abs(coefficient(np.array(drawn), measured)) >= abs(real) - 1e-12
    return (count + 1) / (_DRAWS + 1)


def pearson(first: Array, second: Array) -> float:
    """Pearson's correlation; not-a-number where one side does not vary."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def spearman(first: Array, second: Array) -> float:
    """Spearman's rank correlation."""
    return pearson(stats.rankdata(first), stats.rankdata(second))


def fisher(value: float, pairs: int) -> tuple[float, float]:
    """Fisher's 95 % interval of a correlation over so many independent pairs."""
    if abs(value) >= 1 - 1e-12:
        return value, value
    half = 1.96 / np.sqrt(pairs - 3)
    return float(np.tanh(np.arctanh(value) - half)), float(np.tanh(np.arctanh(value) + half))


def alignment_tables(lines: Sequence[dict]) -> list[Table]:
    """Alignment over all pairs, prediction of transfer, and every pair."""
    cells = gathered(lines)
    return [_overall(cells), _similarities(cells), _predictions(cells), *_pairs(cells)]


def alignment_values(lines: Sequence[dict]) -> dict[str, Value]:
    """Mean differences by setting; pairs that rise at the better setting, and by how much."""
    cells = gathered(lines)
    if not cells:
        return {}
    each = {key: [cell.change(pair, "aligned after", "hard").mean for pair in cell.pairs]
            for key, cell in cells.items()}  # fmt: skip
    rises = {key: _rises(cell, "aligned after") for key, cell in cells.items()}
    pairs = max(map(len, each.values()))
    seeds = max(len(cell.seeds) for cell in cells.values())
    counted = {
        "pairs that rise": max(sum(x > 0 for x in found) for found in each.values()),
        "pairs whose equation 5 rises": max(rises.values()),
    }
    values = {name: Value(count, seeds=seeds, unit=f"of {pairs} pairs")
              for name, count in counted.items()}  # fmt: skip
    values["largest rise"] = Value(max(map(max, each.values())), seeds=seeds, unit="points")
    for (kind, width), cell in cells.items():
        for title, arms in COMPARED.items():
            values[f"{kind}, {width}: {title}"] = value_of(cell.overall(*arms), "points")
    return values


def _rises(cell: Cell, when: str) -> int:
    """Pairs whose equation 5 is higher after alignment."""
    before, after = cell.after["before"], cell.after[when]
    return sum(after[pair] > before[pair] for pair in cell.pairs)


def _name(key: tuple[str, int], cell: Cell) -> list[str]:
    return [key[0], f"{key[1]}", f"{len(cell.seeds)}"]


def _overall(cells: Mapping[tuple[str, int], Cell]) -> Table:
    rows = []
    for key, cell in cells.items():
        for title, (first, second) in COMPARED.items():
            each = [cell.change(pair, first, second) for pair in cell.pairs]
            counts = [
                sum(x.mean > 0 for x in each),
                *(sum(x.verdict == v for x in each) for v in ("helps", "hurts")),
            ]
            rows.append(
                [
                    *_name(key, cell),
                    title,
                    points(cell.overall(first, second)),
                    f"{counts[0]} of {len(each)}",
                    f"{counts[1]} / {counts[2]}",
                ]
            )
    header = [
        "vectors",
        "capacity",
        "seeds",
        "compared",
        "mean over pairs (95 % interval)",
        "pairs above zero",
        "surely higher / lower",
    ]
    return Table("Differences in points, mean over pairs and both tasks", header, rows)


def _similarities(cells: Mapping[tuple[str, int], Cell]) -> Table:
    rows = []
    for key, cell in cells.items():
        for when in ("aligned joint", "aligned after"):
            before, after = cell.after["before"], cell.after[when]
            up = _rises(cell, when)
            means = [np.mean(list(each.values())) for each in (before, after)]
            rows.append(
                [
                    *_name(key, cell),
                    when,
                    *(f"{mean:.3f}" for mean in means),
                    f"{up} of {len(cell.pairs)}",
                ]
            )
    header = [
        "vectors",
        "capacity",
        "seeds",
        "arm",
        "eq. 5 before",
        "after",
        "pairs with a higher score",
    ]
    return Table("Equation 5 before and after alignment", header, rows)


def _predictions(cells: Mapping[tuple[str, int], Cell]) -> Table:
    rows = []
    for key, cell in cells.items():
        for name, title in PREDICTORS.items():
            cells_of = []
            for coefficient in (pearson, spearman):
                found = correlation(cell, name, coefficient)
                low, high = fisher(found["value"], len(cell.pairs))
                cells_of.append(
                    f"{found['value']:+.2f} (Fisher {low:+.2f} to {high:+.2f}, bootstrap "
                    f"{found['low']:+.2f} to {found['high']:+.2f}), p = {found['chance']:.2f}"
                )
            cells_of = [text.replace("-", "−") for text in cells_of]
            rows.append([*_name(key, cell), title, *cells_of])
    columns = ["vectors", "capacity", "seeds", "predictor", "Pearson", "Spearman"]
    return Table("Does similarity before training predict transfer?", columns, rows)


def _pairs(cells: Mapping[tuple[str, int], Cell]) -> list[Table]:
    tables = []
    for key, cell in cells.items():
        rows = [
            [
                " + ".join(pair),
                f"{cell.alike['score'][pair]:.2f}",
                f"{cell.alike['cosine'][pair]:.2f}",
                *(points(cell.change(pair, *arms)) for arms in COMPARED.values()),
            ]
            for pair in cell.pairs
        ]
        header = [f"{key[0]}, capacity {key[1]}", "eq. 5", "cosine", *COMPARED]
        tables.append(Table(f"Every pair: {key[0]}, capacity {key[1]}", header, rows))
    return tables


def kept(lines: Sequence[dict]) -> dict:
    """What the app shows of these results, as plain JSON; one seed gives no interval to show."""
    found = []
    for (kind, width), cell in gathered(lines).items():
        if len(cell.seeds) < LEAST_SEEDS:
            continue
        pairs = [
            {
                "tasks": list(pair),
                **{name: round(cell.alike[name][pair], 4) for name in PREDICTORS},
                "transfer": _rounded(cell.change(pair, "hard", "alone")),
            }
            for pair in cell.pairs
        ]
        correlations = {
            name: {k: round(v, 3) for k, v in correlation(cell, name, spearman).items()}
            for name in PREDICTORS
        }
        overall = {title: _rounded(cell.overall(*arms)) for title, arms in COMPARED.items()}
        ups = {
            title: sum(cell.change(pair, *arms).mean > 0 for pair in cell.pairs)
            for title, arms in COMPARED.items()
        }
        found.append(
            {"kind": kind, "width": width, "seeds": len(cell.seeds), "pairs": pairs,
             "spearman": correlations, "overall": overall, "above_zero": ups}
        )  # fmt: skip
    return {"cells": found}


def _rounded(found: Transfer) -> list[float]:
    return [round(value, 3) for value in (found.mean, found.low, found.high)]
