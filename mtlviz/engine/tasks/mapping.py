"""Which column of a table is the text and which the label: a first guess, from names and cells."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtlviz.engine.kinds import guessed_kind, kind_of, targets
from mtlviz.engine.tasks.sheet import Sheet
from mtlviz.engine.tasks.task import Kind, SplitName

SPLIT_NAMES: dict[str, SplitName] = {
    "train": "train",
    "training": "train",
    "dev": "dev",
    "valid": "dev",
    "validation": "dev",
    "test": "test",
}
_LABEL_NAMES = (
    *("label", "labels", "class", "category", "sentiment", "score", "similarity", "target"),
    *("is_duplicate", "gold", "gold_label", "rating", "stars", "y", "coarse_label", "intent"),
)
_TEXT_NAMES = (
    *("text", "sentence", "text_a", "sentence1", "question1", "premise", "first", "review"),
    *("content", "body", "question", "title"),
)
_SECOND_NAMES = ("text_b", "sentence2", "question2", "hypothesis", "second", "answer")
_ID_NAMES = ("id", "index", "guid", "idx")
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
    free = [column for column in sheet.columns if column.lower() not in _ID_NAMES]
    free = free if len(free) >= 2 else list(sheet.columns)
    split = next((column for column in free if _is_split(sheet, column)), "")
    free = [column for column in free if column != split] or free
    by_length = sorted(free, key=lambda column: -_mean_length(sheet, column))
    label = _named(free, _LABEL_NAMES) or _fewest_values(sheet, free)
    texts = [column for column in by_length if column != label]
    text = _named(texts, _TEXT_NAMES) or next(iter(texts), label)
    text_b = _named([column for column in texts if column != text], _SECOND_NAMES)
    kind = guessed_kind(sheet.cells(label)[:_LOOKED_AT], pair=bool(text_b))
    return Columns(text, text_b, label, kind.target, split)


def number_of(cell: str) -> float:
    """The number a cell holds; NaN if it holds none."""
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _is_split(sheet: Sheet, column: str) -> bool:
    found = {cell.strip().lower() for cell in sheet.cells(column)[:_LOOKED_AT]}
    return "train" in found and found <= set(SPLIT_NAMES)


def _named(columns: Sequence[str], names: Sequence[str]) -> str:
    """The column that bears the first of these names that any does; empty if none does."""
    by_name = {column.lower(): column for column in columns}
    return next((by_name[name] for name in names if name in by_name), "")


def _fewest_values(sheet: Sheet, columns: Sequence[str]) -> str:
    """The column with the fewest different cells, but more than one; of several the shortest."""

    def order(column: str) -> tuple[float, float]:
        count = len(set(sheet.cells(column)[:_LOOKED_AT]))
        return count if count > 1 else math.inf, _mean_length(sheet, column)

    return min(columns, key=order)


def _mean_length(sheet: Sheet, column: str) -> float:
    cells = sheet.cells(column)[:_LOOKED_AT]
    return sum(map(len, cells)) / max(1, len(cells))
