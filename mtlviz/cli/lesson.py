"""`mtlviz lesson`: check a lesson of one's own, and write any lesson as a file to take home."""

import sys
from collections.abc import Sequence
from pathlib import Path

from mtlviz.cli.parser import Parser
from mtlviz.errors import ConfigError, brief, unknown_choice
from mtlviz.lessons.catalogue import built_in, of_teachers
from mtlviz.lessons.hand_out import hand_out
from mtlviz.lessons.lesson import Lesson
from mtlviz.lessons.reading import LARGEST, lesson_of


def run(arguments: Sequence[str]) -> int:
    """List, check or write lessons; see `mtlviz lesson --help`."""
    flags = _parser().parse_args(list(arguments))
    if flags.lesson is None:
        return _list()
    lesson = _lesson(flags.lesson)
    if not flags.out:
        sys.stdout.write(f"{_about(lesson)}. Nothing is wrong with it.\n")
        return 0
    place = Path(flags.out)
    if place.exists():
        raise ConfigError(f"{brief(str(place))} exists already; name another file.")
    place.write_text(_content(lesson, flags.paper, flags.answers), encoding="utf-8")
    sys.stdout.write(f"{lesson.title} is in {place}.\n")
    return 0


def _list() -> int:
    """The lessons on the one stream; on the other why files in the folder are none."""
    from mtlviz.ui.core.lesson_progress import of_teacher

    found, problems = of_teacher()
    for name, lesson in {**built_in(), **found}.items():
        sys.stdout.write(f"{name:20} {_about(lesson)}\n")
    for problem in problems:
        sys.stderr.write(f"Left out: {problem}\n")
    return 0


def _content(lesson: Lesson, paper: bool, answers: bool) -> str:
    if paper:
        return hand_out(lesson, answers=answers)
    from mtlviz.ui.core.lesson_home import lesson_file

    return lesson_file(lesson)


def _about(lesson: Lesson) -> str:
    return f"{lesson.title} {len(lesson.steps)} steps, {lesson.minutes:.0f} minutes"


def _known() -> dict[str, Lesson]:
    return {**built_in(), **of_teachers()[0]}


def _lesson(asked: str) -> Lesson:
    """A lesson by its name, or the one in a file.

    Raises:
        ConfigError: If there is neither, or the file holds no lesson.
    """
    if asked in _known():
        return _known()[asked]
    file = Path(asked)
    if not file.is_file():
        raise unknown_choice("lesson, and no file of this name:", asked, _known())
    from mtlviz.ui.core.lesson_progress import check

    with file.open("rb") as opened:
        lesson = lesson_of(opened.read(LARGEST + 1), file.name)
    check(lesson)
    return lesson


def _parser() -> Parser:
    parser = Parser(
        prog="mtlviz lesson",
        description="Without arguments: the lessons. With one: check it, or write it into a file.",
    )
    parser.add_argument(
        "lesson", nargs="?", metavar="LESSON", help="a lesson's name, or a YAML or JSON file"
    )
    parser.add_argument(
        "--out", metavar="FILE",
        help="write the lesson as one HTML file that needs neither server nor network",
    )  # fmt: skip
    parser.add_argument("--paper", action="store_true", help="write a page to print instead")
    parser.add_argument("--answers", action="store_true", help="with the answers on that page")
    return parser
