"""Which column of a table is the text and which the label: a first guess, from names and cells."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mtlviz.engine.kinds import kind_of, targets
from mtlviz.engine.tasks.labels import read_labels
from mtlviz.engine.tasks.sheet import ID_NAMES, LABEL_NAMES, SECOND_NAMES, TEXT_NAMES, Sheet
from mtlviz.engine.tasks.task import Kind, SplitName

SPLIT_NAMES: dict[str, SplitName] = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("dev", "val", "valid", "validation", "development", "eval"), "dev"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
}
_SPLIT_COLUMNS = ("split", "set", "partition", "subset", "part", "fold", "dataset")
_LOOKED_AT = 1_000


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        text: The sentence, or the first of a pair.
        text_b: The second of a pair; empty for single sentences.
        label: The label.
        target: What the label column holds, as a kind's `target`.
        split: Says train, dev or test; empty to hold out a share.
    """

    text: str
    text_b: str
    label: str
    target: str
    split: str = ""

    @property
    def kind(self) -> Kind:
        """The kind of task that this makes."""
        return kind_of(self.target, pair=bool(self.text_b)).name

    def fitted(self) -> "Columns":
        """The same, with a target that so many texts can have."""
        known = targets(pair=bool(self.text_b))
        return self if self.target in known else replace(self, target=next(iter(known)))


def guessed(sheet: Sheet) -> Columns:
    """A first guess, to be shown and changed: known names first, then what cells look like."""
    free = [column for column in sheet.columns if not _is_id(sheet, column)]
    free = free if len(free) >= 2 else list(sheet.columns)
    split = guessed_split(sheet, free)
    free = [column for column in free if column != split] or free
    by_length = sorted(free, key=lambda column: -_mean_length(sheet, column))
    label = named_column(free, LABEL_NAMES) or _fewest_values(sheet, free)
    texts = [column for column in by_length if column != label]
    text = named_column(texts, TEXT_NAMES) or next(iter(texts), label)
    text_b = named_column([column for column in texts if column != text], SECOND_NAMES)
    return Columns(text, text_b, label, guessed_target(sheet, label, pair=bool(text_b)), split)


def guessed_split(sheet: Sheet, columns: Sequence[str]) -> str:
    """The column that says the split; empty if there is none."""
    return next((column for column in columns if _is_split(sheet, column)), "")


def guessed_target(sheet: Sheet, label: str, *, pair: bool) -> str:
    """What a label column looks like, the most particular first; scores may have a comma."""
    cells = _some(sheet.cells(label))
    fitting = []
    for target, kind in targets(pair=pair).items():
        if kind.looks_like([cell for cell in read_labels(cells, kind).cells if cell is not None]):
            fitting.append(target)
    return "score" if "score" in fitting else fitting[-1]


def number_of(cell: str) -> float:
    """The number a cell holds; NaN if it holds none."""
    try:
        return float(cell)
    except ValueError:
        return math.nan


def split_of(cell: str) -> SplitName | None:
    """The split that a cell names; None if it names none."""
    return SPLIT_NAMES.get(cell.strip().strip("\ufeff\u200b").lower())


def _some(cells: Sequence[str]) -> list[str]:
    """Some of the cells, drawn the same way each time: files are often sorted by label or split."""
    if len(cells) <= _LOOKED_AT:
        return list(cells)
    places = np.random.default_rng(0).choice(len(cells), _LOOKED_AT, replace=False)
    return [cells[place] for place in np.sort(places)]


def _is_id(sheet: Sheet, column: str) -> bool:
    """Whether a column numbers the rows: by its name, or unnamed and first with numbers alone."""
    if column.lower() in ID_NAMES:
        return True
    cells = sheet.cells(column)[:_LOOKED_AT] if column == "column 1" else []
    return len(cells) > 1 and [*range(len(cells))] in (
        [number_of(cell) for cell in cells],
        [number_of(cell) - 1 for cell in cells],
    )


def _is_split(sheet: Sheet, column: str) -> bool:
    """Whether cells name splits, or in a column called so some of them do."""
    found = [split_of(cell) for cell in set(sheet.cells(column))]
    return "train" in found and (None not in found or column.lower() in _SPLIT_COLUMNS)


def named_column(columns: Sequence[str], names: Sequence[str]) -> str:
    """The column that bears the first of these names that any does; empty if none does."""
    by_name = {column.lower(): column for column in columns}
    return next((by_name[name] for name in names if name in by_name), "")


def _fewest_values(sheet: Sheet, columns: Sequence[str]) -> str:
    """The column with the fewest different cells, blank ones aside, but more than one."""

    def order(column: str) -> tuple[float, float]:
        count = len(set(map(str.strip, _some(sheet.cells(column)))) - {""})
        return count if count > 1 else math.inf, _mean_length(sheet, column)

    return min(columns, key=order)


def _mean_length(sheet: Sheet, column: str) -> float:
    cells = _some(sheet.cells(column))
    return sum(map(len, cells)) / max(1, len(cells))
