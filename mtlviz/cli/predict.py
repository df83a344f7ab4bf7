"""`mtlviz predict`: what a finished run answers to a split, a file, or a text of one's own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.cli.asked_run import (
    add_column_flags,
    add_run_flags,
    asked_tasks,
    column_names,
    only_task,
    opened_model,
    reads_pairs,
)
from mtlviz.cli.parser import Parser
from mtlviz.engine.predictions import Predictions, texts_of
from mtlviz.engine.tasks.description import SPLITS
from mtlviz.engine.tasks.task import Texts
from mtlviz.engine.tasks.text_file import checked, cleaned, read_texts
from mtlviz.errors import ConfigError, DataError, unknown_choice
from mtlviz.runs.opened_store import opened_store
from mtlviz.runs.prediction_files import FORMATS, check_format, file_name, written

if TYPE_CHECKING:
    from mtlviz.engine.tasks.task import Task
    from mtlviz.engine.trained_model import TrainedModel

Question = tuple["Task", Texts]
_TYPED = "text"


def run(arguments: Sequence[str]) -> int:
    """Answer what the arguments ask; see `mtlviz predict --help`."""
    flags = _parser().parse_args(arguments)
    _check_flags(flags)
    with opened_store(flags.home) as store:
        _, model = opened_model(store, flags)
        questions = _questions(model, flags)
        for task, _ in questions:
            check_format(flags.format, task)
        places = _places(flags, [task for task, _ in questions])
        found = [model.predict(task.name, texts) for task, texts in questions]
        told = [each for task, texts in questions for each in model.remarks(task.name, texts)]
        sys.stderr.writelines(f"{each}\n" for each in dict.fromkeys(told))
    for each, place in zip(found, places, strict=True):
        _hand_over(each, place, flags)
    return 0


def _parser() -> argparse.ArgumentParser:
    made = Parser(
        prog="mtlviz predict",
        description="What a run answers, with its best weights. Labels are never looked at: "
        "`mtlviz evaluate` scores.",
    )
    add_run_flags(made)
    made.add_argument("file", metavar="FILE", nargs="?", help="a table, a .txt, or SQuAD's JSON")
    made.add_argument("--split", metavar="SPLIT", help=f"one of the run's: {', '.join(SPLITS)}")
    made.add_argument("--text", metavar="TEXT", help="a text; the question for answers in a text")
    made.add_argument("--pair", metavar="TEXT", help="the second text; the paragraph for answers")
    formats = "; ".join(f"{name}: {each.help}" for name, each in FORMATS.items())
    made.add_argument("--format", default="csv", metavar="NAME", help=formats)
    made.add_argument(
        "--out", metavar="PLACE", help="a file, or a folder for several tasks; else printed"
    )
    add_column_flags(made, ("text", "text_b"))
    return made


def _check_flags(flags: argparse.Namespace) -> None:
    """One thing is asked, and it can be written.

    Raises:
        ConfigError: Nothing is, or more than one thing.
    """
    asked = [name for name in ("file", "split", "text") if getattr(flags, name) is not None]
    if len(asked) != 1:
        raise ConfigError(
            "Say one thing to answer: a FILE, a split as in `--split dev`, or a text as in "
            '`--text "…"`.'
        )
    if flags.pair is not None and flags.text is None:
        raise ConfigError("--pair is the second text of --text: give both.")
    if flags.format not in FORMATS:
        raise unknown_choice("format of predictions", flags.format, FORMATS)
    if flags.out is not None and Path(flags.out).is_file():
        raise ConfigError(f"{flags.out} exists already; choose another name.")


def _questions(model: TrainedModel, flags: argparse.Namespace) -> list[Question]:
    """Each task asked, with its texts.

    Raises:
        MtlvizError: A text is missing, or no task can be asked this.
    """
    if flags.file is not None:
        task = only_task(model, flags)
        return [(task, read_texts(task, flags.file, column_names(flags)))]
    if flags.split is not None:
        return _of_split(model, flags)
    return _of_text(model, flags)


def _of_split(model: TrainedModel, flags: argparse.Namespace) -> list[Question]:
    """The tasks that have the split; those that were named must have it."""
    tasks = asked_tasks(model, flags)
    has = [task for task in tasks if flags.split in (*task.splits, *task.unlabelled)]
    chosen = tasks if flags.task or not has else has
    for task in tasks:
        if task not in chosen:
            sys.stderr.write(f"{task.name} has no {flags.split} split and is left out.\n")
    return [(task, texts_of(task, flags.split)) for task in chosen]


def _of_text(model: TrainedModel, flags: argparse.Namespace) -> list[Question]:
    """The tasks that read as many texts as were typed."""
    pair = flags.pair is not None
    tasks = asked_tasks(model, flags)
    chosen = [task for task in tasks if reads_pairs(task) == pair]
    if not chosen:
        wanted = "one text: leave --pair out" if pair else "two texts: give the second as --pair"
        raise DataError(f"{', '.join(task.name for task in tasks)}: read {wanted}.")
    texts = Texts(("1",), (flags.text,), (flags.pair,) if pair else None)
    return [(task, checked(task, cleaned(task, texts), f"--{_TYPED}")) for task in chosen]


def _places(flags: argparse.Namespace, tasks: Sequence[Task]) -> list[Path | None]:
    """Where each task's predictions go; None for the terminal.

    Raises:
        ConfigError: A file is there already, or one file is to hold several tasks.
    """
    if flags.out is None:
        if len(tasks) > 1 and flags.text is None and flags.format != "jsonl":
            raise ConfigError(
                f"The run has {len(tasks)} tasks to answer: name one with --task, a folder with "
                "--out, or print one object a line with --format jsonl."
            )
        return [None] * len(tasks)
    place, split = Path(flags.out), flags.split or Path(flags.file or "text").stem
    if len(tasks) == 1 and not place.is_dir() and not flags.out.endswith("/"):
        return [place]
    places = [place / file_name(flags.format, task, split) for task in tasks]
    for each in places:
        if each.exists():
            raise ConfigError(f"{each} exists already; choose another folder.")
    return list(places)


def _hand_over(found: Predictions, place: Path | None, flags: argparse.Namespace) -> None:
    """Write one task's predictions to their file, or print them."""
    with_texts = flags.split is None
    if place is None:
        lines = _shown(found) if flags.text is not None and flags.format == "csv" else None
        text = written(flags.format, found, with_texts=with_texts)
        sys.stdout.write("".join(lines) if lines is not None else text)
        return
    text = written(flags.format, found, with_texts=with_texts)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"Cannot write {place}: {error.strerror}.") from error
    sys.stderr.write(f"{len(found):,} answers of {found.task.name} are in {place}.\n")


def _shown(found: Predictions) -> Iterator[str]:
    """What a task's head says of one text, for a person to read."""
    odds = sorted(found.odds(0).items(), key=lambda each: -each[1])
    shares = ", ".join(f"{name} {chance:.1%}" for name, chance in odds)
    yield f"{found.task.name}: {found.words[0]}{f'  ({shares})' if shares else ''}\n"
