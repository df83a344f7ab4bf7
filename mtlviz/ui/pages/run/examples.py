"""The training examples that made the gradients of one update."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.probing_batches import MOST_EXAMPLES, NO_EXAMPLE
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.records import StepRecord
from mtlviz.engine.tasks import Task, load_tasks
from mtlviz.engine.tasks.digest import digest
from mtlviz.engine.tasks.task import Examples
from mtlviz.errors import DataError, MtlvizError
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.run_words import without_folders
from mtlviz.ui.core.words import counted, escaped, grouped
from mtlviz.ui.pages.run.update import Part, Update, plain_cell, words

_TASKS = Memo(3)  # A task of a hundred thousand sentences takes tens of megabytes.


def examples(update: Update) -> Part:
    """The texts of each due task; read only where somebody asks for them."""
    record = update.record
    if record is None or record.examples is None:
        return words(notes=[
            f"Which examples made update {grouped(update.number)} was not kept. New runs keep it; "
            "`--set probes.examples_every=1` switches it on."
        ])  # fmt: skip
    try:
        tasks = tasks_of(update.run)
        return words(tables=_tables(tasks, record, record.examples))
    except MtlvizError as error:
        told = escaped(without_folders(str(error)))
        return words(notes=[f"The examples cannot be read any more. {told}"])


def tasks_of(run: RunSummary) -> tuple[Task, ...]:
    """The tasks of a run with their texts, read once for all who look.

    Raises:
        MtlvizError: If the data cannot be read any more, or are not those that the run has read.
    """
    found = _TASKS.once(run_records.name_of(run), run.fingerprints, lambda: _loaded(run))
    if isinstance(found, DataError):
        raise found
    return found


def _loaded(run: RunSummary) -> tuple[Task, ...] | DataError:
    """The tasks of a run as its process loaded them: the same settings draw the same examples.

    Where others lie under the same name, as for a run recorded elsewhere, that is said instead.

    Raises:
        MtlvizError: If the data cannot be read any more.
    """
    config = run_records.run_config(run)
    tasks = load_tasks(config.data, generator(config.seed, DATA))
    for task, mark in zip(tasks, run.fingerprints or (), strict=False):
        if digest([task]) != mark:
            return DataError(f"The task {task.name!r} here has other ones than the run has read.")
    return tasks


def _tables(tasks: Sequence[Task], record: StepRecord, numbers: NDArray[np.int32]) -> list[Part]:
    return [
        _table(tasks[task], numbers[task], float(record.losses[task]))
        for task in np.flatnonzero(record.due)
    ]


def _table(task: Task, numbers: NDArray[np.int32], loss: float) -> Part:
    rows = rows_of(task, numbers)
    header = list(rows[0]) if rows else []
    count = grouped(len(rows))  # Of a larger batch no more are kept.
    which = f"The first {count} of the" if len(rows) == MOST_EXAMPLES else f"The {count}"
    caption = (
        f"{which} training examples whose mean loss gave this gradient, "
        f"in the order in which they were read. Loss: {loss:.3g}."
    )
    cells = [[plain_cell(row[name]) for name in header] for row in rows]
    return {"title": escaped(task.name), "header": header, "rows": cells, "caption": caption}


def rows_of(task: Task, numbers: NDArray[np.int32]) -> list[dict[str, str | float]]:
    """Examples of a task's training split as rows of a table, plain text.

    Args:
        task: The task.
        numbers: Numbers of its examples; −1 stands for none.

    Raises:
        DataError: If the task has fewer examples by now.
    """
    train = task.splits["train"]
    chosen = numbers[numbers != NO_EXAMPLE]
    if len(chosen) and chosen.max() >= len(train):
        raise DataError(
            f"Task {task.name!r} has {counted(len(train), 'training example')} now, fewer than it "
            "had."
        )
    rows = []
    for number in chosen:
        row = {"label": _label(task, train, number), "text": train.first[number]}
        if train.second is not None:
            row["second text"] = train.second[number]
        rows.append(row)
    return rows


def _label(task: Task, train: Examples, number: int) -> str | float:
    """In words, or a score as a number, which a table can sort."""
    kind = KINDS[task.kind]
    return float(train.labels[number]) if kind.ranged else kind.say(task, train, number)
