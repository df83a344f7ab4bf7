"""Own points from a CSV file with the columns x1, x2, label, task."""

import csv
import io
import math
from dataclasses import dataclass

from mtlviz.errors import DataError
from mtlviz.toy.fields import MAX_OWN_POINTS, MAX_TASKS, OwnPoint

COLUMNS = ("x1", "x2", "label", "task")
_HALF_WIDTH = 4.0


@dataclass(frozen=True)
class OwnTable:
    """Own points, ready for a configuration, and what was done to them.

    Attributes:
        points: The points, tasks counted from 0.
        task_names: The file's word for each task, in that order.
        notes: Sentences on how the file was read.
    """

    points: tuple[OwnPoint, ...]
    task_names: tuple[str, ...]
    notes: tuple[str, ...]


Row = tuple[float, float, str, str]


def read_table(content: bytes) -> OwnTable:
    """Read own points. Each task has exactly two labels; both are named in the notes.

    Columns whose values reach beyond ±4 are shifted and scaled to fit the picture, which is said.

    Raises:
        DataError: One sentence about the first thing that is wrong.
    """
    rows = _rows(_text(content))
    names = tuple(sorted({row[3] for row in rows}, key=_natural))
    if not 2 <= len(names) <= MAX_TASKS:
        raise DataError(
            f"The table must hold 2 to {MAX_TASKS} tasks, got {len(names)}: "
            f"{', '.join(names[:8])}{' …' if len(names) > 8 else ''}."
        )
    labels = {name: _labels(rows, name) for name in names}
    shift = [_scaling([row[axis] for row in rows]) for axis in (0, 1)]  # type: ignore[misc]
    points = tuple(
        (
            names.index(row[3]),
            (row[0] - shift[0][0]) * shift[0][1],
            (row[1] - shift[1][0]) * shift[1][1],
            labels[row[3]].index(row[2]),
        )
        for row in rows
    )
    return OwnTable(points, names, _notes(labels, shift))


def _text(content: bytes) -> str:
    if not content.strip():
        raise DataError("The file is empty: expected the columns x1, x2, label, task.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"The file is not UTF-8 text (byte {error.start + 1} cannot be read): save it as UTF-8."
        ) from None


def _rows(text: str) -> list[Row]:
    lines = csv.reader(io.StringIO(text))
    try:
        header = tuple(name.strip().lower() for name in next(lines))
        _check_header(header)
        filled = [(line, lines.line_num) for line in lines if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise DataError(f"The file is not a CSV table: {error}.") from None
    if not filled:
        raise DataError("The table has a header but no rows.")
    if len(filled) > MAX_OWN_POINTS:
        raise DataError(f"The table may have at most {MAX_OWN_POINTS} rows, got {len(filled)}.")
    return [_row(line, header, number) for line, number in filled]


def _check_header(header: tuple[str, ...]) -> None:
    if sorted(header) == sorted(COLUMNS):
        return
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in header[0]:
            raise DataError(f"The columns are separated by {name}: separate them with commas.")
    raise DataError(f"The columns must be x1, x2, label, task, got {', '.join(header) or 'none'}.")


def _row(line: list[str], header: tuple[str, ...], number: int) -> Row:
    if len(line) != len(header):
        raise DataError(f"Line {number} must have {len(header)} values, got {len(line)}.")
    cells = dict(zip(header, (cell.strip() for cell in line), strict=True))
    for name in ("label", "task"):
        if not cells[name]:
            raise DataError(f"Line {number} has no {name}.")
    x, y = (_number(cells[name], name, number) for name in ("x1", "x2"))
    return x, y, cells["label"], cells["task"]


def _number(text: str, column: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{column} in line {line} must be a finite number, got {text!r:.40}.")
    return value


def _labels(rows: list[Row], task: str) -> list[str]:
    """The two labels of a task: class 0 and class 1."""
    found = sorted({row[2] for row in rows if row[3] == task}, key=_natural)
    if len(found) != 2:
        raise DataError(
            f"Task {task} must have exactly 2 classes, got {len(found)}: {', '.join(found[:6])}."
        )
    for label in found:
        count = sum(row[3] == task and row[2] == label for row in rows)
        if count < 2:
            raise DataError(
                f"Task {task} needs at least 2 rows of class {label}, one to train and one to "
                f"hold out, got {count}."
            )
    return found


def _natural(word: str) -> tuple[float, str]:
    """Numbers by value, then words by letter."""
    try:
        return float(word), word
    except ValueError:
        return math.inf, word


def _scaling(values: list[float]) -> tuple[float, float]:
    """What to subtract from a column and what to multiply it with."""
    low, high = min(values), max(values)
    if max(-low, high) <= _HALF_WIDTH:
        return 0.0, 1.0
    return (low + high) / 2, 2 * _HALF_WIDTH / (high - low) if high > low else 1.0


def _notes(labels: dict[str, list[str]], shift: list[tuple[float, float]]) -> tuple[str, ...]:
    notes = [
        f"Task {place} is {name}: {pair[0]} is class 0 and {pair[1]} is class 1."
        for place, (name, pair) in enumerate(labels.items(), start=1)
    ]
    for column, (middle, factor) in zip(COLUMNS, shift, strict=False):
        if (middle, factor) != (0.0, 1.0):
            sign = "+" if middle < 0 else "−"
            notes.append(f"{column} is shown as ({column} {sign} {abs(middle):g}) × {factor:.3g}.")
    return tuple(notes)
