"""What a visitor has chosen on the Data page."""

import json
from itertools import count
from typing import ClassVar, Literal

from mtlviz.engine.answer_places import SHORTEST
from mtlviz.engine.tasks.decoding import ENCODINGS
from mtlviz.engine.tasks.delimited import DELIMITERS
from mtlviz.engine.tasks.upload import MAX_NAME
from mtlviz.limits import parse_json
from mtlviz.settings import Settings, Text, setting
from mtlviz.ui.core.part import Part


def _write_keys(keys: tuple[str, ...]) -> str:
    """Keys with bars between them; as JSON where a key is empty or has a bar itself."""
    plain = "|".join(keys)
    is_plain = tuple(plain.split("|")) == keys and plain[:1] not in ("", "[")
    return plain if is_plain and all(keys) else json.dumps(keys, ensure_ascii=False)


def _read_keys(text: str) -> tuple[str, ...]:
    """The keys of `_write_keys`.

    Raises:
        ValueError: It is neither.
    """
    found: object = list(filter(None, text.split("|")))
    if text.startswith("["):
        found = parse_json(text, "`data_leaks`")
    if not isinstance(found, list) or not all(isinstance(key, str) for key in found):
        raise ValueError
    return tuple(found)


_PLAIN = Text(str, str)  # Quotation marks of a link are those of the text.
_KEYS = Text(_write_keys, _read_keys, "must be keys of tasks such as data/mr|data/cr")
_MARKS = Text(lambda marks: " ".join(marks or ()), lambda text: tuple(text.split()) or None)
_NUMBERS = count()


class Shown(Settings):
    """Which task, which of its examples, and which tasks are compared."""

    link_prefix: ClassVar[str] = "data_"
    view: Literal["browse", "leaks", "add"] = setting(
        "browse", "View", "Look at one task, compare several, or make a task of a table.",
        choices={"browse": "Browse", "leaks": "Leaks", "add": "Add your own"},
    )  # fmt: skip
    task: str = setting(
        "", "Task", "Built-in tasks, data sets below the data folder, your own. Type to search.",
        text=_PLAIN,
    )  # fmt: skip
    folder: str = setting(
        "", "Folder of data sets",
        "A folder on the machine that runs this app. It, or the folders in it, hold a meta.json "
        "with kind, class names and files.",
        text=_PLAIN, typed=Text(str, str.strip),
    )  # fmt: skip
    split: Literal["train", "dev", "test"] = setting(
        "train", "Split", "Train is learned from; dev and test are only scored."
    )
    label: str = setting("", "Label", "List the examples of one class only.", text=_PLAIN)
    words: str = setting(
        "", "Search", "Lists examples whose text holds this, whatever its case.", text=_PLAIN
    )
    page: int = setting(1, "Page", low=1, high=10**6)
    question: str = setting(
        "", "Question", "Whose passage is shown, cut into windows; of those listed above.",
        text=_PLAIN,
    )  # fmt: skip
    window: int = setting(
        128, "Longest window (words)",
        "Words that a model reads at once, the question among them: `data.max_length` of a run. A "
        "pretrained encoder cuts words into pieces, so its windows hold fewer words.",
        low=SHORTEST, high=8192,
    )  # fmt: skip
    window_overlap: int = setting(
        64, "Overlap of windows (words)",
        "Words that two windows beside each other share: `data.overlap` of a run. At most half of "
        "a window is used.", low=0, high=4096,
    )  # fmt: skip
    leaks: tuple[str, ...] = setting(
        (), "Tasks",
        "Every two of them are compared. A sentence can match a sentence, a pair a pair.",
        text=_KEYS,
    )  # fmt: skip
    scored: Literal["dev and test", "dev", "test"] = setting(
        "dev and test", "Scored on", "Whose examples are looked for in the training splits."
    )
    cell: tuple[str, ...] = setting((), "Scored, and trained on", linked=False)
    cell_page: int = setting(1, "Page of the leaked sentences", linked=False)


class Table(Settings):
    """How a table that was sent is read, and which task it makes; columns are guessed at first."""

    name: str = setting(
        "", "Name of the task", "Shown in every figure.", max_length=MAX_NAME,
        typed=Text(str, str.strip),
    )  # fmt: skip
    text: str = setting("", "Text", "The sentence, or the first of a pair.")
    text_b: str = setting(
        "", "Second text", "The second of a pair; none for single sentences.",
        choices={"": "none"},
    )  # fmt: skip
    label: str = setting("", "Label", "What a model is to answer.")
    target: str = setting("", "Labels are")
    missing: tuple[str, ...] | None = setting(
        None, "Marks of no label",
        "Rows with such a label are left out and counted; put blanks between several marks.",
        typed=_MARKS,
    )  # fmt: skip
    metric: str = setting(
        "", "Metric",
        "The task's main score. F1 and Matthews look at rare classes more than accuracy does.",
    )  # fmt: skip
    split: str = setting(
        "", "Split", "A column that says train, dev or test; none to hold out a share.",
        choices={"": "none: hold out a share"},
    )  # fmt: skip
    share: int = setting(
        20, "Held out for dev",
        "Share of every class that is scored and never trained on. Rows of the same text stay "
        "together.",
        low=5, high=50, step=5, unit="%", visible=lambda table: not table.split,
    )  # fmt: skip
    seed: int = setting(
        0, "Seed of the split",
        "Decides which rows are held out; the same seed holds out the same rows.",
        low=0, high=2**31 - 1, visible=lambda table: not table.split,
    )  # fmt: skip
    encoding: str = setting(
        "UTF-8", "Encoding",
        "UTF-8 is right for almost every file; Excel's plain CSV is Western.",
        choices={name: name for name in ENCODINGS},
    )  # fmt: skip
    delimiter: str = setting(
        "", "Cells are separated by",
        "The guess is what gives the first rows as many cells each.",
        choices={"": "guess", **{name: name for name in DELIMITERS}},
    )  # fmt: skip
    quoted: Literal["", "cells", "letters"] = setting(
        "", "Quotation marks",
        "Between tabs they are usually letters, else they usually enclose cells.",
        choices={"": "guess", "cells": "enclose cells", "letters": "are letters"},
    )  # fmt: skip
    header: Literal["", "names", "example"] = setting(
        "", "The first row", "A first row that looks like an example is read as one.",
        choices={"": "guess", "names": "names the columns", "example": "is an example"},
    )  # fmt: skip


class TablePart(Part[Table]):
    """Settings of one table that was sent: what the controls of the last one report is not its."""

    def __init__(self) -> None:
        super().__init__(f"data.table.{next(_NUMBERS)}", Table)

    def widget(self, path: str) -> str:
        """The key of a setting's widget, the same for every table."""
        return f"data.table.{path}"


SHOWN = Part("data", Shown)
PARTS = (SHOWN,)


def show_task(key: str) -> None:
    """Show another task, from its first example on."""
    view = "browse" if SHOWN.now.view == "add" else SHOWN.now.view
    SHOWN.change(task=key, view=view, split="train", label="", words="", page=1, question="")


def first_page() -> None:
    """Turn to the first page: another list is shown."""
    SHOWN.change(page=1)
