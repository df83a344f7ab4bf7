"""Rows of cells between commas, tabs, semicolons or bars."""

import csv
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from itertools import islice

from mtlviz.engine.tasks.reading import MAX_ROWS
from mtlviz.errors import DataError, unknown_choice

DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "bar": "|"}
_LOOKED_AT = 50
# A first line with which Excel says what separates the cells.
_SEPARATOR = re.compile(r"\ufeff?\"?sep=(.)\"?[ ,;\t|]*(?:\r\n|\r|\n)", re.IGNORECASE)
Row = tuple[int, list[str]]


def separator_line(text: str) -> tuple[str, int]:
    """What a first line such as `sep=;` says, and the number of lines that are no rows."""
    found = _SEPARATOR.match(text)
    return (found[1], 1) if found else ("", 0)


def chosen_delimiter(text: str, name: str, given: str, skip: int = 0) -> str:
    """The character between cells.

    Args:
        text: The table.
        name: Name of its file: between its ending .tsv and another guess the ending counts.
        given: A key of DELIMITERS or the character itself; if empty, the one with which most of
            the first rows have as many cells as the first, two at least.
        skip: Lines that are no rows.

    Raises:
        ConfigError: What is given is none.
    """
    if given:
        if given not in (*DELIMITERS, *DELIMITERS.values()):
            raise unknown_choice("delimiter", given, DELIMITERS)
        return DELIMITERS.get(given, given)
    tabs = name.lower().removesuffix(".gz").endswith((".tsv", ".tab"))

    def fit(delimiter: str) -> tuple[bool, float, int]:
        reader = rows_of(text, name, delimiter, quoted=delimiter != "\t", strict=False, skip=skip)
        counts = [len(cells) for _, cells in islice(_readable(reader), _LOOKED_AT)]
        alike = sum(count == counts[0] for count in counts) / len(counts) if counts else 0.0
        several = bool(counts) and counts[0] > 1
        return several and tabs and delimiter == "\t", several * alike, counts[0] if several else 0

    return max(DELIMITERS.values(), key=fit)


def rows_of(  # noqa: PLR0913 (how a text is parted, each part named by its caller)
    text: str,
    name: str,
    delimiter: str = ",",
    *,
    strict: bool = True,
    quoted: bool = True,
    most: int = MAX_ROWS,
    skip: int = 0,
) -> Iterator[Row]:
    """(line, cells) of every row that is not blank.

    Args:
        text: The table; a row ends with a line feed, a carriage return, or both.
        name: Name of its file, for messages.
        delimiter: The character between cells.
        strict: Whether quotation marks must match.
        quoted: Whether quotation marks enclose cells, and are no letters.
        most: Rows that it may have.
        skip: Lines that are no rows.

    Raises:
        DataError: Quotes do not match (if strict), a cell is too long, or there are too many rows.
    """
    lines = iter(StringIO(text, newline=""))
    marks = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(
        islice(lines, skip, None), delimiter=delimiter, strict=strict, quoting=marks
    )
    ended = skip
    try:
        for count, cells in enumerate(reader):
            ended = reader.line_num + skip
            if count > most:
                part = "" if most == MAX_ROWS else ", or train on the whole file from the shell"
                raise DataError(f"{name} has more than {most:,} rows: take a part of it{part}.")
            if cells:
                yield ended, cells
    except csv.Error as error:
        line = reader.line_num + skip
        raise DataError(f"{name}, line {_misread(error, line, ended)}.") from error


def _readable(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows before the first that cannot be read."""
    try:
        yield from rows
    except DataError:
        return


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
            'quotation mark inside a cell twice (""), or say that such marks are letters'
        )
    if "expected after" in str(error):
        return (
            f'{line}: a quotation mark (") stands in the middle of a quoted cell, or closes it '
            'before its end; write a quotation mark inside a cell twice (""), or say that such '
            "marks are letters"
        )
    return f"{line}: {error}"


def name_of(delimiter: str) -> str:
    """What a delimiter is called."""
    names: Mapping[str, str] = {mark: name for name, mark in DELIMITERS.items()}
    return names[delimiter]
