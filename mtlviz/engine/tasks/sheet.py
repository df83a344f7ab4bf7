"""A table as somebody has it: read in full before it is believed, with what is wrong by row.

The one reader of tables: of the shell, of the Data page and of folders with a meta.json.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mtlviz.engine.tasks import reading
from mtlviz.engine.tasks.decoding import decoded
from mtlviz.engine.tasks.delimited import chosen_delimiter, name_of, rows_of, separator_line
from mtlviz.engine.tasks.records import Found, is_json, json_records, parquet_records
from mtlviz.errors import DataError
from mtlviz.limits import brief

MAX_ROWS = 100_000
"""More rows than this take the memory of a shared server; the command line reads a million."""
ENDINGS = (".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson", ".json", ".parquet")
"""How names of tables end, whatever their case, with .gz behind it where packed."""

# Line of the file, and what is wrong there.
RowProblem = tuple[int, str]
LABEL_NAMES = (
    *("label", "labels", "class", "category", "sentiment", "score", "similarity", "target"),
    *("is_duplicate", "gold", "gold_label", "rating", "stars", "y", "coarse_label", "intent"),
)
TEXT_NAMES = (
    *("text", "sentence", "text_a", "sentence1", "question1", "premise", "first", "review"),
    *("content", "body", "question", "title"),
)
SECOND_NAMES = ("text_b", "sentence2", "question2", "hypothesis", "second", "answer")
ID_NAMES = ("id", "index", "guid", "idx", "unnamed: 0")
# Names that head a column and are no cell of an example.
_HEADINGS = frozenset((*LABEL_NAMES, *TEXT_NAMES, *SECOND_NAMES, *ID_NAMES, "split"))
_LONGEST_HEADING = 80
_NO_HEADER = "The first row looks like an example, so columns are called by their numbers."


@dataclass(frozen=True)
class Sheet:
    """Rows of cells under named columns, each cell the text it is.

    Attributes:
        name: Name of the file, for messages.
        columns: Column names, in order; one without a name is called by its number.
        lines: Line of the file on which each row ends, N of them.
        rows: Cells, as many in each row as there are columns, N rows.
        problems: Line and sentence for each row that has the wrong number of cells or holds a NUL
            byte, in the order of the file; these rows are not among `rows`.
        delimiter: What separates the cells, a key of DELIMITERS; empty for JSON and Parquet.
        notes: One sentence for each thing to know of how it was read.
        quoted: Whether quotation marks enclose cells, and are no letters.
    """

    name: str
    columns: tuple[str, ...]
    lines: tuple[int, ...]
    rows: tuple[Sequence[str], ...]
    problems: tuple[RowProblem, ...] = ()
    delimiter: str = ""
    notes: tuple[str, ...] = ()
    quoted: bool = True

    def cells(self, column: str) -> list[str]:
        """The cells of one column.

        Raises:
            DataError: There is no such column; the message lists those found.
        """
        if column not in self.columns:
            found = ", ".join(brief(name) for name in self.columns[:20])
            raise DataError(f"{self.name} has no column {brief(column)}; it has {found}.")
        position = self.columns.index(column)
        return [row[position] for row in self.rows]


@dataclass(frozen=True)
class Format:
    """How a table is written, as far as that is said; the rest is found out.

    Attributes:
        encoding: A key of ENCODINGS or another name of Python's; UTF-8, or UTF-16 by its mark, if
            empty.
        delimiter: A key of DELIMITERS or the character itself; found out if empty.
        quoted: Whether quotation marks enclose cells; by default not between tabs.
        header: Whether the first row names the columns; by default unless it looks like an example.
        least: Columns that there must be: a text and a label, or a text alone.
    """

    encoding: str = ""
    delimiter: str = ""
    quoted: bool | None = None
    header: bool | None = None
    least: int = 2


def read_sheet(
    content: bytes, name: str, form: Format | None = None, most: int = MAX_ROWS
) -> Sheet:
    """Read a table: cells between commas, tabs, semicolons or bars, JSON Lines, or Parquet.

    Args:
        content: The file.
        name: Its name, for messages; the ending tells JSON and Parquet.
        form: How it is written, as far as that is known.
        most: Rows that it may have.

    Raises:
        ConfigError: The encoding or the delimiter is unknown.
        DataError: The file is no table, is empty, names a column twice, has a quotation mark that
            is never closed, or too many rows.
    """
    form = form or Format()
    if content.startswith(b"PAR1"):
        return _of_records(name, parquet_records(content, name, most), form)
    text = decoded(content, name, form.encoding)
    if is_json(text, name):
        return _of_records(name, json_records(text, name, most), form)
    return _of_text(text, name, form, most)


def read_file(file: Path, form: Format | None = None) -> Sheet:
    """The table in a file; see `read_sheet`."""
    return read_sheet(reading.read_bytes(file), file.name, form, reading.MAX_ROWS)


def check_rows(sheet: Sheet) -> Sheet:
    """A sheet none of whose rows is wrong.

    Raises:
        DataError: A row is; the message names the first.
    """
    for line, problem in sheet.problems:
        raise DataError(f"{sheet.name}, line {line}: {problem}")
    return sheet


def count_of_cells(cells: Sequence[str], columns: Sequence[str]) -> str:
    """How many cells stand under how many columns: `1 cell under 2 columns`."""
    return " under ".join(
        f"{len(each)} {word}{'' if len(each) == 1 else 's'}"
        for each, word in ((cells, "cell"), (columns, "column"))
    )


def _of_records(name: str, found: Found, form: Format) -> Sheet:
    columns, lines, rows = found
    named = _columns(columns, name, len(columns), form.least)
    return _checked(name, named, zip(lines, rows, strict=True))


def _of_text(text: str, name: str, form: Format, most: int) -> Sheet:
    given, skipped = separator_line(text)
    delimiter = chosen_delimiter(text, name, form.delimiter or given, skipped)
    quoted = delimiter != "\t" if form.quoted is None else form.quoted
    rows = [
        (line, cells)
        for line, cells in rows_of(text, name, delimiter, quoted=quoted, most=most, skip=skipped)
        if not "".join(cells).isspace() and any(cells)
    ]
    if not rows:
        raise DataError(f"{name} holds no rows.")
    first = [cell.strip() for cell in rows[0][1]]
    header = not _is_example(first, rows[1:]) if form.header is None else form.header
    body = rows[1:] if header else rows
    width = _width(first, body)
    columns = _columns(first if header else [""] * width, name, width, form.least)
    notes = () if header or form.header is not None else (_NO_HEADER,)
    if '"' in text:
        notes += tuple(_notes(body, given=form, quoted=quoted))
    found = _checked(name, columns, body)
    return replace(found, delimiter=name_of(delimiter), notes=notes, quoted=quoted)


def _checked(name: str, columns: tuple[str, ...], rows: Iterable[tuple[int, list[str]]]) -> Sheet:
    """A sheet, its rows told apart from those that have something wrong with them."""
    lines, kept, problems = list[int](), list[list[str]](), list[RowProblem]()
    for line, cells in rows:
        while len(cells) > len(columns) and not cells[-1].strip():
            cells = cells[:-1]
        if problem := _problem(cells, columns):
            problems.append((line, problem))
        else:
            lines.append(line)
            kept.append(cells)
    if not kept and not problems:
        raise DataError(f"{name} has column names but no rows below them.")
    return Sheet(name, columns, tuple(lines), tuple(kept), tuple(problems))


def _width(first: Sequence[str], body: Sequence[tuple[int, list[str]]]) -> int:
    """Number of columns, delimiters behind the last cell of every row aside."""
    if first and first[-1].strip():
        return len(first)
    used = max((len(_stripped(cells)) for _, cells in body), default=0)
    return max(len(_stripped(first)), min(len(first), used))


def _stripped(cells: Sequence[str]) -> Sequence[str]:
    """Cells up to the last that is not blank."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _is_example(first: Sequence[str], body: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether a first row is an example: a number or a label of others, or too long for a name."""
    named = {cell.lower() for cell in first}
    numbers = [str(place) for place in range(len(first) + 1)]
    if not body or named & _HEADINGS or [*first] in (numbers[:-1], numbers[1:]):
        return False
    if any(_is_number(cell) or len(cell) > _LONGEST_HEADING for cell in first):
        return True
    below = zip(*(cells for _, cells in body if len(cells) == len(first)), strict=True)
    return any(
        cell and Counter(each.strip() for each in column)[cell] * 50 > len(body)
        for cell, column in zip(first, below, strict=False)
    )


def _is_number(cell: str) -> bool:
    try:
        return bool(float(cell.replace(",", "."))) or True
    except ValueError:
        return False


def _columns(cells: Sequence[str], name: str, width: int, least: int) -> tuple[str, ...]:
    named = tuple(cell.strip() or f"column {place}" for place, cell in enumerate(cells[:width], 1))
    if any("\0" in column for column in named):
        raise DataError(f"{name} has a NUL byte in the name of a column, which no text holds.")
    twice = sorted({column for column in named if named.count(column) > 1})
    if twice:
        raise DataError(f"{name} has two columns called {brief(twice[0])}: rename one of them.")
    if len(named) < least:
        raise DataError(
            f"{name} has one column, {brief(named[0])}: a text and a label are needed, separated "
            "by commas, tabs, semicolons or bars."
        )
    return named


def _problem(cells: Sequence[str], columns: Sequence[str]) -> str | None:
    if len(cells) != len(columns):
        return f"{count_of_cells(cells, columns)}."
    if "\0" in "".join(cells):
        return "a NUL byte, which no text holds."
    return None


def _notes(body: Sequence[tuple[int, list[str]]], *, given: Format, quoted: bool) -> Iterator[str]:
    if quoted:
        broken = [line for line, row in body for cell in row if "\n" in cell or "\r" in cell]
        if broken:
            yield (
                f"{_cells(len(broken), 'holds line breaks', 'hold line breaks')} between quotation "
                f"marks, the first in the row that ends on line {broken[0]}; where quotation marks "
                "are letters, say that they enclose nothing."
            )
    elif given.quoted is None:
        marked = sum(c[:1] == c[-1:] == '"' and len(c) > 1 for _, row in body for c in row)
        if marked:
            yield (
                f"{_cells(marked, 'begins and ends', 'begin and end')} with a quotation mark, "
                "which counts as a letter between tabs unless you say that it encloses cells."
            )


def _cells(count: int, one: str, many: str) -> str:
    return f"1 cell {one}" if count == 1 else f"{count:,} cells {many}"
