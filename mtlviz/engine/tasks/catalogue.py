"""Every task this machine can offer, described without reading its data in full."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from mtlviz.access import DATA_FOLDER, OWN_TASKS, current, shown
from mtlviz.engine.config import TaskConfig
from mtlviz.engine.tasks import TASKS, default_tasks
from mtlviz.engine.tasks.choice import Catalogue, Group, TaskChoice
from mtlviz.engine.tasks.description import META, describes_a_task, read_description
from mtlviz.engine.tasks.families import WORDS, family_tasks
from mtlviz.engine.tasks.glance import Glance, glance
from mtlviz.engine.tasks.loading import read_task
from mtlviz.engine.tasks.synthetic import ASKS
from mtlviz.errors import DataError, MtlvizError


def task_choices(home: Path, folder: str = "") -> Catalogue:
    """All tasks: built in, below $MTLVIZ_DATA, uploaded, and in one more folder.

    Cheap: descriptions and the first rows of files are read, and read again only when a file has
    changed. No data set is ever read in full, except once where its meta.json counts no rows.

    Args:
        home: The home folder, which keeps uploaded tasks.
        folder: A data set (it has a meta.json) or a folder of data sets; none if empty.

    Raises:
        DataError: There is no such folder, or it holds no data set.
    """
    choices, problems = [*built_in(), *in_families()], list[str]()
    for group, place in _places(home):
        _take(_listed(group, place), choices, problems)
    if folder:
        _take(_described("folder", data_sets(folder)), choices, problems)
    return Catalogue(tuple(choices), tuple(problems))


@lru_cache(maxsize=1)
def built_in() -> tuple[TaskChoice, ...]:
    """The synthetic tasks: the four the app opens with, and one for each other question."""
    options = {"vocabulary_overlap": 0.75, "vocabulary_pool": 3}
    configs = [*default_tasks()]
    asked = {str(config.options.get("asks", ASKS[0])) for config in configs}
    configs += [
        TaskConfig(name=asks, options={**options, "asks": asks})
        for asks in ASKS
        if asks not in asked
    ]
    return tuple(map(_built_in, configs))


@lru_cache(maxsize=1)
def in_families() -> tuple[TaskChoice, ...]:
    """The thirty-two tasks in families; one stands for the others, which differ in sentences."""
    first = _built_in(family_tasks()[0])
    return tuple(
        replace(
            first, group="families", config=config, fingerprint=_settings(config), words=WORDS,
            about=f"Built-in sentences, sentiment by the rule of the family “{name}”.",
        )
        for config in family_tasks()
        for name in config.name.split("-")[:1]
    )  # fmt: skip


def data_sets(folder: str) -> list[Path]:
    """The data sets of a folder: itself if it has a meta.json, else the folders in it that do.

    Raises:
        DataError: There is no such folder, it cannot be read, or it holds no data set.
    """
    try:
        place = current().find(folder, "folder")
        if not place.is_dir():
            raise DataError(f"{place.name!r} is no folder.")
        alone = (place / META).is_file()
        found = [place] if alone else sorted(meta.parent for meta in place.glob(f"*/{META}"))
    except OSError as error:
        raise DataError(f"The folder {shown(folder)} cannot be read.") from error
    if not found:
        raise DataError(f"Neither the folder {place.name!r} nor a folder in it has a {META}.")
    return found


def _places(home: Path) -> Iterator[tuple[Group, Path]]:
    if os.environ.get(DATA_FOLDER):
        yield "data", Path(os.environ[DATA_FOLDER])
    yield "own", home / OWN_TASKS


def _listed(group: Group, place: Path) -> Iterator[TaskChoice | str]:
    if place.is_dir():
        yield from _described(group, sorted(meta.parent for meta in place.glob(f"*/{META}")))


def _take(
    found: Iterator[TaskChoice | str], choices: list[TaskChoice], problems: list[str]
) -> None:
    for each in found:
        if isinstance(each, str):
            problems.append(each)
        else:
            choices.append(each)


def _described(group: Group, places: list[Path]) -> Iterator[TaskChoice | str]:
    """Each folder's task, or one sentence on what is wrong with it; other folders are skipped."""
    for place in places:
        try:
            if describes_a_task(place):
                yield _of_folder(group, place)
        except MtlvizError as error:
            yield f"{place.name}: {error}"
        except OSError as error:
            yield f"{place.name}: it cannot be read ({error.strerror})."


def _of_folder(group: Group, place: Path) -> TaskChoice:
    mark = _fingerprint(place)
    found = _glance(str(place), mark)
    name = found.description.name if group == "own" else place.name
    # A data set below the data folder is named as the presets name it, so that settings travel.
    path = place.name if group == "data" else current().portable(str(place.absolute()))
    return TaskChoice(
        group=group,
        config=TaskConfig(name=name[:60] or place.name[:60], source="folder", path=path),
        kind=found.description.task,
        label_names=found.description.labels,
        metric=found.description.main_metric,
        sizes=found.sizes,
        words=found.words,
        about=found.description.about or f"Folder {place.name}.",
        fingerprint=mark,
    )


@lru_cache(maxsize=512)
def _glance(place: str, fingerprint: str) -> Glance:
    return glance(Path(place))


def _fingerprint(place: Path) -> str:
    """Name, size and time of meta.json and of every file it lists."""
    files = [place / META, *(place / file for file in read_description(place).files.values())]
    marks = []
    for file in files:
        if not file.is_file():
            raise DataError(f"{file.name} is missing.")
        stat = file.stat()
        marks.append(f"{file.name} {stat.st_size} {stat.st_mtime_ns}")
    return f"{place.absolute()} {'; '.join(marks)}"


def _built_in(config: TaskConfig) -> TaskChoice:
    task = read_task(TASKS, config)
    texts = [*task.splits["train"].first, *(task.splits["train"].second or ())]
    return TaskChoice(
        group="built-in",
        config=config,
        kind=task.kind,
        label_names=task.label_names,
        metric=task.metric,
        sizes={split: len(examples) for split, examples in task.splits.items()},
        words=float(np.sum([len(text.split()) for text in texts])) / len(task.splits["train"]),
        about=task.origin,
        fingerprint=_settings(config),
    )


def _settings(config: TaskConfig) -> str:
    return json.dumps(config.model_dump(mode="json"), sort_keys=True)
