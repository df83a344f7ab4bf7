"""From a table to a task, or to the sentences that say why it is none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from mtlviz.engine.kinds import KINDS, TaskKind
from mtlviz.engine.tasks.description import SPLITS
from mtlviz.engine.tasks.labels import Labels, read_labels
from mtlviz.engine.tasks.loading import check_task
from mtlviz.engine.tasks.mapping import Columns, split_of
from mtlviz.engine.tasks.remarks import row_problems, upload_notes
from mtlviz.engine.tasks.sheet import RowProblem, Sheet
from mtlviz.engine.tasks.splitting import check_share, hold_out, take
from mtlviz.engine.tasks.task import Examples, SplitName, Task, Texts
from mtlviz.errors import ConfigError, DataError, MtlvizError
from mtlviz.limits import brief

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
        missing: Cells that mean there is no label; the usual ones if None.
        labels: Label names in order; those found if empty.
        most_classes: Different labels that there may be.
    """

    name: str
    columns: Columns
    metric: str = ""
    dev_share: float = 0.2
    seed: int = 0
    missing: tuple[str, ...] | None = None
    labels: tuple[str, ...] = ()
    most_classes: int = MAX_CLASSES


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
    notes: tuple[str, ...] = field(default=())


def check_upload(sheet: Sheet, wishes: Wishes) -> Checked:
    """Make a task of a table, or say row by row why it makes none. Nothing is written."""
    try:
        check_name(wishes.name)
        task, found = made(sheet, wishes)
        if task is not None:
            check_task(task)
    except MtlvizError as error:
        return Checked(None, (str(error),))
    if task is None:
        told = tuple(f"Line {line}: {problem}" for line, problem in found[:SHOWN])
        return Checked(None, told, max(0, len(found) - SHOWN))
    return Checked(task, notes=(*task.notes, *upload_notes(task)))


def check_name(name: str) -> None:
    """Check that a task can bear this name.

    Raises:
        DataError: It is empty, too long, or holds characters that do not print.
    """
    if not name.strip() or len(name) > MAX_NAME:
        raise DataError(f"Give the task a name of 1 to {MAX_NAME} characters.")
    if not name.isprintable():
        raise DataError("The name holds a line break or another character that does not print.")


def made(sheet: Sheet, wishes: Wishes) -> tuple[Task | None, list[RowProblem]]:
    """The task that a table makes, or what is wrong with its rows.

    Raises:
        ConfigError: A wish is wrong.
        DataError: The columns, or all rows together, make no task.
    """
    columns, kind = wishes.columns, KINDS[wishes.columns.kind]
    _check_columns(sheet, columns)
    check_share(wishes.dev_share)
    if len(set(wishes.labels)) < len(wishes.labels):
        raise ConfigError(f"A class is named twice: {', '.join(wishes.labels)}.")
    labels = read_labels(sheet.cells(columns.label), kind, wishes.missing, wishes.labels)
    names = labels.names if wishes.labels else None
    found = sorted([*sheet.problems, *row_problems(sheet, columns, labels, names)])
    return (None, found) if found else (_task(sheet, wishes, kind, labels), [])


def _check_columns(sheet: Sheet, columns: Columns) -> None:
    used = [
        column for column in (columns.text, columns.text_b, columns.label, columns.split) if column
    ]
    for column in used:
        sheet.cells(column)
    twice = [column for column, count in Counter(used).items() if count > 1]
    if twice:
        raise DataError(f"The column {brief(twice[0])} is used twice: choose one for each part.")


def _task(sheet: Sheet, wishes: Wishes, kind: TaskKind, labels: Labels) -> Task:
    columns = wishes.columns
    if kind.parts:
        _check_names(sheet, wishes, labels)
    everything = labelled(sheet, columns, labels)
    if not len(everything):
        raise DataError(f"No row has a label in column {brief(columns.label)}.")
    scores = everything.labels
    if kind.ranged and scores.min() == scores.max():
        raise DataError(f"Column {brief(columns.label)} holds the same score in every row.")
    parts, notes = _splits(sheet, everything, labels, wishes)
    bare = [] if "test" in parts else _test_rows(sheet, columns)
    return Task(
        name=wishes.name,
        kind=kind.name,
        label_names=labels.names,
        metric=wishes.metric or kind.fitting(len(labels.names))[0],
        splits=parts,
        origin=_origin(sheet, wishes),
        score_range=(float(scores.min()), float(scores.max())) if kind.ranged else None,
        notes=(*sheet.notes, *labels.notes, *notes),
        unlabelled={"test": lambda: texts_in(sheet, columns.text, columns.text_b, rows=bare)}
        if bare
        else {},
    )


def _test_rows(sheet: Sheet, columns: Columns) -> list[int]:
    """Rows of the test split by the column that says the split; none without one."""
    splits = sheet.cells(columns.split) if columns.split else []
    return [row for row, cell in enumerate(splits) if split_of(cell) == "test"]


def _origin(sheet: Sheet, wishes: Wishes) -> str:
    columns = wishes.columns
    used = ", ".join(filter(None, (columns.text, columns.text_b, columns.label)))
    how = f"split by its column {columns.split}"
    if not columns.split:
        how = f"{wishes.dev_share:.0%} of each class held out for dev, seed {wishes.seed}"
    return f"Own table {sheet.name}, columns {used}, {how}."


def _check_names(sheet: Sheet, wishes: Wishes, labels: Labels) -> None:
    column, names = brief(wishes.columns.label), labels.names
    if len(names) < 2:
        only = brief(next(iter(names), ""), 40)
        none = (
            f" Left out as no label: {', '.join(map(brief, labels.marks))}." if labels.marks else ""
        )
        raise DataError(f"Column {column} has one class, {only}: two are needed.{none}")
    if len(names) > wishes.most_classes:
        raise DataError(
            f"Column {column} has {len(names):,} different labels in {len(sheet.rows):,} rows; at "
            f"most {wishes.most_classes} classes can be told apart. Is it the right column?"
        )


def labelled(sheet: Sheet, columns: Columns, labels: Labels, ids: str = "") -> Examples:
    """The rows that have a label.

    Args:
        sheet: The table.
        columns: What its columns are.
        labels: What its label column says.
        ids: Column of the examples' names; their lines if empty.
    """
    rows = [row for row, cell in enumerate(labels.cells) if cell is not None]
    texts = texts_in(sheet, columns.text, columns.text_b, ids, rows)
    answers = [cell for cell in labels.cells if cell is not None]
    read = KINDS[columns.kind].read(answers, labels.names)
    return Examples(texts.ids, texts.first, texts.second, labels=read)


def texts_in(
    sheet: Sheet, text: str, text_b: str = "", ids: str = "", rows: Sequence[int] | None = None
) -> Texts:
    """The texts of a table, whether or not they have labels.

    Args:
        sheet: The table.
        text: Column of the sentence, or of the first of a pair.
        text_b: Column of the second; empty for single sentences.
        ids: Column of the texts' names; their lines if empty.
        rows: Which rows; all if None.
    """
    chosen = range(len(sheet.rows)) if rows is None else rows

    def cells(column: str) -> tuple[str, ...]:
        found = sheet.cells(column)
        return tuple(found[row] for row in chosen)

    return Texts(
        ids=cells(ids) if ids else tuple(f"line {sheet.lines[row]}" for row in chosen),
        first=cells(text),
        second=cells(text_b) if text_b else None,
    )


def _splits(
    sheet: Sheet, everything: Examples, labels: Labels, wishes: Wishes
) -> tuple[dict[SplitName, Examples], tuple[str, ...]]:
    """The splits, and what to know of them."""
    if not wishes.columns.split:
        train, dev = hold_out(everything, wishes.dev_share, wishes.seed)
        if not len(dev):
            raise DataError("No example is left for dev: every class has one text only.")
        return {"train": train, "dev": dev}, ()
    rows = [split_of(cell) for cell in sheet.cells(wishes.columns.split)]
    kept = [split for split, cell in zip(rows, labels.cells, strict=True) if cell is not None]
    for split in ("train", "dev"):
        if split not in kept:
            raise DataError(
                f"Column {brief(wishes.columns.split)} puts no row into {split}: train and dev are "
                "needed. Leave the column out (split=none in the shell) to hold out a share."
            )
    bare = "test" in rows and "test" not in kept
    notes = ("No row of test has a label: it can be answered, but never scored.",) if bare else ()
    split_names = [split for split in SPLITS if split in kept]
    chosen = {
        split: [place for place, each in enumerate(kept) if each == split] for split in split_names
    }
    return {split: take(everything, places) for split, places in chosen.items()}, notes
