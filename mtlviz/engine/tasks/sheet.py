"""A table as somebody sends it: read in full before it is believed, with what is wrong by row."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from mtlviz.engine.tasks.reading import Rows, count_of_cells, rows_of
from mtlviz.errors import DataError, unknown_choice

MAX_ROWS = 100_000
"""More rows than this take the memory of a shared server; the command line reads a million."""

DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";"}
ENCODINGS = {
    "UTF-8": "utf-8-sig",
    "Western (Windows)": "cp1252",
    "UTF-16": "utf-16",
}
# The first bytes of files that are often sent with the wrong ending.
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook or another packed file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "packed with gzip",
    b"%PDF": "a PDF",
}

# Line of the file, and what is wrong there.
RowProblem = tuple[int, str]


@dataclass(frozen=True)
class Sheet(Rows):
    """Rows of cells under named columns, each cell the text it is.

    Attributes:
        name: Name of the file, for messages.
        columns: Column names, in order; one without a name is called by its number.
        lines: Line of the file on which each row ends, N of them.
        rows: Cells, as many in each row as there are columns, N rows.
        problems: Line and sentence for each row that has the wrong number of cells or holds a NUL
            byte, in the order of the file; these rows are not among `rows`.
        delimiter: What separates the cells: "comma", "tab" or "semicolon".
    """

    problems: tuple[RowProblem, ...]
    delimiter: str


def read_sheet(content: bytes, name: str, *, encoding: str = "UTF-8", delimiter: str = "") -> Sheet:
    """Read a table whose first row names the columns.

    Args:
        content: The file.
        name: Its name, for messages.
        encoding: One of ENCODINGS.
        delimiter: One of DELIMITERS; the one that stands most often in the first row if empty.

    Raises:
        ConfigError: The encoding or the delimiter is unknown.
        DataError: The file is no table, is empty, names a column twice, has a quotation mark that
            is never closed, or more than MAX_ROWS rows.
    """
    if delimiter and delimiter not in DELIMITERS:
        raise unknown_choice("delimiter", delimiter, DELIMITERS)
    text = _decoded(content, name, encoding)
    chosen = delimiter or _guessed(text)
    rows = _rows(text, name, DELIMITERS[chosen])
    columns = _columns(next(rows, (0, []))[1], name)
    lines, kept, problems = list[int](), list[list[str]](), list[RowProblem]()
    for line, cells in rows:
        if problem := _problem(cells, columns):
            problems.append((line, problem))
        else:
            lines.append(line)
            kept.append(cells)
    if not kept and not problems:
        raise DataError(f"{name} has column names but no rows below them.")
    return Sheet(name, columns, tuple(lines), tuple(kept), tuple(problems), chosen)


def _decoded(content: bytes, name: str, encoding: str) -> str:
    if encoding not in ENCODINGS:
        raise unknown_choice("encoding", encoding, ENCODINGS)
    if not content.strip():
        raise DataError(f"{name} is empty.")
    for start, what in _OTHER_FILES.items():
        if content.startswith(start):
            raise DataError(f"{name} is {what}, not text: save it as CSV in UTF-8.")
    try:
        return content.decode(ENCODINGS[encoding])
    except UnicodeError as error:
        at = (
            f" (byte {error.start + 1} does not fit)"
            if isinstance(error, UnicodeDecodeError)
            else ""
        )
        raise DataError(
            f"{name} is not in the encoding {encoding}{at}: save it as UTF-8, or choose the "
            "encoding it is in."
        ) from error


def _guessed(text: str) -> str:
    """The delimiter that the first row that is not blank holds most of."""
    first = next((line for line in StringIO(text) if line.strip()), "")
    return max(DELIMITERS, key=lambda name: first.count(DELIMITERS[name]))


def _rows(text: str, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row that is not blank.

    Raises:
        DataError: Quotation marks do not match, a cell is too long, or there are too many rows.
    """
    for count, (line, cells) in enumerate(rows_of(text, name, delimiter)):
        if count > MAX_ROWS:
            raise DataError(
                f"{name} has more than {MAX_ROWS:,} rows: take a part of it, or train on the whole "
                "file from the command line."
            )
        if any(cell.strip() for cell in cells):
            yield line, cells


def _columns(cells: list[str], name: str) -> tuple[str, ...]:
    named = tuple(cell.strip() or f"column {place}" for place, cell in enumerate(cells, start=1))
    if not named:
        raise DataError(f"{name} holds no rows.")
    twice = sorted({column for column in named if named.count(column) > 1})
    if twice:
        raise DataError(f"{name} has two columns called {twice[0]!r}: rename one of them.")
    if len(named) < 2:
        raise DataError(
            f"{name} has one column, {named[0][:60]!r}: a text and a label are needed, separated "
            "by commas, tabs or semicolons."
        )
    return named


def _problem(cells: list[str], columns: tuple[str, ...]) -> str | None:
    if len(cells) != len(columns):
        return f"{count_of_cells(cells, columns)}."
    if any("\0" in cell for cell in cells):
        return "a NUL byte, which no text holds."
    return None
