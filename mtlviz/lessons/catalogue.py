"""The lessons that come with the app, and those that a teacher put into a folder."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from mtlviz import access
from mtlviz.errors import ConfigError, DataError, MtlvizError
from mtlviz.lessons.lesson import Lesson
from mtlviz.lessons.reading import LARGEST, lesson_of

FOLDER = "lessons"
"""Name of a teacher's folder of lessons, below the data folder."""
_FILES = Path(__file__).with_name("files")
_ENDINGS = (".yaml", ".yml", ".json")
_MOST = 100
ORDER = (
    "negative_transfer",
    "capacity",
    "how_sure",
    "conflict",
    "tuned_sum",
    "schedulers",
    "alignment",
    "reweighting",
    "forgetting",
    "what_comes_when",
    "real_text",
)
"""The lessons in the order in which a class would take them: a file each in `files`."""


@cache
def built_in() -> Mapping[str, Lesson]:
    """The lessons that come with the app, by name."""
    return {name: _read(_FILES / f"{name}.yaml") for name in ORDER}


def source(name: str) -> bytes:
    """The file of a lesson that comes with the app."""
    return (_FILES / f"{name}.yaml").read_bytes()


def _read(file: Path) -> Lesson:
    return lesson_of(file.read_bytes(), file.name)


def of_teachers() -> tuple[dict[str, Lesson], list[str]]:
    """Lessons in the folder `lessons` of the data folder, and a sentence for each that is none.

    What may be read is decided as for data sets.
    """
    found, problems = {}, []
    for file in _files():
        try:
            with access.current().open(file, LARGEST + 1) as opened:
                found[f"own/{file.stem}"] = lesson_of(opened.read(), file.name)
        except ConfigError as error:  # Of the lesson: it begins with the file's name.
            problems.append(str(error))
        except MtlvizError as error:
            problems.append(f"{file.name}: {error}")
        except OSError:
            problems.append(f"{file.name} cannot be read.")
    return found, problems


def _files() -> list[Path]:
    try:
        folder = access.current().find(FOLDER)
    except DataError:
        return []
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if each.suffix.lower() in _ENDINGS)[:_MOST]
