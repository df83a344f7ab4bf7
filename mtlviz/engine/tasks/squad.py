"""SQuAD v1.1: a question, a paragraph, and the characters of the paragraph that answer it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mtlviz.engine.tasks.reading import located, read_json
from mtlviz.engine.tasks.task import Examples, Task, Texts
from mtlviz.errors import DataError

Question = tuple[str, str, str, tuple[int, int], tuple[str, ...]]


def squad(
    name: str,
    path: str,
    *,
    train: str = "train-v1.1.json",
    dev: str = "dev-v1.1.json",
    metric: str = "span_f1",
) -> Task:
    """Questions about paragraphs in the JSON format of SQuAD v1.1.

    Args:
        name: The task's name.
        path: Folder of the two files.
        train: File of the training questions.
        dev: File of the development questions.
        metric: Main score.

    Raises:
        DataError: A file is missing or not in the format.
    """
    folder = located(path)
    return Task(
        name=name,
        kind="span_extraction",
        label_names=(),
        metric=metric,
        splits={"train": read_squad(folder / train), "dev": read_squad(folder / dev)},
        origin=f"SQuAD v1.1 files {train} and {dev}.",
    )


def read_squad(file: Path) -> Examples:
    """Every question of a SQuAD v1.1 file; the first answer is the label, all are references.

    Raises:
        DataError: The file is not in the format, a question has no answer, or an answer does not
            stand where the file says.
    """
    content = read_json(file)
    try:
        questions = list(_questions(content))
    except (KeyError, TypeError, IndexError) as error:
        raise DataError(
            f"{file.name} is not in the format of SQuAD v1.1: {type(error).__name__} {error}."
        ) from error
    if not questions:
        raise DataError(f"{file.name} holds no question.")
    ids, first, second, spans, references = zip(*questions, strict=True)
    return Examples(ids, first, second, np.array(spans, dtype=np.int64), references)


def read_questions(file: Path) -> Texts:
    """Every question of a file in SQuAD's format, whether or not it has answers.

    Raises:
        DataError: The file is not in the format, or holds no question.
    """
    content = read_json(file)
    try:
        found = [
            (str(question["id"]), question["question"], paragraph["context"])
            for article in content["data"]
            for paragraph in article["paragraphs"]
            for question in paragraph["qas"]
        ]
    except (KeyError, TypeError, IndexError) as error:
        raise DataError(
            f"{file.name} is not in the format of SQuAD: {type(error).__name__} {error}."
        ) from error
    if not found:
        raise DataError(f"{file.name} holds no question.")
    return Texts(*zip(*found, strict=True))


def span_tokens(
    offsets: Sequence[tuple[int, int]], span: tuple[int, int]
) -> tuple[int, int] | None:
    """First and last token of an answer, or nothing if truncation cut part of it off.

    A token belongs to the answer if they share a character, so an answer inside a word gets the
    whole word.

    Args:
        offsets: First and one-past-last character of each token in the paragraph; an empty range
            such as (0, 0) for special tokens and those of the question.
        span: First and one-past-last character of the answer in the paragraph.

    Returns:
        Positions of the first and the last token, both inclusive.
    """
    start, end = span
    shown = [(first, last) for first, last in offsets if last > first]
    if not shown or shown[0][0] > start or shown[-1][1] < end:
        return None
    inside = [
        position
        for position, (first, last) in enumerate(offsets)
        if last > first and first < end and last > start
    ]
    return (inside[0], inside[-1]) if inside else None


def _questions(content: Any) -> Iterator[Question]:
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                yield _question(question, paragraph["context"])


def _question(question: Any, paragraph: str) -> Question:
    answers = [(answer["answer_start"], answer["text"]) for answer in question["answers"]]
    if not answers:
        raise DataError(f"SQuAD question {question['id']!r} has no answer, as version 1.1 demands.")
    for start, text in answers:
        if not text or paragraph[start : start + len(text)] != text:
            raise DataError(
                f"SQuAD question {question['id']!r}: answer {text!r} does not stand at "
                f"character {start} of its paragraph."
            )
    start, text = answers[0]
    references = tuple(text for _, text in answers)
    return question["id"], question["question"], paragraph, (start, start + len(text)), references
