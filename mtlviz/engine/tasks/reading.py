"""Reading rows of text files: every cell stays the text it is, every error names its line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from mtlviz.access import current
from mtlviz.engine.kinds.kind import Labels, TaskKind
from mtlviz.errors import ConfigError, DataError
from mtlviz.limits import parse_json

# Every set of GLUE fits; a longer table would fill the memory of a laptop with text.
MAX_ROWS = 1_000_000
LONGEST_FILE = 2**27
"""Characters of a file that are held in memory; SQuAD has 30 million."""


@dataclass(frozen=True)
class Rows:
    """Rows of cells under named columns.

    Attributes:
        name: What messages call it.
        columns: Column names, in order.
        lines: Line of the file on which each row ends, N of them.
        rows: Cells, one sequence per row, as many as columns.
    """

    name: str
    columns: tuple[str, ...]
    lines: tuple[int, ...]
    rows: tuple[Sequence[str], ...]

    def cells(self, column: str) -> list[str]:
        """The cells of one column.

        Raises:
            DataError: There is no such column; the message lists those found.
        """
        if column not in self.columns:
            found = ", ".join(repr(name) for name in self.columns)
            raise DataError(f"{self.name} has no column {column!r}; it has {found}.")
        position = self.columns.index(column)
        return [row[position] for row in self.rows]


@dataclass(frozen=True)
class Table(Rows):
    """Rows of cells under named columns, read as texts, scores or classes."""

    def texts(self, column: str) -> tuple[str, ...]:
        """The cells of a column that holds text, none of them blank.

        Raises:
            DataError: A cell is blank, or there is no such column.
        """
        cells = self.cells(column)
        for line, cell in zip(self.lines, cells, strict=True):
            if not cell.strip():
                raise DataError(f"{self.name}, line {line}: column {column!r} has no text.")
        return tuple(cells)

    def label_names(self, column: str, kind: TaskKind) -> tuple[str, ...]:
        """The label names that a column's cells hold, sorted.

        Raises:
            DataError: A cell is no label, or there is no such column.
        """
        cells = self._label_cells(column, kind, None)
        return tuple(sorted({name for cell in cells for name in kind.parts(cell)}))

    def labels(self, column: str, kind: TaskKind, names: Sequence[str]) -> Labels:
        """The labels of a column, shape (N,) or as the kind of task has them.

        Args:
            column: Its name.
            kind: The kind of task.
            names: Each label's name as it is written; empty where labels are scores.

        Raises:
            DataError: A cell is no such label, or there is no such column.
        """
        return kind.read(self._label_cells(column, kind, names), names)

    def _label_cells(self, column: str, kind: TaskKind, names: Sequence[str] | None) -> list[str]:
        cells = self.cells(column)
        for line, cell in zip(self.lines, cells, strict=True):
            if problem := kind.problem(cell, names):
                raise DataError(f"{self.name}, line {line}: {problem}.")
        return cells


def located(path: str) -> Path:
    """The file or folder a path means: absolute, or else below $MTLVIZ_DATA, or else below here.

    Raises:
        DataError: There is none, or this process may not read it.
    """
    return current().find(path)


def read_text(file: Path, encoding: str = "utf-8-sig") -> str:
    """The whole text of a file, unpacked if its name ends in .gz.

    Raises:
        DataError: It cannot or may not be read, is too large, or is not in this encoding.
    """
    try:
        return current().read(file).decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{file.name} is not in the encoding {encoding!r} (byte {error.start}); save it as "
            "UTF-8 or name its encoding."
        ) from error
    except LookupError as error:
        raise DataError(f"{file.name}: there is no encoding {encoding!r}.") from error
    except (OSError, EOFError) as error:
        raise DataError(f"{file.name} cannot be read: {_reason(error)}.") from error


def read_json(file: Path) -> Any:
    """The content of a JSON file.

    Raises:
        DataError: It cannot be read, or is no JSON within the limits of `limits.parse_json`.
    """
    try:
        return parse_json(read_text(file), file.name, LONGEST_FILE)
    except ConfigError as error:
        raise DataError(str(error)) from error


def rows_of(
    text: str, name: str, delimiter: str = ",", *, strict: bool = True
) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row that is not blank.

    Raises:
        DataError: Quotes do not match (if strict), a cell is too long, or there are too many rows.
    """
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    ended = 0
    try:
        for count, cells in enumerate(reader):
            ended = reader.line_num
            if count > MAX_ROWS:
                raise DataError(f"{name} has more than {MAX_ROWS:,} rows; give a part of it.")
            if cells:
                yield ended, cells
    except csv.Error as error:
        raise DataError(f"{name}, line {_misread(error, reader.line_num, ended)}.") from error


def _misread(error: csv.Error, line: int, ended: int) -> str:
    """Where a table cannot be read and why, from what Python's reader says.

    Args:
        error: What it says.
        line: The line that it had come to.
        ended: The last line of the row before.
    """
    if "unexpected end of data" in str(error):
        return (
            f'{ended + 1}: a quotation mark (") opens in this row and is never closed; write a '
            'quotation mark inside a cell twice ("")'
        )
    if "expected after" in str(error):
        return (
            f'{line}: a quotation mark (") stands in the middle of a quoted cell, or closes it '
            'before its end; write a quotation mark inside a cell twice ("")'
        )
    return f"{line}: {error}"


def read_table(file: Path, delimiter: str = ",", encoding: str = "utf-8-sig") -> Table:
    """A file whose first row names the columns.

    Raises:
        DataError: It cannot be read, has no rows, names a column twice, or has a ragged row.
    """
    rows = list(rows_of(read_text(file, encoding), file.name, delimiter))
    if len(rows) < 2:
        raise DataError(f"{file.name} has no rows below a row of column names.")
    columns = tuple(cell.strip() for cell in rows[0][1])
    if len(set(columns)) < len(columns):
        raise DataError(f"{file.name} names a column twice: {', '.join(columns)}.")
    for line, cells in rows:
        if len(cells) != len(columns):
            raise DataError(f"{file.name}, line {line}: {count_of_cells(cells, columns)}.")
    lines, cells = zip(*rows[1:], strict=True)
    return Table(file.name, columns, lines, cells)


def count_of_cells(cells: Sequence[str], columns: Sequence[str]) -> str:
    """How many cells stand under how many columns: `1 cell under 2 columns`."""
    return " under ".join(
        f"{len(each)} {word}{'' if len(each) == 1 else 's'}"
        for each, word in ((cells, "cell"), (columns, "column"))
    )


def _reason(error: Exception) -> str:
    # The full text of an OSError names the path on this machine.
    return getattr(error, "strerror", None) or "damaged or incomplete"
