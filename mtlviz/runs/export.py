"""Runs and comparisons as files that other programs read: CSV, JSON, one record a line."""

import csv
import io
import json
import math
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mtlviz.engine.records import EvalRecord, PhaseRecord, to_json
from mtlviz.runs.checkpoints import checkpoints
from mtlviz.runs.comparison import Difference, Group, spread_of, task_names
from mtlviz.runs.export_folder import empty_folder
from mtlviz.runs.score_matrices import ScoreMatrix, score_matrix
from mtlviz.runs.script import FILE as SCRIPT
from mtlviz.runs.script import script
from mtlviz.runs.steps import Steps
from mtlviz.runs.store import Store

Row = list[object]
# What spreadsheets compute, its full-width forms included, and what they drop before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WHOLE = ("update", "epoch", "tokens")
_REAL = ("learning_rate", "clipping", "seconds")
_PER_TASK = {"losses": "loss", "weights": "weight", "loss_weights": "loss weight"}


def export(store: Store, run: int, folder: str | Path) -> Path:
    """Write a run into a folder and return it.

    `config.json` (the settings, readable by `mtlviz train`), `reproduce.py` (trains the run again
    and compares), `steps.csv` (losses, weights and gradient inner products), `evaluations.csv`,
    `matrix.csv` and `matrix.json` (every task after every phase, where there are phases),
    `records.jsonl` (everything, one record a line), and the run's own files: log, embeddings,
    newest checkpoint.

    Args:
        store: The store.
        run: Number of the run.
        folder: Where to write; it must be empty or not exist.

    Raises:
        StoreError: If there is no such run or the folder cannot be used.
    """
    store.run(run)
    with empty_folder(folder) as place:
        _write(store, run, place)
        return place


def steps_table(steps: Steps, tasks: Sequence[str]) -> Iterator[list[object]]:
    """The rows of `steps.csv`, heading first; what was not measured is empty.

    Headings never begin with a task's name, which a spreadsheet might take for a formula.
    """
    names = [
        *_WHOLE,
        *_REAL,
        *(f"due: {task}" for task in tasks),
        *(f"{title}: {task}" for title in _PER_TASK.values() for task in tasks),
        *(f"inner product: {a} · {b}" for i, a in enumerate(tasks) for b in tasks[i:]),
    ]
    yield names
    upper = [(i, j) for i in range(len(tasks)) for j in range(i, len(tasks))]
    for t in range(len(steps.update)):
        yield [
            *(int(getattr(steps, name)[t]) for name in _WHOLE),
            *(_cell(getattr(steps, name)[t]) for name in _REAL),
            *(int(due) for due in steps.due[t]),
            *(_cell(value) for name in _PER_TASK for value in getattr(steps, name)[t]),
            *(_cell(steps.gram[t, i, j]) for i, j in upper),
        ]


def evaluations_table(
    evaluations: Sequence[EvalRecord], tasks: Sequence[str]
) -> Iterator[list[object]]:
    """The rows of `evaluations.csv`, heading first; one row an evaluation."""
    columns = {"scores": "score", "errors": "standard error", "losses": "loss"}
    yield ["update", "epoch", *(f"{title}: {task}" for title in columns.values() for task in tasks)]
    for record in evaluations:
        values = (_cell(value) for name in columns for value in getattr(record, name))
        yield [record.update, record.epoch, *values]


def matrix_table(matrix: ScoreMatrix) -> Iterator[list[object]]:
    """The rows of `matrix.csv`, heading first: every task's score after every phase."""
    columns = {"scores": "score", "errors": "standard error"}
    yield ["phase", "trained", *(f"{t}: {task}" for t in columns.values() for task in matrix.tasks)]
    for number, trained in enumerate(matrix.phases):
        values = (_cell(value) for name in columns for value in getattr(matrix, name)[number])
        yield [number + 1, trained, *values]


def _write(store: Store, run: int, folder: Path) -> None:
    older = list(checkpoints(store.folder(run)).values())[1:]
    for path in set(store.folder(run).glob("[!.]*")) - set(older):
        shutil.copy2(path, folder / path.name)
    config = store.config(run)
    (folder / "config.json").write_text(config.to_json() + "\n", encoding="utf-8")
    (folder / SCRIPT).write_text(script(store, run), encoding="utf-8")
    tasks = [task.name for task in config.data.tasks]
    _write_csv(folder / "steps.csv", steps_table(store.steps_array(run), tasks))
    recorded = [record for _, record in store.records(run)]
    evaluations = [record for record in recorded if isinstance(record, EvalRecord)]
    _write_csv(folder / "evaluations.csv", evaluations_table(evaluations, tasks))
    begun = [record for record in recorded if isinstance(record, PhaseRecord)]
    if (matrix := score_matrix(config, evaluations, begun)) is not None:
        _write_csv(folder / "matrix.csv", matrix_table(matrix))
        text = json.dumps(matrix.as_json(), indent=1, ensure_ascii=False)
        (folder / "matrix.json").write_text(text + "\n", encoding="utf-8")
    with (folder / "records.jsonl").open("w", encoding="utf-8") as file:
        for record in recorded:
            file.write(json.dumps(to_json(record), ensure_ascii=False) + "\n")


def _write_csv(path: Path, table: Iterator[list[object]]) -> None:
    path.write_text(as_csv(table), encoding="utf-8", newline="")


def _cell(value: float) -> float | str:
    """A number for a table; an empty cell for NaN."""
    return "" if value != value else float(value)


def as_csv(table: Iterable[Sequence[object]]) -> str:
    """A table as CSV; a text that a spreadsheet would take for a formula gets an apostrophe.

    Reference:
        OWASP, CSV Injection. https://owasp.org/www-community/attacks/CSV_Injection
    """
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_safe(cell) for cell in row] for row in table)
    return file.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def scores_table(groups: Sequence[Group]) -> Iterable[Row]:
    """One row a run and task; `counted` is 1 where the score is part of its group's mean."""
    yield ["group", "run", "name", "seed", "status", "counted", "updates at best", "task",
           "metric", "score", "standard error", "without learning"]  # fmt: skip
    for group in groups:
        for run in group.runs:
            best = "" if run.best_update is None else run.best_update
            known = (run.id, run.summary.name, run.seed, run.summary.status)
            about: Row = [group.label, *known, int(run in group.used), best]
            for task, metric, *numbers in zip(
                run.tasks, run.metrics, run.scores, run.errors, run.baselines, strict=True
            ):
                yield [*about, task, metric, *map(_table_cell, numbers)]


def means_table(groups: Sequence[Group]) -> Iterable[Row]:
    """One row a group and task: mean, standard error and 95 % interval over seeds."""
    yield ["group", "task", "seeds", "mean", "standard error", "low", "high"]
    for group in groups:
        for task in task_names([group]):
            found = spread_of(group, task)
            if found is not None:
                numbers = (found.mean, found.error, found.low, found.high)
                yield [group.label, task, found.seeds, *map(_table_cell, numbers)]


def differences_table(found: Iterable[tuple[str, str, Difference]]) -> Iterable[Row]:
    """One row a task and pair: points, 95 % interval, verdict, and the runs left out.

    Args:
        found: What was compared, with what, and the difference.
    """
    yield ["group", "less", "task", "points", "low", "high", "verdict", "paired seeds",
           "runs left out"]  # fmt: skip
    for first, second, each in found:
        numbers = (
            ("", "", "", "not paired")
            if each.found is None
            else (
                each.found.mean,
                _table_cell(each.found.low),
                _table_cell(each.found.high),
                each.found.verdict,
            )
        )
        seeds, left_out = (" ".join(map(str, values)) for values in (each.seeds, each.unpaired))
        yield [first, second, each.task, *numbers, seeds, left_out]


def _table_cell(value: float) -> float | str:
    return float(value) if math.isfinite(value) else ""
