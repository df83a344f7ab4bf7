"""A user's own table: CSV, TSV, JSON Lines or Parquet."""

from collections.abc import Sequence
from dataclasses import replace

from mtlviz.engine.tasks.mapping import Columns, guessed, guessed_split, guessed_target
from mtlviz.engine.tasks.reading import located
from mtlviz.engine.tasks.sheet import Format, Sheet, read_file
from mtlviz.engine.tasks.task import Task
from mtlviz.engine.tasks.upload import Wishes, made
from mtlviz.errors import DataError

_MOST_CLASSES = 10_000
_NO_SPLIT = "none"


def table(  # noqa: PLR0913 (the options of a source are its parameters)
    name: str,
    path: str,
    *,
    text: str = "",
    text_b: str = "",
    label: str = "",
    target: str = "",
    labels: Sequence[str] = (),
    missing: Sequence[str] | None = None,
    split: str = "",
    dev_share: float = 0.2,
    seed: int = 0,
    encoding: str = "",
    delimiter: str = "",
    quoted: bool | None = None,
    header: bool | None = None,
    metric: str = "",
) -> Task:
    """Your own table (CSV, TSV, JSON Lines, Parquet): one example per row.

    Columns are what you call them; what is not said is found out as the Data page does, and told.
    Cells are plain text whatever they look like. At most a million rows.

    Args:
        name: The task's name.
        path: The file, packed with gzip if its name ends in .gz.
        text: Column of the sentence, or of the first of a pair.
        text_b: Column of the second of a pair; empty for single sentences, where `text` is given.
        label: Column of the label.
        target: "class", "score" for numbers, or "labels" for several in a cell, as in joy,anger.
        labels: Class names in order; those found, by value, if empty.
        missing: Labels that mean there is none; empty cells, -, -1, nan, null, None and NA if left
            out. Such rows are left out and counted.
        split: Column that says train, dev (val, valid, validation) or test; "none" to hold out a
            share although there is one.
        dev_share: Share of each class held out as development split if there is no such column.
        seed: Decides which.
        encoding: Encoding of the file; UTF-8, or UTF-16 if it bears its mark, if empty.
        delimiter: "comma", "tab", "semicolon" or "bar"; found out if empty.
        quoted: Whether quotation marks enclose cells; if left out, except between tabs.
        header: Whether the first row names the columns; if left out, unless it looks like an
            example.
        metric: Main score; accuracy, Pearson for scores, or micro F1 for labels, if empty.

    Raises:
        ConfigError: An option is wrong.
        DataError: The file does not fit; the message names the line.

    Reference:
        None: it is your own.
    """
    sheet = read_file(located(path), Format(encoding, delimiter, quoted, header))
    columns = _columns(sheet, Columns(text, text_b, label, target, split))
    wishes = Wishes(
        name, columns, metric, dev_share, seed,
        missing=None if missing is None else tuple(map(str, missing)),
        labels=tuple(map(str, labels)), most_classes=_MOST_CLASSES,
    )  # fmt: skip
    task, problems = made(sheet, wishes)
    if task is None:
        line, problem = problems[0]
        more = f" So many more rows are wrong: {len(problems) - 1:,}." if problems[1:] else ""
        raise DataError(f"{sheet.name}, line {line}: {problem}{more}")
    return task


def _columns(sheet: Sheet, given: Columns) -> Columns:
    """The columns that were named; what is left open as a first guess has it."""
    guess = guessed(sheet)
    text, label = given.text or guess.text, given.label or guess.label
    text_b = given.text_b or ("" if given.text else guess.text_b)
    used = {text, text_b, label}
    free = [column for column in sheet.columns if column not in used]
    split = given.split or guessed_split(sheet, free)
    if split == _NO_SPLIT and split not in sheet.columns:
        split = ""
    chosen = replace(given, text=text, text_b=text_b, label=label, split=split)
    target = given.target or guessed_target(sheet, label, pair=bool(text_b))
    return replace(chosen, target=target)
