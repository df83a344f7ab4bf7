"""Predictions as files: CSV, JSON Lines, the course's files to hand in, SQuAD's predictions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.predictions import Predictions
from mtlviz.engine.tasks.cs224n import submission
from mtlviz.engine.tasks.task import Task
from mtlviz.errors import ConfigError, unknown_choice
from mtlviz.runs.export import as_csv

CSV, JSON_LINES, COURSE, SQUAD = "csv", "jsonl", "course", "squad"
_BEST = 5
"""Best answers to a question that are written beside the one that is given."""


@dataclass(frozen=True)
class PredictionFormat:
    """One way of writing predictions.

    Attributes:
        help: What it is, in a few words.
        ending: How names of its files end.
        write: The content of a file (predictions, whether their texts are written too).
        fits: Whether a task's predictions can be written so.
        needs: Which tasks those are, in words.
    """

    help: str
    ending: str
    write: Callable[[Predictions, bool], str]
    fits: Callable[[Task], bool] = lambda task: True
    needs: str = "any task"


def written(name: str, found: Predictions, *, with_texts: bool = False) -> str:
    """One task's predictions as the content of a file.

    Args:
        name: Key of `FORMATS`.
        found: The predictions.
        with_texts: Whether the texts stand beside, where the format has room for them.

    Raises:
        ConfigError: There is no such format, or it has no place for this task.
    """
    check_format(name, found.task)
    return FORMATS[name].write(found, with_texts)


def check_format(name: str, task: Task) -> None:
    """Check that a task's predictions can be written in a format.

    Raises:
        ConfigError: There is no such format, or it has no place for this task.
    """
    if name not in FORMATS:
        raise unknown_choice("format of predictions", name, FORMATS)
    if not FORMATS[name].fits(task):
        raise ConfigError(
            f"The format {name} is for {FORMATS[name].needs}, but task {task.name!r} is "
            f"{KINDS[task.kind].asked(task)}."
        )


def file_name(name: str, task: Task, split: str) -> str:
    """What a file of predictions is called: the course's names in its format."""
    course = submission(task)
    if name == COURSE and course is not None:
        return f"{course.name}-{split}-output.csv"
    return f"{_plain(task.name)}-{split}{FORMATS[name].ending}"


def rows(found: Predictions, *, with_texts: bool) -> Iterator[dict[str, object]]:
    """One object a text: task, id, what was said, how probable each class or label is.

    Answers in a text have the best few with their scores and places instead.
    """
    for place, value in enumerate(found.values):
        row: dict[str, object] = {"task": found.task.name, "id": found.texts.ids[place]}
        if with_texts:
            row["text"] = found.texts.first[place]
            if found.texts.second is not None:
                row["text_b"] = found.texts.second[place]
        row["prediction"] = value
        if odds := found.odds(place):
            row["probabilities"] = odds
        if found.best is not None:
            row["best"] = [asdict(each) for each in found.best[place][:_BEST]]
        yield row


def _csv(found: Predictions, with_texts: bool) -> str:
    return as_csv(_table(found, with_texts))


def _table(found: Predictions, with_texts: bool) -> Iterator[list[object]]:
    names = found.task.label_names if found.probabilities is not None else ()
    texts = ["text", *(["text_b"] if found.texts.second is not None else [])] if with_texts else []
    yield ["id", *texts, "prediction", *(f"probability: {name}" for name in names)]
    for row in rows(found, with_texts=with_texts):
        value = row["prediction"]
        said = ",".join(value) if isinstance(value, list) else value
        odds = row.get("probabilities", {})
        yield [row["id"], *(row[name] for name in texts), said, *odds.values()]


def _json_lines(found: Predictions, with_texts: bool) -> str:
    lines = (json.dumps(row, ensure_ascii=False) for row in rows(found, with_texts=with_texts))
    return "".join(f"{line}\n" for line in lines)


def _course(found: Predictions, with_texts: bool) -> str:
    """As the hand-out's code writes them, blanks, spelling and all.

    Reference:
        gpoesia/minbert-default-final-project, evaluation.py, test_model_multitask.
    """
    course = submission(found.task)
    if course is None:
        raise ValueError("Asked of a task that the course does not know.")
    answers = np.asarray(found.answers).astype(course.number)
    lines = zip(found.texts.ids, answers, strict=True)
    return f"id \t {course.heading} \n" + "".join(f"{name} , {said} \n" for name, said in lines)


def _squad(found: Predictions, with_texts: bool) -> str:
    """One object of answers by question, as SQuAD's evaluation script reads it."""
    answers = dict(zip(found.texts.ids, found.values, strict=True))
    return json.dumps(answers, ensure_ascii=False) + "\n"


def _plain(name: str) -> str:
    """A task's name as part of a file's."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).lstrip(".") or "task"


FORMATS: dict[str, PredictionFormat] = {
    CSV: PredictionFormat("a table: id, prediction, probabilities", ".csv", _csv),
    JSON_LINES: PredictionFormat("one JSON object a line", ".jsonl", _json_lines),
    COURSE: PredictionFormat(
        "the files to hand in of the CS224N default project",
        ".csv",
        _course,
        lambda task: submission(task) is not None,
        "the CS224N project's sentiment, paraphrases and similarity, its classes in its order",
    ),
    SQUAD: PredictionFormat(
        "answers by question, for SQuAD's evaluation script",
        ".json",
        _squad,
        lambda task: KINDS[task.kind].reads_tokens,
        "answers in a text",
    ),
}
"""To add one: a function and an entry here; the shell, the page and programs then offer it."""
