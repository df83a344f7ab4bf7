"""A folder of examples at a glance: sizes and lengths from its description and first rows."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

import numpy as np

from mtlviz.access import current
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.description import SPLITS, Description, read_description, split_names
from mtlviz.engine.tasks.folder import DEV_SHARE
from mtlviz.engine.tasks.task import Examples, SplitName
from mtlviz.errors import DataError

FIRST_ROWS = 2_000


@dataclass(frozen=True)
class Glance:
    """What is known of a folder without reading it in full.

    Attributes:
        description: Its meta.json.
        sizes: Examples of each split as `folder` would load them.
        words: Mean number of words between blanks of an example, over the first training rows.
    """

    description: Description
    sizes: dict[SplitName, int]
    words: float


def glance(place: Path) -> Glance:
    """Look at a folder with a meta.json.

    Rows are counted only where meta.json does not say how many there are.

    Raises:
        ConfigError: There is no training split.
        DataError: meta.json or the first rows of a file cannot be used.
    """
    found = read_description(place)
    names = split_names(found, place, "full", "")
    kind = KINDS[found.task]
    if kind.read_file is not None:
        read = {split: kind.read_file(place / found.files[key]) for split, key in names.items()}
        return _of_files(found, read)
    sizes: dict[SplitName, int] = {}
    for split, key in names.items():
        file = place / found.files[key]
        if split != "test" or any(row.get("label") for row in _first_rows(file)):
            sizes[split] = found.rows[key] if key in found.rows else _count(file)
    if "dev" not in sizes:
        # As many as `hold_out` takes, up to examples of the same text, which stay together.
        sizes["dev"] = math.ceil(DEV_SHARE * sizes["train"])
        sizes["train"] -= sizes["dev"]
    sizes = {split: sizes[split] for split in SPLITS if split in sizes}
    columns = ("text_a", "text_b") if kind.pair else ("text",)
    rows = _first_rows(place / found.files[names["train"]])
    lengths = [sum(len((row.get(column) or "").split()) for column in columns) for row in rows]
    return Glance(found, sizes, float(np.mean(lengths)) if lengths else math.nan)


def _of_files(found: Description, splits: dict[SplitName, Examples]) -> Glance:
    train = splits["train"]
    texts = zip(train.first, train.second or (), strict=True)
    lengths = [len(question.split()) + len(part.split()) for question, part in texts]
    return Glance(found, {split: len(part) for split, part in splits.items()},
                  float(np.mean(lengths[:FIRST_ROWS])))  # fmt: skip


def _first_rows(file: Path) -> list[dict[str, str]]:
    """The first rows of a table by column; none where it has none."""
    rows = _rows(file)
    columns = next(rows, [])
    return [dict(zip(columns, cells, strict=False)) for cells in islice(rows, FIRST_ROWS)]


def _count(file: Path) -> int:
    """Rows below the column names."""
    return max(0, sum(1 for _ in _rows(file)) - 1)


def _rows(file: Path) -> Iterator[list[str]]:
    """Rows of cells, read as they are asked for."""
    try:
        with TextIOWrapper(current().open(file), encoding="utf-8-sig", newline="") as text:
            yield from filter(None, csv.reader(text, strict=True))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file.name} cannot be read: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    # The full text of an OSError names the path on this machine.
    if isinstance(error, csv.Error):
        return str(error)
    return getattr(error, "strerror", None) or "damaged, or not UTF-8"
