"""The starter format of Stanford's CS224N default project, read as its starter code reads it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.delimited import rows_of
from mtlviz.engine.tasks.reading import located, read_text
from mtlviz.engine.tasks.task import Examples, Kind, Task
from mtlviz.errors import DataError, unknown_choice

Record = Mapping[str, str]
_LINE = ""
"""Under which a record keeps where it stands; the first column of the hand-out has no name."""


@dataclass(frozen=True)
class _Layout:
    """How one of the four data sets is laid out."""

    kind: Kind
    files: str
    label: str
    label_names: tuple[str, ...]
    metric: str


_LAYOUTS = {
    "sst": _Layout(
        "classification",
        "ids-sst-{}.csv",
        "sentiment",
        ("very negative", "negative", "neutral", "positive", "very positive"),
        "accuracy",
    ),
    "quora": _Layout(
        "pair_classification",
        "quora-{}.csv",
        "is_duplicate",
        ("not duplicate", "duplicate"),
        "accuracy",
    ),
    "sts": _Layout("pair_regression", "sts-{}.csv", "similarity", (), "pearson"),
    "cfimdb": _Layout(
        "classification", "ids-cfimdb-{}.csv", "sentiment", ("negative", "positive"), "accuracy"
    ),
}


def cs224n(
    name: str,
    path: str,
    *,
    task: str = "sst",
    train_files: Sequence[str] = (),
    dev_files: Sequence[str] = (),
    metric: str = "",
) -> Task:
    """The tab-separated files of the CS224N default project, as handed out.

    Text is lower-cased and, for pairs, set apart from . ? , and ' as the starter code does. Rows of
    Quora whose label cannot be read are dropped, as there: that gives 20,212 development pairs from
    20,214 rows. The hand-out's test files carry no labels and are left out.

    Args:
        name: The task's name.
        path: Folder of the files; each may be packed with gzip.
        task: "sst", "quora", "sts" or "cfimdb".
        train_files: Files to read instead of the usual training file, also without a header.
        dev_files: The same for the development file.
        metric: Main score; accuracy, or Pearson for "sts", if empty.

    Raises:
        ConfigError: The task is not one of the four.
        DataError: A file is missing or cannot be read.

    Reference:
        gpoesia/minbert-default-final-project, datasets.py, load_multitask_data.
    """
    if task not in _LAYOUTS:
        raise unknown_choice("task of CS224N", task, _LAYOUTS)
    layout, place = _LAYOUTS[task], located(path)
    training = tuple(train_files) or (layout.files.format("train"),)
    scored = tuple(dev_files) or (layout.files.format("dev"),)
    return Task(
        name=name,
        kind=layout.kind,
        label_names=layout.label_names,
        metric=metric or layout.metric,
        splits={
            "train": _examples(place, training, layout),
            "dev": _examples(place, scored, layout),
        },
        origin=f"CS224N default project, {task}: {', '.join(training)}.",
        score_range=None if layout.label_names else (0.0, 5.0),
    )


def spaced(text: str) -> str:
    """Lower-case text with . ? , and ' set apart from the word before them."""
    for mark in ".?,'":
        text = text.replace(mark, f" {mark}")
    return " ".join(text.lower().split())


def _examples(place: Path, files: Sequence[str], layout: _Layout) -> Examples:
    records = [record for file in files for record in _records(_present(place, file), layout)]
    pair = KINDS[layout.kind].pair
    first = "sentence1" if pair else "sentence"
    clean: Callable[[str], str] = spaced if pair else _stripped
    return Examples(
        # Copies of the starter code leave the identifiers out.
        ids=tuple(record.get("id", record[_LINE]).lower().strip() for record in records),
        first=tuple(clean(record[first]) for record in records),
        second=tuple(clean(record["sentence2"]) for record in records) if pair else None,
        # Quora writes its classes as 0.0 and 1.0.
        labels=np.array([float(record[layout.label]) for record in records]).astype(
            KINDS[layout.kind].label_type
        ),
    )


def _stripped(text: str) -> str:
    return text.lower().strip()


def _records(file: Path, layout: _Layout) -> Iterator[Record]:
    """Rows by column name; of Quora only those with a label, of others all or an error."""
    rows = rows_of(read_text(file), file.name, "\t", strict=False)
    texts = _texts(layout)
    for columns, line, cells in _under_header(rows, layout):
        record = {_LINE: f"line {line}", **dict(zip(columns, cells, strict=False))}
        if absent := [column for column in texts if column not in columns]:
            raise DataError(f"{file.name}, line {line}: there is no column {absent[0]!r}.")
        if _is_score(record.get(layout.label, "")):
            yield record
        elif layout.files != _LAYOUTS["quora"].files:
            raise DataError(f"{file.name}, line {line}: column {layout.label!r} has no number.")


def _texts(layout: _Layout) -> tuple[str, ...]:
    return ("sentence1", "sentence2") if KINDS[layout.kind].pair else ("sentence",)


def _under_header(
    rows: Iterator[tuple[int, list[str]]], layout: _Layout
) -> Iterator[tuple[Sequence[str], int, list[str]]]:
    sentences = _texts(layout)
    columns: Sequence[str] = ("", "id", *sentences, layout.label)
    for count, (line, cells) in enumerate(rows):
        if count == 0 and sentences[0] in cells:
            columns = cells
        else:
            yield columns, line, cells


def _is_score(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def _present(place: Path, file: str) -> Path:
    for candidate in (place / file, place / f"{file}.gz"):
        if candidate.exists():
            return candidate
    raise DataError(f"The folder {place.name!r} has no file {file} (or {file}.gz).")
