"""What is wrong with single rows of a table, and what to know of the task made of it."""

from collections.abc import Iterator, Sequence

import numpy as np

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.labels import Labels
from mtlviz.engine.tasks.mapping import Columns, number_of, split_of
from mtlviz.engine.tasks.matching import Key, keys
from mtlviz.engine.tasks.sheet import RowProblem, Sheet
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.limits import brief


def row_problems(
    sheet: Sheet, columns: Columns, labels: Labels, names: Sequence[str] | None
) -> Iterator[RowProblem]:
    """Line and sentence for everything that is wrong with a row, in the order of the file.

    Args:
        sheet: The table.
        columns: What its columns are.
        labels: What its label column says; rows without a label may lack anything.
        names: Names that labels must have; None for any.
    """
    texts = [column for column in (columns.text, columns.text_b) if column]
    cells = {column: sheet.cells(column) for column in texts}
    splits = sheet.cells(columns.split) if columns.split else []
    wrong = {label: _label_problem(label, columns, names) for label in {*labels.cells}}
    for row, line in enumerate(sheet.lines):
        label = labels.cells[row]
        for column in texts if label is not None else ():
            if not cells[column][row].strip():
                yield line, f"no text in column {brief(column)}."
        if problem := wrong.get(label):
            yield line, problem
        if splits and split_of(splits[row]) is None:
            yield (
                line,
                f"split {brief(splits[row], 40)} in column {brief(columns.split)} is none of "
                "train, dev (or val, valid, validation) and test.",
            )


def _label_problem(cell: str | None, columns: Columns, names: Sequence[str] | None) -> str | None:
    problem = KINDS[columns.kind].problem(cell, names) if cell is not None else None
    if problem and not (cell or "").strip():
        return f"no label in column {brief(columns.label)}."
    return f"column {brief(columns.label)}: {problem}." if problem else None


def upload_notes(task: Task) -> Iterator[str]:
    """One sentence each: labels of two sorts, classes a split lacks, texts that stand twice."""
    yield from _mixed_labels(task.label_names)
    yield from _rare_classes(task)
    yield from _without_labels(tuple(task.splits.values()))
    yield from _copies(tuple(task.splits.values()))


def _mixed_labels(names: Sequence[str]) -> Iterator[str]:
    numbers = [name for name in names if np.isfinite(number_of(name))]
    words = [name for name in names if name not in numbers]
    if numbers and words:
        yield (
            f"Labels are part numbers ({brief(numbers[0], 40)}, …) and part words "
            f"({brief(words[0], 40)}, …): each counts as a class of its own."
        )


def _rare_classes(task: Task) -> Iterator[str]:
    """Classes that one of the two splits lacks."""
    for split in ("train", "dev"):
        names = task.label_names
        counts = KINDS[task.kind].counts(task.splits[split].labels, len(names))
        missing = [] if counts is None else [n for n, c in zip(names, counts, strict=True) if not c]
        if missing:
            shown = ", ".join(brief(name, 40) for name in missing[:3])
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            yield f"No example of {shown}{more} is in {split}."


def _without_labels(splits: Sequence[Examples]) -> Iterator[str]:
    """How many examples bear none of several labels."""
    bare = sum(int((part.labels.sum(1) == 0).sum()) for part in splits if part.labels.ndim > 1)
    if bare:
        rows = "1 row has" if bare == 1 else f"{bare:,} rows have"
        yield f"{rows} an empty label cell, which counts as none of the labels."


def _copies(splits: Sequence[Examples]) -> Iterator[str]:
    """How many texts stand in more than one row, and whether their labels agree."""
    labels: dict[Key, set[str]] = {}
    for examples in splits:
        for key, label in zip(keys(examples), examples.labels.tolist(), strict=True):
            labels.setdefault(key, set()).add(str(label))
    copies = sum(map(len, splits)) - len(labels)
    if copies:
        apart = sum(len(each) > 1 for each in labels.values())
        repeat = "1 row repeats" if copies == 1 else f"{copies:,} rows repeat"
        bear = "1 text has" if apart == 1 else f"{apart or 'no'} texts have"
        yield f"{repeat} the text of another row; {bear} more than one label."
