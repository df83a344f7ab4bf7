"""From a table somebody sent to a task, or to the sentences that say why it is none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.kinds import KINDS, TaskKind
from mtlviz.engine.tasks.loading import check_task
from mtlviz.engine.tasks.mapping import SPLIT_NAMES, Columns, number_of
from mtlviz.engine.tasks.row_checks import row_problems, short
from mtlviz.engine.tasks.sheet import Sheet
from mtlviz.engine.tasks.splitting import take
from mtlviz.engine.tasks.stratified import stratified_hold_out
from mtlviz.engine.tasks.task import Examples, SplitName, Task
from mtlviz.engine.tasks.upload_notes import upload_notes
from mtlviz.errors import DataError, MtlvizError

MAX_CLASSES = 200
MAX_NAME = 60
SHOWN = 10
"""Problems that are told one by one; of the rest only the number."""


@dataclass(frozen=True)
class Wishes:
    """What a person wants to make of a table.

    Attributes:
        name: The task's name.
        columns: What the columns are.
        metric: Main score; the usual one of its kind if empty.
        dev_share: Share held out for dev where no column says the split.
        seed: Decides which examples are held out.
    """

    name: str
    columns: Columns
    metric: str = ""
    dev_share: float = 0.2
    seed: int = 0


@dataclass(frozen=True)
class Checked:
    """What a table makes.

    Attributes:
        task: The task; None where there is a problem.
        problems: One sentence for each problem, at most `SHOWN`.
        more: Number of further problems.
        notes: One sentence for each thing to know that is no problem.
    """

    task: Task | None
    problems: tuple[str, ...] = ()
    more: int = 0
    notes: tuple[str, ...] = ()


def check_upload(sheet: Sheet, wishes: Wishes) -> Checked:
    """Make a task of a table, or say row by row why it makes none. Nothing is written."""
    try:
        check_name(wishes.name)
        _check_columns(sheet, wishes.columns)
        found = sorted([*sheet.problems, *row_problems(sheet, wishes.columns)])
        if found:
            told = tuple(f"Line {line}: {problem}" for line, problem in found[:SHOWN])
            return Checked(None, told, max(0, len(found) - SHOWN))
        task = _made(sheet, wishes)
        check_task(task)
    except MtlvizError as error:
        return Checked(None, (str(error),))
    return Checked(task, notes=tuple(upload_notes(task)))


def check_name(name: str) -> None:
    """Check that a task can bear this name.

    Raises:
        DataError: It is empty, too long, or holds characters that do not print.
    """
    if not name.strip() or len(name) > MAX_NAME:
        raise DataError(f"Give the task a name of 1 to {MAX_NAME} characters.")
    if not name.isprintable():
        raise DataError("The name holds a line break or another character that does not print.")


def _check_columns(sheet: Sheet, columns: Columns) -> None:
    used = [
        column for column in (columns.text, columns.text_b, columns.label, columns.split) if column
    ]
    for column in used:
        sheet.cells(column)
    twice = [column for column, count in Counter(used).items() if count > 1]
    if twice:
        raise DataError(f"The column {twice[0]!r} is used twice: choose a column for each part.")


def _made(sheet: Sheet, wishes: Wishes) -> Task:
    columns = wishes.columns
    kind = KINDS[columns.kind]
    names = _classes(sheet, columns, kind) if kind.parts else ()
    everything = _examples(sheet, columns, names)
    splits = _splits(sheet, everything, wishes)
    scores = everything.labels
    if kind.ranged and scores.min() == scores.max():
        raise DataError(f"Column {columns.label!r} holds the same score in every row.")
    return Task(
        name=wishes.name,
        kind=kind.name,
        label_names=names,
        metric=wishes.metric or kind.fitting(len(names))[0],
        splits=splits,
        origin=f"Own table {sheet.name}, {_origin(wishes)}.",
        score_range=(float(scores.min()), float(scores.max())) if kind.ranged else None,
    )


def _origin(wishes: Wishes) -> str:
    if wishes.columns.split:
        return f"split by its column {wishes.columns.split}"
    return f"{wishes.dev_share:.0%} of each class held out for dev, seed {wishes.seed}"


def _classes(sheet: Sheet, columns: Columns, kind: TaskKind) -> tuple[str, ...]:
    """The class names: numbers by value, then words by letter."""
    found = {name for cell in sheet.cells(columns.label) for name in kind.parts(cell)}
    if len(found) < 2:
        only = short(next(iter(found), ""))
        raise DataError(f"Column {columns.label!r} has one class, {only}: two are needed.")
    if len(found) > MAX_CLASSES:
        raise DataError(
            f"Column {columns.label!r} has {len(found):,} different labels in {len(sheet.rows):,} "
            f"rows; at most {MAX_CLASSES} classes can be told apart. Is it the right column?"
        )
    return tuple(sorted(found, key=lambda name: (*_by_value(name), name)))


def _by_value(name: str) -> tuple[bool, float]:
    number = number_of(name)
    return (False, number) if np.isfinite(number) else (True, 0.0)


def _examples(sheet: Sheet, columns: Columns, names: Sequence[str]) -> Examples:
    return Examples(
        ids=tuple(f"line {line}" for line in sheet.lines),
        first=tuple(sheet.cells(columns.text)),
        second=tuple(sheet.cells(columns.text_b)) if columns.text_b else None,
        labels=KINDS[columns.kind].read(sheet.cells(columns.label), names),
    )


def _splits(sheet: Sheet, everything: Examples, wishes: Wishes) -> dict[SplitName, Examples]:
    if not wishes.columns.split:
        generator = np.random.default_rng(wishes.seed)
        train, dev = stratified_hold_out(everything, wishes.dev_share, generator)
        if not len(dev):
            raise DataError("No example is left for dev: every class has one text only.")
        return {"train": train, "dev": dev}
    positions: dict[SplitName, list[int]] = {}
    for position, cell in enumerate(sheet.cells(wishes.columns.split)):
        positions.setdefault(SPLIT_NAMES[cell.strip().lower()], []).append(position)
    for split in ("train", "dev"):
        if split not in positions:
            raise DataError(
                f"Column {wishes.columns.split!r} puts no row into {split}: train and dev are "
                "needed. Leave the column out to hold out a share."
            )
    return {split: take(everything, chosen) for split, chosen in positions.items()}
