"""What is wrong with single rows of a table, one sentence each."""

from collections.abc import Iterator

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.mapping import SPLIT_NAMES, Columns
from mtlviz.engine.tasks.sheet import RowProblem, Sheet


def row_problems(sheet: Sheet, columns: Columns) -> Iterator[RowProblem]:
    """Line and sentence for everything that is wrong with a row, in the order of the file."""
    texts = [column for column in (columns.text, columns.text_b) if column]
    cells = {column: sheet.cells(column) for column in {*texts, columns.label}}
    splits = sheet.cells(columns.split) if columns.split else []
    for row, line in enumerate(sheet.lines):
        for column in texts:
            if not cells[column][row].strip():
                yield line, f"no text in column {column!r}."
        if problem := _label_problem(cells[columns.label][row], columns):
            yield line, problem
        if splits and splits[row].strip().lower() not in SPLIT_NAMES:
            yield (
                line,
                (
                    f"split {short(splits[row])} in column {columns.split!r} is none "
                    "of train, dev, validation and test."
                ),
            )


def _label_problem(cell: str, columns: Columns) -> str | None:
    problem = KINDS[columns.kind].problem(cell, None)
    if problem and not cell.strip():
        return f"no label in column {columns.label!r}."
    return f"column {columns.label!r}: {problem}." if problem else None


def short(text: str) -> str:
    """A cell in quotation marks, cut where it is long."""
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
