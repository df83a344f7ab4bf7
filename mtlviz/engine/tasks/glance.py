"""A folder of examples at a glance: sizes and lengths from its description and first rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.description import SPLITS, Description, read_description, split_names
from mtlviz.engine.tasks.folder import DEV_SHARE, folder
from mtlviz.engine.tasks.reading import MAX_ROWS, read_bytes
from mtlviz.engine.tasks.sheet import Format, Sheet, read_file, read_sheet
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
        if split != "test" or _is_labelled(_head(file)):
            sizes[split] = found.rows[key] if key in found.rows else len(_whole(file).rows)
    if "dev" not in sizes and sizes["train"] <= FIRST_ROWS:
        sizes = {split: len(part) for split, part in folder("", str(place)).splits.items()}
    elif "dev" not in sizes:
        # As many as `hold_out` takes, up to examples of the same text, which stay together.
        sizes["dev"] = math.ceil(DEV_SHARE * sizes["train"])
        sizes["train"] -= sizes["dev"]
    sizes = {split: sizes[split] for split in SPLITS if split in sizes}
    columns = ("text_a", "text_b") if KINDS[found.task].pair else ("text",)
    return Glance(found, sizes, _words(_head(place / found.files[names["train"]]), columns))


def _is_labelled(sheet: Sheet) -> bool:
    return "label" in sheet.columns and any(sheet.cells("label"))


def _of_files(found: Description, splits: dict[SplitName, Examples]) -> Glance:
    train = splits["train"]
    texts = zip(train.first, train.second or (), strict=True)
    lengths = [len(question.split()) + len(part.split()) for question, part in texts]
    return Glance(found, {split: len(part) for split, part in splits.items()},
                  float(np.mean(lengths[:FIRST_ROWS])))  # fmt: skip


def _head(file: Path) -> Sheet:
    """The first rows of a table, or all where they cannot be read apart from the rest."""
    content = read_bytes(file, FIRST_ROWS + 1)
    try:
        return read_sheet(content, file.name, Format(header=True), MAX_ROWS)
    except DataError:
        return _whole(file)


def _whole(file: Path) -> Sheet:
    return read_file(file, Format(header=True))


def _words(sheet: Sheet, columns: Sequence[str]) -> float:
    """Mean number of words of the first rows, in the columns there are."""
    texts = [sheet.cells(column)[:FIRST_ROWS] for column in columns if column in sheet.columns]
    lengths = [sum(len(text.split()) for text in row) for row in zip(*texts, strict=True)]
    return float(np.mean(lengths)) if lengths else math.nan
