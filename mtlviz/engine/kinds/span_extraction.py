"""A question and a paragraph in, the words of the paragraph that answer it out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from mtlviz.engine.kinds.kind import TaskKind
from mtlviz.errors import ConfigError

if TYPE_CHECKING:
    from mtlviz.engine.tasks.task import Examples, Task

_OBSTACLE = "Answer spans can be looked at, but there is no head for that yet to train on them."


def _refuse(task: Task, *others: Any) -> NoReturn:
    raise ConfigError(
        f"Task {task.name!r} asks for an answer's place in a text; there is no head for that "
        "yet, only for classes and scores."
    )


def _no_noise(task: Task, *others: Any) -> NoReturn:
    raise ConfigError(f"Label noise is for classes and scores, but {task.name!r} marks spans.")


def _say(task: Task, examples: Examples, place: int) -> str:
    first, last = examples.labels[place]
    return (examples.second or ())[place][int(first) : int(last)]


def _read_file(file: Path) -> Examples:
    from mtlviz.engine.tasks.squad import read_squad

    return read_squad(file)


def _problem(cell: str, names: Sequence[str] | None) -> str:
    return "an answer's place is read from SQuAD files, not from a cell"


SPAN_EXTRACTION = TaskKind(
    name="span_extraction",
    title="a question, a place in a text",
    help="Marks the words of a paragraph that answer a question.",
    asks="a question and a paragraph in, the words that answer it out",
    target="span",
    target_title="places in the second text",
    target_help="Places come from SQuAD files.",
    pair=True,
    label_type=np.int64,
    metrics=("span_f1", "span_em"),
    outputs=lambda task: 2,
    check=lambda task, split, labels: None,
    check_training=lambda task: None,
    check_trainable=_refuse,
    looks_like=lambda cells: False,
    parts=None,
    read=_refuse,
    problem=_problem,
    written=tuple,
    write=_refuse,
    say=_say,
    noise=_no_noise,
    counts=lambda labels, classes: None,
    loss=_refuse,
    predict=_refuse,
    floor=lambda task: None,
    no_floor="Guessing has no score here: an answer is a piece of the paragraph.",
    obstacle=_OBSTACLE,
    read_file=_read_file,
)
