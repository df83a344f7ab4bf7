"""Reading rows of text files: every cell stays the text it is, every error names its line."""

import csv
import gzip
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.errors import ConfigError, DataError
from mtlviz.limits import parse_json

DATA_FOLDER = "MTLVIZ_DATA"
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

    def scores(self, column: str) -> NDArray[np.float64]:
        """The cells of a column of finite numbers, shape (N,).

        Raises:
            DataError: A cell is not a finite number, or there is no such column.
        """
        cells = zip(self.lines, self.cells(column), strict=True)
        return np.array([self._score(line, cell) for line, cell in cells])

    def classes(self, column: str, numbers: Mapping[str, int]) -> NDArray[np.int64]:
        """The class numbers of a column of labels, shape (N,).

        Args:
            column: Its name.
            numbers: Class number of each label as it is written.

        Raises:
            DataError: A label is not among them, or there is no such column.
        """
        cells = [cell.strip() for cell in self.cells(column)]
        for line, cell in zip(self.lines, cells, strict=True):
            if cell not in numbers:
                known = ", ".join(repr(label) for label in numbers)
                raise DataError(f"{self.name}, line {line}: label {cell!r} is not one of {known}.")
        return np.array([numbers[cell] for cell in cells], dtype=np.int64)

    def _score(self, line: int, cell: str) -> float:
        try:
            score = float(cell)
        except ValueError:
            score = float("nan")
        if not np.isfinite(score):
            raise DataError(f"{self.name}, line {line}: {cell!r} is not a finite number.")
        return score


def located(path: str) -> Path:
    """The file or folder a path means: absolute, or else below $MTLVIZ_DATA, or else below here.

    Raises:
        DataError: There is none.
    """
    places = [Path(os.environ[DATA_FOLDER])] if os.environ.get(DATA_FOLDER) else []
    for place in (*places, Path()):
        if path and (place / path).exists():
            return place / path
    raise DataError(
        f"There is no file or folder {path!r}; give an absolute path, or one relative to the "
        f"folder named by {DATA_FOLDER} or to the current folder."
    )


def read_text(file: Path, encoding: str = "utf-8-sig") -> str:
    """The whole text of a file, unpacked if its name ends in .gz.

    Raises:
        DataError: It cannot be read, or is not in this encoding.
    """
    try:
        content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        return content.decode(encoding)
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
