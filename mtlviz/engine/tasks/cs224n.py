"""The starter format of Stanford's CS224N default project, read as its starter code reads it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.delimited import rows_of
from mtlviz.engine.tasks.reading import located, read_text
from mtlviz.engine.tasks.task import Examples, Kind, SplitName, Task, Texts
from mtlviz.errors import DataError, unknown_choice

Record = Mapping[str, str]


@dataclass(frozen=True)
class Submission:
    """A file to hand in, as the hand-out's code writes it.

    Attributes:
        name: How the names of its files begin.
        heading: What stands above the answers, in the hand-out's spelling.
        number: In which numbers the answers are written.
    """

    name: str
    heading: str
    number: type[np.generic]


_SCORES = (0.0, 5.0)
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
    submission: Submission


_LAYOUTS = {
    "sst": _Layout(
        "classification",
        "ids-sst-{}.csv",
        "sentiment",
        ("very negative", "negative", "neutral", "positive", "very positive"),
        "accuracy",
        Submission("sst", "Predicted_Sentiment", np.int64),
    ),
    "quora": _Layout(
        "pair_classification",
        "quora-{}.csv",
        "is_duplicate",
        ("not duplicate", "duplicate"),
        "accuracy",
        # Rounded probabilities: 0.0 and 1.0.
        Submission("para", "Predicted_Is_Paraphrase", np.float32),
    ),
    "sts": _Layout(
        "pair_regression",
        "sts-{}.csv",
        "similarity",
        (),
        "pearson",
        Submission("sts", "Predicted_Similiary", np.float32),
    ),
    "cfimdb": _Layout(
        "classification",
        "ids-cfimdb-{}.csv",
        "sentiment",
        ("negative", "positive"),
        "accuracy",
        Submission("cfimdb", "Predicted_Sentiment", np.int64),
    ),
}


def cs224n(  # noqa: PLR0913 (the options of a source are its parameters)
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
    20,214 rows. The hand-out's test file carries no labels: a trained run answers it
    (`mtlviz predict`), and nothing else reads it.

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
        score_range=None if layout.label_names else _SCORES,
        unlabelled=_handed_out(place, layout),
        clean=_clean(layout),
    )


def submission(task: Task) -> Submission | None:
    """How a task's answers are handed in; None where it is not one of the course's four."""
    for layout in _LAYOUTS.values():
        names = tuple(name.replace("_", " ") for name in task.label_names)
        scores = None if layout.label_names else _SCORES
        if (task.kind, names, task.score_range) == (layout.kind, layout.label_names, scores):
            return layout.submission
    return None


def spaced(text: str) -> str:
    """Lower-case text with . ? , and ' set apart from the word before them."""
    for mark in ".?,'":
        text = text.replace(mark, f" {mark}")
    return " ".join(text.lower().split())


def _handed_out(place: Path, layout: _Layout) -> dict[SplitName, Callable[[], Texts]]:
    """The test file of the hand-out, where it is there; it is read when somebody asks for it."""
    file = layout.files.format("test-student")
    if not any(candidate.exists() for candidate in _candidates(place, file)):
        return {}
    return {"test": lambda: _texts(list(_complete(_present(place, file), layout)), layout)}


def _examples(place: Path, files: Sequence[str], layout: _Layout) -> Examples:
    records = [record for file in files for record in _labelled(_present(place, file), layout)]
    texts = _texts(records, layout)
    return Examples(
        texts.ids,
        texts.first,
        texts.second,
        # Quora writes its classes as 0.0 and 1.0.
        labels=np.array([float(record[layout.label]) for record in records]).astype(
            KINDS[layout.kind].label_type
        ),
    )


def _texts(records: Sequence[Record], layout: _Layout) -> Texts:
    clean, columns = _clean(layout), _columns(layout)
    first, *second = (tuple(clean(each[column]) for each in records) for column in columns)
    # Copies of the starter code leave the identifiers out.
    ids = tuple(record.get("id", record[_LINE]).lower().strip() for record in records)
    return Texts(ids, first, second[0] if second else None)


def _clean(layout: _Layout) -> Callable[[str], str]:
    return spaced if KINDS[layout.kind].pair else _stripped


def _stripped(text: str) -> str:
    return text.lower().strip()


def _labelled(file: Path, layout: _Layout) -> Iterator[Record]:
    """Rows with a label: of Quora those that have one, of others all or an error."""
    for line, record in _records(file, layout):
        if _is_score(record.get(layout.label, "")):
            yield record
        elif layout.files != _LAYOUTS["quora"].files:
            raise DataError(f"{file.name}, line {line}: column {layout.label!r} has no number.")


def _complete(file: Path, layout: _Layout) -> Iterator[Record]:
    """Rows that need no label; a text must be there."""
    for line, record in _records(file, layout):
        if absent := [column for column in _columns(layout) if column not in record]:
            raise DataError(f"{file.name}, line {line}: there is no {absent[0]}.")
        yield record


def _records(file: Path, layout: _Layout) -> Iterator[tuple[int, Record]]:
    """Lines, and rows by column name."""
    rows = rows_of(read_text(file), file.name, "\t", strict=False)
    for columns, line, cells in _under_header(rows, layout):
        record = {_LINE: f"line {line}", **dict(zip(columns, cells, strict=False))}
        if absent := [column for column in _columns(layout) if column not in columns]:
            raise DataError(f"{file.name}, line {line}: there is no column {absent[0]!r}.")
        yield line, record


def _columns(layout: _Layout) -> tuple[str, ...]:
    return ("sentence1", "sentence2") if KINDS[layout.kind].pair else ("sentence",)


def _under_header(
    rows: Iterator[tuple[int, list[str]]], layout: _Layout
) -> Iterator[tuple[Sequence[str], int, list[str]]]:
    sentences = _columns(layout)
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
    for candidate in _candidates(place, file):
        if candidate.exists():
            return candidate
    raise DataError(f"The folder {place.name!r} has no file {file} (or {file}.gz).")


def _candidates(place: Path, file: str) -> tuple[Path, Path]:
    return place / file, place / f"{file}.gz"
