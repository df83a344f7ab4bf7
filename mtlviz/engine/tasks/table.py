"""A user's own CSV or TSV file."""

from collections.abc import Sequence
from pathlib import Path

from mtlviz.engine.kinds import TaskKind, kind_of
from mtlviz.engine.tasks.reading import Table, located, read_table
from mtlviz.engine.tasks.splitting import hold_out, take
from mtlviz.engine.tasks.task import Examples, SplitName, Task
from mtlviz.errors import ConfigError, DataError

_SPLIT_NAMES: dict[str, SplitName] = {
    "train": "train",
    "dev": "dev",
    "validation": "dev",
    "test": "test",
}


def table(
    name: str,
    path: str,
    *,
    text: str = "text",
    text_b: str = "",
    label: str = "label",
    target: str = "class",
    labels: Sequence[str] = (),
    split: str = "",
    dev_share: float = 0.2,
    encoding: str = "utf-8-sig",
    metric: str = "",
) -> Task:
    """Your own table: one example per row, columns as you name them.

    Commas separate the cells, or tabs if the file's name ends in .tsv or .txt; cells are plain text
    whatever they look like. At most a million rows.

    Args:
        name: The task's name.
        path: The file, packed with gzip if its name ends in .gz.
        text: Column of the sentence, or of the first of a pair.
        text_b: Column of the second of a pair; empty for single sentences.
        label: Column of the label.
        target: "class", "score" for numbers, or "labels" for several in a cell, as in joy,anger.
        labels: Class names in order; those found, sorted, if empty.
        split: Column that says train, dev (or validation) or test; empty to hold out a share.
        dev_share: Share of the rows held out as development split if there is no such column.
        encoding: Encoding of the file.
        metric: Main score; accuracy, Pearson for scores, or micro F1 for labels, if empty.

    Raises:
        ConfigError: An option is wrong.
        DataError: The file does not fit; the message names the line.
    """
    kind = kind_of(target, pair=bool(text_b))
    rows = _read(located(path), encoding)
    names = _label_names(rows, label, kind, labels) if kind.parts else ()
    everything = _examples(rows, kind, (text, text_b, label), names)
    scores = everything.labels
    return Task(
        name=name,
        kind=kind.name,
        label_names=names,
        metric=metric or kind.metrics[0],
        splits=_splits(rows, everything, split, dev_share),
        origin=f"Table {rows.name}, columns {', '.join(filter(None, (text, text_b, label)))}.",
        score_range=(float(scores.min()), float(scores.max())) if kind.ranged else None,
    )


def _read(file: Path, encoding: str) -> Table:
    suffix = Path(file.stem).suffix if file.suffix == ".gz" else file.suffix
    return read_table(file, "\t" if suffix in (".tsv", ".txt") else ",", encoding)


def _label_names(rows: Table, label: str, kind: TaskKind, given: Sequence[str]) -> tuple[str, ...]:
    names = tuple(given) or rows.label_names(label, kind)
    if len(names) < 2:
        only = "one class, " + repr(names[0]) if names else "no label"
        raise DataError(f"{rows.name}: column {label!r} has {only}; two needed.")
    if len(set(names)) < len(names):
        raise ConfigError(f"A class is named twice: {', '.join(names)}.")
    return names


def _examples(
    rows: Table, kind: TaskKind, columns: Sequence[str], names: Sequence[str]
) -> Examples:
    text, text_b, label = columns
    return Examples(
        ids=tuple(f"line {line}" for line in rows.lines),
        first=rows.texts(text),
        second=rows.texts(text_b) if text_b else None,
        labels=rows.labels(label, kind, names),
    )


def _splits(
    rows: Table, everything: Examples, split: str, dev_share: float
) -> dict[SplitName, Examples]:
    if not split:
        train, dev = hold_out(everything, dev_share)
        return {"train": train, "dev": dev}
    positions: dict[SplitName, list[int]] = {}
    for position, (line, cell) in enumerate(zip(rows.lines, rows.cells(split), strict=True)):
        if cell.strip().lower() not in _SPLIT_NAMES:
            raise DataError(
                f"{rows.name}, line {line}: split {cell!r} is none of {', '.join(_SPLIT_NAMES)}."
            )
        positions.setdefault(_SPLIT_NAMES[cell.strip().lower()], []).append(position)
    return {name: take(everything, chosen) for name, chosen in positions.items()}
