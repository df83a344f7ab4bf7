"""Rows of JSON Lines, of a list in JSON, and of Parquet files, as cells of text."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any

from mtlviz.access import current
from mtlviz.engine.tasks.reading import LONGEST_FILE
from mtlviz.errors import ConfigError, DataError
from mtlviz.limits import parse_json

_JSON_ENDINGS = (".jsonl", ".ndjson", ".json")
_MOST_COLUMNS = 1000
_ROWS_AT_ONCE = 1024
Found = tuple[tuple[str, ...], list[int], list[list[str]]]
"""Column names, the line (or number) of each row, and its cells."""


def is_json(text: str, name: str) -> bool:
    """Whether a text is JSON rather than cells between delimiters."""
    ending = name.lower().removesuffix(".gz")
    return ending.endswith(_JSON_ENDINGS) or text.lstrip("\ufeff").lstrip()[:2] == '{"'


def json_records(text: str, name: str, most: int) -> Found:
    """One object per line, or a list of objects; a row lacks what its object does not name.

    Raises:
        DataError: It is neither, or has too many rows.
    """
    try:
        found = _listed(text, name) if text.lstrip("\ufeff").lstrip()[:1] == "[" else None
        records = list(_lines(text, name) if found is None else enumerate(found, start=1))
    except ConfigError as error:
        raise DataError(str(error)) from error
    for line, record in records:
        if not isinstance(record, dict):
            raise DataError(f'{name}, line {line}: each row must be an object like {{"text": …}}.')
    if len(records) == 1:
        raise DataError(f"{name} holds one object: write one per line, or a list of them.")
    return _cells(name, most, len(records), records)


def parquet_records(content: bytes, name: str, most: int) -> Found:
    """The rows of a Parquet file.

    Raises:
        DataError: It is damaged or too large, or the package that reads it is not installed.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise DataError(
            f"{name} is a Parquet file, which needs the package pyarrow: pip install pyarrow, or "
            "save it as CSV."
        ) from error
    try:
        file = ParquetFile(BytesIO(content))
        _check_rows(name, most, file.metadata.num_rows)
        # A text that many rows repeat is kept once, until it is known how much they are.
        file = ParquetFile(BytesIO(content), read_dictionary=_text_columns(file))
        rows = list(enumerate(_parquet_rows(file, name), start=1))
    except (ArrowException, OSError, ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{name} is a damaged Parquet file.") from error
    return _cells(name, most, len(rows), rows)


def _text_columns(file: Any) -> list[str]:
    """Paths of the columns of a Parquet file that hold text."""
    columns = file.metadata.row_group(0) if file.metadata.num_row_groups else None
    found = [columns.column(place) for place in range(columns.num_columns)] if columns else []
    return [each.path_in_schema for each in found if each.physical_type == "BYTE_ARRAY"]


def _parquet_rows(file: Any, name: str) -> Iterator[dict[str, Any]]:
    """Row by row, as long as all that was unpacked may be read."""
    unpacked = 0
    for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
        unpacked += sum(map(_bytes_of, batch.columns))
        current().check_size(name, unpacked)
        yield from batch.to_pylist()


def _bytes_of(column: Any) -> int:
    """How much a column of Arrow holds once every row has a text of its own."""
    from pyarrow import compute, types

    if types.is_dictionary(column.type) and len(column.dictionary):
        lengths = compute.binary_length(column.dictionary)
        return compute.sum(compute.take(lengths, column.indices)).as_py() or 0
    if types.is_list(column.type) or types.is_large_list(column.type):
        return _bytes_of(column.flatten())
    if types.is_struct(column.type):
        return sum(map(_bytes_of, column.flatten()))
    return column.nbytes


def _listed(text: str, name: str) -> list[Any]:
    found = parse_json(text, name, LONGEST_FILE)
    return found if isinstance(found, list) else [found]


def _lines(text: str, name: str) -> Iterator[tuple[int, Any]]:
    # Other line separators of Unicode may stand inside a text.
    for line, each in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if each.strip("\ufeff \t"):
            yield line, parse_json(each, f"{name}, line {line}")


def _cells(
    name: str, most: int, count: int, records: Iterable[tuple[int, Mapping[str, Any]]]
) -> Found:
    _check_rows(name, most, count)
    columns = tuple(dict.fromkeys(column for _, record in records for column in record))
    if not count or not columns:
        raise DataError(f"{name} holds no rows.")
    if len(columns) > _MOST_COLUMNS:
        raise DataError(f"{name} has {len(columns):,} columns; at most {_MOST_COLUMNS:,} are read.")
    rows = [[cell_of(record.get(column)) for column in columns] for _, record in records]
    return columns, [line for line, _ in records], rows


def _check_rows(name: str, most: int, count: int) -> None:
    if count > most:
        raise DataError(f"{name} has more than {most:,} rows: take a part of it.")


def cell_of(value: Any) -> str:
    """A cell as a table of text would hold it: nothing for null, joy,anger for a list."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, list | tuple):
        return ",".join(map(cell_of, value))
    return (
        json.dumps(value, ensure_ascii=False, default=str)
        if isinstance(value, dict)
        else str(value)
    )
