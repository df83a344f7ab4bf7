"""SQuAD: a question, a paragraph, and its characters that answer; in v2.0 there may be none."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.reading import located, read_json
from mtlviz.engine.tasks.task import Examples, SplitName, Task, Texts
from mtlviz.errors import DataError, unknown_choice
from mtlviz.limits import brief

_KINDS = {"1.1": "span_extraction", "2.0": "span_or_none"}

Place = tuple[int, int]
_NONE: Place = (0, 0)
_NOT_SQUAD = (AttributeError, KeyError, TypeError, IndexError)
"""What reading other JSON as SQuAD's ends in."""


class Question(NamedTuple):
    """One question; its answers' places are first and one-past-last characters."""

    id: str
    question: str
    paragraph: str
    places: tuple[Place, ...]


def squad(  # noqa: PLR0913 (the options of a source are its parameters)
    name: str,
    path: str,
    *,
    version: Literal["1.1", "2.0"] = "1.1",
    train: str = "",
    dev: str = "",
    metric: str = "",
) -> Task:
    """Questions about paragraphs in the JSON format of SQuAD; in version 2.0 some have no answer.

    Args:
        name: The task's name.
        path: Folder of the two files.
        version: "1.1", where every question has an answer, or "2.0"; each is scored by its rules.
        train: File of the training questions; train-v1.1.json or train-v2.0.json if empty.
        dev: File of the development questions; likewise.
        metric: Main score; word overlap (F1) if empty.

    Raises:
        ConfigError: There is no such version.
        DataError: A file is missing or not in the format.

    Reference:
        Rajpurkar et al., EMNLP 2016, and Rajpurkar, Jia & Liang, ACL 2018, for version 2.0.
        https://arxiv.org/abs/1606.05250, https://arxiv.org/abs/1806.03822
    """
    if version not in _KINDS:
        raise unknown_choice("version of SQuAD", version, _KINDS)
    folder, kind = located(path), KINDS[_KINDS[version]]
    files: dict[SplitName, str] = {
        "train": train or f"train-v{version}.json", "dev": dev or f"dev-v{version}.json"
    }  # fmt: skip
    return Task(
        name=name,
        kind=kind.name,
        label_names=(),
        metric=metric or kind.metrics[0],
        splits={s: read_squad(folder / file, or_none=kind.or_none) for s, file in files.items()},
        origin=f"SQuAD v{version} files {' and '.join(files.values())}.",
    )


def read_squad(file: Path, *, or_none: bool = False) -> Examples:
    """Every question of a SQuAD file; the first answer is the label, all are references.

    Args:
        file: The file.
        or_none: Whether questions may have no answer, as in version 2.0.

    Raises:
        DataError: The file is not in the format, two questions have the same id, a question has no
            answer and must have one, or an answer does not stand where the file says.
    """
    content = read_json(file)
    try:
        questions = list(_questions(content, or_none))
    except _NOT_SQUAD as error:
        raise _misshapen(file, " v2.0" if or_none else " v1.1") from error
    _check_ids(file, [each.id for each in questions])
    return examples_of(questions)


def examples_of(questions: Sequence[Question]) -> Examples:
    """Questions as examples: the first answer is the label, all are references."""
    return Examples(
        ids=tuple(each.id for each in questions),
        first=tuple(each.question for each in questions),
        second=tuple(each.paragraph for each in questions),
        labels=np.array([(*each.places, _NONE)[0] for each in questions], dtype=np.int64),
        references=tuple(
            tuple(each.paragraph[start:end] for start, end in each.places) for each in questions
        ),
        places=tuple(each.places for each in questions),
    )


def read_questions(file: Path) -> Texts:
    """Every question of a file in SQuAD's format, whether or not it has answers.

    Raises:
        DataError: The file is not in the format, holds no question, or two have the same id.
    """
    content = read_json(file)
    try:
        found = [
            (str(question["id"]), _text(question["question"]), _text(paragraph["context"]))
            for article in content["data"]
            for paragraph in article["paragraphs"]
            for question in paragraph["qas"]
        ]
    except _NOT_SQUAD as error:
        raise _misshapen(file) from error
    _check_ids(file, [identifier for identifier, *_ in found])
    return Texts(*zip(*found, strict=True))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("Not a text.")
    return value


def _misshapen(file: Path, version: str = "") -> DataError:
    return DataError(
        f"{file.name} is not in the format of SQuAD{version}: `data` is a list of articles with "
        "`paragraphs`, each of a text `context` and `qas`, its questions with `id` and a text "
        "`question`" + (", and `answers` with `text` and `answer_start`." if version else ".")
    )


def _check_ids(file: Path, ids: Sequence[str]) -> None:
    """Check that there are questions, and that an id stands for one: answers are kept by it."""
    if not ids:
        raise DataError(f"{file.name} holds no question.")
    doubled = next((each for each, count in Counter(ids).items() if count > 1), None)
    if doubled is not None:
        raise DataError(f"{file.name} has two questions with the id {brief(doubled, 40)}.")


def _questions(content: Any, or_none: bool) -> Iterator[Question]:
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                answers = [(each["answer_start"], each["text"]) for each in question["answers"]]
                _check_given(question, len(answers), or_none)
                yield question_of(
                    str(question["id"]),
                    _text(question["question"]),
                    _text(paragraph["context"]),
                    answers,
                )


def question_of(
    identifier: str, question: str, paragraph: str, answers: Sequence[tuple[int, str]]
) -> Question:
    """A question with its answers, each by its first character and its text.

    Raises:
        DataError: An answer does not stand at its place.
    """
    for start, text in answers:
        if not text or paragraph[start : start + len(text)] != text:
            raise DataError(
                f"SQuAD question {identifier!r}: answer {text!r} does not stand at "
                f"character {start} of its paragraph."
            )
    places = tuple((start, start + len(text)) for start, text in answers)
    return Question(identifier, question, paragraph, places)


def _check_given(question: Any, answers: int, or_none: bool) -> None:
    """Check that there is an answer where there must be one, and none where there must be none."""
    impossible = question.get("is_impossible", False)
    if not or_none and (impossible or not answers):
        raise DataError(
            f"SQuAD question {question['id']!r} has no answer, as version 1.1 demands; such files "
            "are read with version 2.0, or in a meta.json as the task 'span_or_none'."
        )
    if or_none and bool(impossible) == bool(answers):
        told = "has an answer" if impossible else "has no answer"
        raise DataError(
            f"SQuAD question {question['id']!r} {told}, but `is_impossible` says "
            f"{str(bool(impossible)).lower()}."
        )
