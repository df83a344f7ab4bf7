"""Further texts for a task that there is already: in a table, a list of lines, or SQuAD's JSON."""

from dataclasses import dataclass, replace
from pathlib import Path

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.labels import read_labels
from mtlviz.engine.tasks.mapping import Columns, named_column
from mtlviz.engine.tasks.reading import located, read_text
from mtlviz.engine.tasks.remarks import row_problems
from mtlviz.engine.tasks.sheet import (
    ID_NAMES,
    LABEL_NAMES,
    SECOND_NAMES,
    TEXT_NAMES,
    Format,
    Sheet,
    check_rows,
    read_file,
)
from mtlviz.engine.tasks.squad import read_questions
from mtlviz.engine.tasks.task import Examples, Task, Texts
from mtlviz.engine.tasks.upload import labelled, texts_in
from mtlviz.errors import DataError
from mtlviz.limits import brief

LONGEST_TEXT = 200_000
"""Characters of one text; a book's chapter, of which a model reads the first few hundred words."""
_LINES, _JSON = ".txt", ".json"


@dataclass(frozen=True)
class ColumnNames:
    """What the columns of a file are called; those left empty are found by their usual names.

    Attributes:
        text: The sentence, or the first of a pair.
        text_b: The second of a pair.
        label: The label.
    """

    text: str = ""
    text_b: str = ""
    label: str = ""


def read_texts(task: Task, path: str, names: ColumnNames | None = None) -> Texts:
    """The texts in a file, for a task to answer; labels in it are not looked at.

    A table has the columns text, or text_a and text_b, and if wished id. A file .txt has one text
    a line. Questions about paragraphs may also stand in SQuAD's JSON.

    Args:
        task: The task.
        path: The file.
        names: What its columns are called.

    Raises:
        DataError: It cannot be read, lacks a text, or has one that is too long.
    """
    file = located(path)
    if _is_json_of(task, file):
        return checked(task, read_questions(file), file.name)
    if _ending(file) == _LINES:
        return _lines(task, file)
    sheet = check_rows(read_file(file, Format(least=1)))
    columns = _columns(sheet, task, names or ColumnNames())
    found = texts_in(sheet, columns.text, columns.text_b, _ids(sheet))
    return checked(task, cleaned(task, found), sheet.name)


def read_examples(
    task: Task, path: str, names: ColumnNames | None = None
) -> tuple[Examples, tuple[str, ...]]:
    """The labelled examples in a file, to score a task's answers.

    Labels are written as in the task's own data: as names, or as numbers of classes from 0.

    Args:
        task: The task.
        path: The file.
        names: What its columns are called.

    Returns:
        The examples, and one sentence for each thing to know of how they were read.

    Raises:
        DataError: It cannot be read, has no labels, or a row is wrong.
    """
    file, read = located(path), KINDS[task.kind].read_file
    if read is not None:
        return read(file), ()
    sheet = check_rows(read_file(file))
    columns = _columns(sheet, task, names or ColumnNames())
    if not columns.label:
        raise DataError(
            f"{sheet.name} has no column of labels to score against; say which it is, or let its "
            "texts be answered without a score."
        )
    examples, notes = _labelled(sheet, columns, task)
    found = checked(task, cleaned(task, examples.texts), sheet.name)
    return replace(examples, first=found.first, second=found.second), notes


def cleaned(task: Task, texts: Texts) -> Texts:
    """Texts as the task's source would hand them over."""
    first, second = (
        part and tuple(task.clean(text) for text in part) for part in (texts.first, texts.second)
    )
    return Texts(texts.ids, first, second)


def checked(task: Task, texts: Texts, name: str, longest: int = LONGEST_TEXT) -> Texts:
    """Texts none of which is missing or too long.

    Args:
        task: The task.
        texts: The texts.
        name: Where they come from, for messages.
        longest: Characters that each may have.

    Raises:
        DataError: One is.
    """
    for part in filter(None, (texts.first, texts.second)):
        for where, text in zip(texts.ids, part, strict=True):
            place = f"{name}, {brief(where, 40)}" if len(texts) > 1 else name
            if not text.strip():
                raise DataError(f"{place}: there is no text.")
            if len(text) > longest:
                raise DataError(
                    f"{place}: the text has {len(text):,} characters; at most {longest:,} are read."
                )
    return texts


def _labelled(sheet: Sheet, columns: Columns, task: Task) -> tuple[Examples, tuple[str, ...]]:
    kind = KINDS[task.kind]
    cells = sheet.cells(columns.label)
    numbers = tuple(kind.written(task.label_names))
    known = read_labels(cells, kind, None, task.label_names)
    strange = {cell for cell in known.cells if cell and kind.problem(cell, task.label_names)}
    labels = known
    if strange and not any(kind.problem(cell, numbers) for cell in known.cells if cell):
        labels = read_labels(cells, kind, None, numbers)
    for line, problem in row_problems(sheet, columns, labels, labels.names if kind.parts else None):
        raise DataError(f"{sheet.name}, line {line}: {problem}")
    examples = labelled(sheet, columns, labels, _ids(sheet))
    if not len(examples):
        raise DataError(f"No row of {sheet.name} has a label, so there is nothing to score.")
    return examples, (*sheet.notes, *labels.notes)


def _columns(sheet: Sheet, task: Task, names: ColumnNames) -> Columns:
    """The columns that were named, and the usual names of the others."""
    kind, free = KINDS[task.kind], [column for column in sheet.columns if not _is_id(column)]
    label = names.label or named_column(free, LABEL_NAMES)
    free = [column for column in free if column != label]
    text = names.text or named_column(free, TEXT_NAMES) or (free[0] if len(free) == 1 else "")
    free = [column for column in free if column != text]
    second = names.text_b or (named_column(free, SECOND_NAMES) if kind.pair else "")
    if not text or (kind.pair and not second):
        raise DataError(
            f"{sheet.name} has no column {'text' if not text else 'text_b'}, which task "
            f"{task.name!r} reads; it has {', '.join(map(brief, sheet.columns[:20]))}: say which "
            "it is."
        )
    return Columns(text, second if kind.pair else "", label, kind.target)


def _lines(task: Task, file: Path) -> Texts:
    if KINDS[task.kind].pair:
        raise DataError(
            f"{file.name} has one text a line, but task {task.name!r} reads two; give a table with "
            "the columns text_a and text_b."
        )
    lines = [line for line in enumerate(read_text(file).splitlines(), 1) if line[1].strip()]
    texts = Texts(tuple(f"line {n}" for n, _ in lines), tuple(line for _, line in lines))
    if not lines:
        raise DataError(f"{file.name} holds no text.")
    return checked(task, cleaned(task, texts), file.name)


def _is_json_of(task: Task, file: Path) -> bool:
    return KINDS[task.kind].read_file is not None and _ending(file) == _JSON


def _ending(file: Path) -> str:
    return Path(file.name.lower().removesuffix(".gz")).suffix


def _ids(sheet: Sheet) -> str:
    return next((column for column in sheet.columns if _is_id(column)), "")


def _is_id(column: str) -> bool:
    return column.lower() in ID_NAMES
