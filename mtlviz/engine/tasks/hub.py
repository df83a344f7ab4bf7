"""Data sets of the Hugging Face hub, through the optional package `datasets`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mtlviz.access import current, shown
from mtlviz.engine.kinds import KINDS, TaskKind, kind_of, targets
from mtlviz.engine.kinds.span_extraction import SPAN_EXTRACTION
from mtlviz.engine.tasks.labels import read_labels
from mtlviz.engine.tasks.mapping import Columns
from mtlviz.engine.tasks.reading import MAX_ROWS
from mtlviz.engine.tasks.records import cell_of
from mtlviz.engine.tasks.remarks import row_problems
from mtlviz.engine.tasks.sheet import Sheet
from mtlviz.engine.tasks.splitting import hold_out
from mtlviz.engine.tasks.squad import examples_of, question_of
from mtlviz.engine.tasks.task import Examples, SplitName, Task
from mtlviz.engine.tasks.upload import labelled, texts_in
from mtlviz.errors import ConfigError, DataError, OfflineError


@dataclass(frozen=True)
class _Layout:
    """Where a data set keeps what a task needs; empty means "look for it"."""

    repository: str
    subset: str = ""
    text: str = "sentence"
    text_b: str = ""
    label: str = "label"
    labels: tuple[str, ...] = ()
    dev: str = "validation"
    metric: str = "accuracy"


# A folder of this machine would be read instead.
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def _glue(subset: str, text: str = "sentence", text_b: str = "", **others: str) -> _Layout:
    return _Layout("nyu-mll/glue", subset, text, text_b, **others)


# GLUE hides the labels of its test splits (-1): only train and dev can be used.
_KNOWN = {
    "glue/cola": _glue("cola", metric="matthews"),
    "glue/sst2": _glue("sst2"),
    "glue/mrpc": _glue("mrpc", "sentence1", "sentence2"),
    "glue/qqp": _glue("qqp", "question1", "question2"),
    "glue/stsb": _glue("stsb", "sentence1", "sentence2", metric="pearson"),
    "glue/mnli": _glue("mnli", "premise", "hypothesis", dev="validation_matched"),
    "glue/qnli": _glue("qnli", "question", "sentence"),
    "glue/rte": _glue("rte", "sentence1", "sentence2"),
    "glue/wnli": _glue("wnli", "sentence1", "sentence2"),
    "SetFit/sst5": _Layout(
        "SetFit/sst5",
        text="text",
        labels=("very negative", "negative", "neutral", "positive", "very positive"),
    ),
    "rajpurkar/squad": _Layout("rajpurkar/squad", metric="span_f1"),
    "rajpurkar/squad_v2": _Layout("rajpurkar/squad_v2", metric="span_f1_v2"),
}


def hub(  # noqa: PLR0913 (the options of a source are its parameters)
    name: str,
    path: str,
    *,
    subset: str = "",
    text: str = "",
    text_b: str = "",
    label: str = "",
    labels: Sequence[str] = (),
    dev: str = "",
    dev_share: float = 0.1,
    metric: str = "",
) -> Task:
    """A data set of the Hugging Face hub; needs the package `datasets`, and a network once.

    The nine tasks of GLUE ("glue/sst2" and so on), "SetFit/sst5", "rajpurkar/squad" and
    "rajpurkar/squad_v2" need no options; for others name the columns.

    Args:
        name: The task's name.
        path: Name on the hub.
        subset: Which of its configurations.
        text: Column of the sentence, or of the first of a pair.
        text_b: Column of the second of a pair; empty for single sentences.
        label: Column of the label: whole numbers or names for classes, decimals for scores, lists
            for several labels. Rows without a label (-1 among them) or text are left out, counted.
        labels: Class names in order; as the data set names them if empty.
        dev: Its development split; a share of train is held out if there is none.
        dev_share: That share.
        metric: Main score.

    Raises:
        ConfigError: The package is missing, or an option is wrong.
        OfflineError: The data set cannot be fetched.
        DataError: It does not have these columns, or is too long.

    Reference:
        None: a data set's own page on the hub names its source.
    """
    if not current().everywhere and (not _HUB_NAME.fullmatch(path) or Path(path).exists()):
        raise DataError(f"{shown(path)} is no name of a data set of the hub: give OWNER/NAME.")
    chosen = {"subset": subset, "text": text, "text_b": text_b, "label": label, "dev": dev}
    layout = _layout(path, {**chosen, "labels": tuple(labels), "metric": metric})
    splits = _splits(_fetched(layout), layout)
    spans = layout.metric.startswith("span")
    task = (_span_task if spans else _text_task)(name, splits, layout)
    if "dev" not in task.splits:
        train, held = hold_out(task.splits["train"], dev_share)
        task = replace(task, splits={**task.splits, "train": train, "dev": held})
    return replace(task, metric=layout.metric or task.metric)


def _layout(path: str, chosen: Mapping[str, Any]) -> _Layout:
    known = _KNOWN.get(path, _Layout(path, text="text", metric=""))
    return replace(known, **{option: value for option, value in chosen.items() if value})


def _fetched(layout: _Layout) -> Mapping[str, Any]:
    try:
        from datasets import load_dataset
        from datasets.exceptions import DatasetsError
    except ImportError as error:
        raise ConfigError(
            "Data sets of the hub need the package 'datasets', which is not installed: "
            "pip install 'mtlviz[hub]'."
        ) from error
    try:
        return load_dataset(layout.repository, layout.subset or None)
    except (ConnectionError, DatasetsError, TimeoutError) as error:
        raise OfflineError(
            f"The data set {layout.repository!r} cannot be fetched: there is no network, or the "
            "hub has no public data set of this name; use a local folder or table instead."
        ) from error
    except (ValueError, RuntimeError) as error:
        raise ConfigError(f"The hub cannot give {layout.repository!r}: {error}") from error


def _splits(data: Mapping[str, Any], layout: _Layout) -> dict[SplitName, Any]:
    """Rows of each of our splits."""
    if "train" not in data:
        raise DataError(f"{layout.repository} has no split 'train'; it has {', '.join(data)}.")
    names: dict[SplitName, str] = {"train": "train", "dev": layout.dev, "test": "test"}
    splits = {split: data[name] for split, name in names.items() if name in data}
    for rows in splits.values():
        if len(rows) > MAX_ROWS:
            raise DataError(
                f"{layout.repository} has {len(rows):,} rows; at most {MAX_ROWS:,} are read."
            )
    return splits


def _text_task(name: str, splits: Mapping[SplitName, Any], layout: _Layout) -> Task:
    kind = _kind(splits["train"], layout)
    known = layout.labels or _known_names(splits["train"], layout)
    sheets = {split: _sheet(split, rows, layout, known) for split, rows in splits.items()}
    cells = [cell for sheet in sheets.values() for cell in sheet.cells("label")]
    names = read_labels(cells, kind, None, known).names
    read, notes = dict[SplitName, Examples](), list[str]()
    for split, sheet in sheets.items():
        examples, told = _examples(sheet, layout, kind, names)
        if len(examples) or split != "test":
            read[split] = examples
            notes += [f"{split}: {note}" for note in told]
    scores = read["train"].labels
    return Task(
        name=name,
        kind=kind.name,
        label_names=names,
        metric=kind.metrics[0],
        splits=read,
        origin=f"Hugging Face hub, {' '.join(filter(None, (layout.repository, layout.subset)))}.",
        score_range=(float(scores.min()), float(scores.max())) if kind.ranged else None,
        notes=tuple(notes),
        unlabelled={}
        if "test" in read or "test" not in sheets
        else {
            "test": lambda: texts_in(
                sheets["test"], *(("text_a", "text_b") if layout.text_b else ("text", "")), "id"
            )
        },
    )


def _span_task(name: str, splits: Mapping[SplitName, Any], layout: _Layout) -> Task:
    fitting = (kind for kind in KINDS.values() if layout.metric in kind.metrics)
    kind = next(fitting, SPAN_EXTRACTION)
    return Task(
        name=name,
        kind=kind.name,
        label_names=(),
        metric=layout.metric,
        splits={split: _spans(rows) for split, rows in splits.items()},
        origin=f"Hugging Face hub, {layout.repository}.",
    )


def _column(rows: Any, column: str, repository: str) -> list[Any]:
    if column not in rows.column_names:
        found = ", ".join(map(repr, rows.column_names))
        raise DataError(f"{repository} has no column {column!r}; it has {found}.")
    return list(rows[column])


def _kind(rows: Any, layout: _Layout) -> TaskKind:
    """Scores where labels are decimals, several labels where they are lists, or else classes."""
    found = [v for v in _column(rows, layout.label, layout.repository) if v is not None]
    pair, target = bool(layout.text_b), "class"
    if any(isinstance(value, list | tuple) for value in found):
        target = "labels"
    elif any(isinstance(value, float) for value in found):
        scores = targets(pair=pair)["score"]
        cells = read_labels([cell_of(value) for value in found], scores).cells
        target = "score" if scores.looks_like([cell for cell in cells if cell]) else "class"
    return kind_of(target, pair=pair)


def _known_names(rows: Any, layout: _Layout) -> tuple[str, ...]:
    """The label names that the data set states; none where it leaves them to its rows."""
    feature = rows.features[layout.label]
    named = getattr(feature, "names", None) or getattr(
        getattr(feature, "feature", None), "names", None
    )
    return tuple(named or ())


def _sheet(split: SplitName, rows: Any, layout: _Layout, names: Sequence[str]) -> Sheet:
    """One split as cells, its rows without a text left out."""
    columns = [layout.text, *filter(None, [layout.text_b])]
    texts = [_column(rows, column, layout.repository) for column in columns]
    for column, cells in zip(columns, texts, strict=True):
        if any(isinstance(cell, list | tuple | dict) for cell in cells):
            raise DataError(f"{layout.repository}: column {column!r} holds lists, not texts.")
    labels = _column(rows, layout.label, layout.repository)
    whole = zip(range(len(labels)), *texts, labels, strict=True)
    kept = [row for row in whole if all(cell_of(text).strip() for text in row[1:-1])]
    notes = () if len(kept) == len(labels) else (
        f"{len(labels) - len(kept):,} of {len(labels):,} rows have no text and are left out.",
    )  # fmt: skip
    return Sheet(
        f"{layout.repository}, {split}",
        ("id", *(["text_a", "text_b"] if layout.text_b else ["text"]), "label"),
        tuple(row[0] + 1 for row in kept),
        tuple([*map(cell_of, row[:-1]), _label_cell(row[-1], names)] for row in kept),
        notes=notes,
    )


def _label_cell(value: Any, names: Sequence[str]) -> str:
    """A label as a cell: a number as the name it stands for, and none where it stands for none."""
    if isinstance(value, list | tuple):
        return ",".join(_label_cell(each, names) for each in value)
    if names and isinstance(value, int) and not isinstance(value, bool):
        return names[value] if 0 <= value < len(names) else "" if value == -1 else str(value)
    return cell_of(value)


def _examples(
    sheet: Sheet, layout: _Layout, kind: TaskKind, names: Sequence[str]
) -> tuple[Examples, tuple[str, ...]]:
    columns = Columns(
        *(("text_a", "text_b") if layout.text_b else ("text", "")), "label", kind.target
    )
    labels = read_labels(sheet.cells("label"), kind, None, names)
    for row, problem in row_problems(sheet, columns, labels, names if kind.parts else None):
        raise DataError(f"{sheet.name}, row {row}: {problem}")
    return labelled(sheet, columns, labels, "id"), (*sheet.notes, *labels.notes)


def _spans(rows: Any) -> Examples:
    columns = (rows[name] for name in ("id", "question", "context", "answers"))
    return examples_of(
        [
            question_of(*texts, [*zip(answer["answer_start"], answer["text"], strict=True)])
            for *texts, answer in zip(*columns, strict=True)
        ]
    )
