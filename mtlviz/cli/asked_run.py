"""A stored run that a command asks something of: which it is, which tasks, and what of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.cli.output import RunFolder
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.text_file import ColumnNames
from mtlviz.errors import ConfigError, unknown_choice
from mtlviz.limits import whole_number
from mtlviz.runs.store import Store

if TYPE_CHECKING:
    from mtlviz.engine.tasks.task import Task
    from mtlviz.engine.trained_model import TrainedModel

_COLUMNS = {
    "text": "column of the texts, or of the first of each pair",
    "text_b": "column of the second text of each pair",
    "label": "column of the labels",
}


def add_run_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say which run and which of its tasks."""
    parser.add_argument("run", metavar="RUN", help="number of a run, or the folder of its --out")
    parser.add_argument("--home", metavar="FOLDER", help="home folder; default: MTLVIZ_HOME")
    parser.add_argument(
        "--task", action="append", default=[], metavar="NAME", help="a task of the run; repeatable"
    )
    parser.add_argument("--device", metavar="NAME", help="where to compute; default: as the run")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads to compute with")


def add_column_flags(
    parser: argparse.ArgumentParser, names: Sequence[str] = tuple(_COLUMNS)
) -> None:
    """Add the flags that say what the columns of a file are called."""
    for name in names:
        flag = f"--{name.replace('_', '-')}-column"
        parser.add_argument(flag, default="", metavar="COLUMN", help=_COLUMNS[name])


def column_names(flags: argparse.Namespace) -> ColumnNames:
    """What the columns of a file are called, as far as flags say."""
    return ColumnNames(**{name: getattr(flags, f"{name}_column", "") for name in _COLUMNS})


def run_number(store: Store, given: str) -> int:
    """The run that a person means: by its number, or the folder that it was written to.

    Raises:
        MtlvizError: There is no such run.
    """
    if not given.isdecimal():
        return RunFolder(Path(given).absolute()).run(store)
    number = whole_number(given, "RUN", low=1)
    store.run(number)
    return number


def opened_model(store: Store, flags: argparse.Namespace) -> tuple[int, TrainedModel]:
    """The run's number and its model.

    Raises:
        MtlvizError: There is no such run, no such task, or its model cannot be read.
    """
    number = run_number(store, flags.run)
    names = [task.name for task in store.config(number).data.tasks]
    for name in flags.task:
        if name not in names:
            raise unknown_choice(f"task of run {number}", name, names)
    from mtlviz.engine.device import use_threads
    from mtlviz.runs.stored_model import stored_model, weights_of

    weights_of(store, number)
    use_threads(flags.threads)
    return number, stored_model(store, number, flags.device)


def asked_tasks(model: TrainedModel, flags: argparse.Namespace) -> list[Task]:
    """The tasks that were named; all of the run's where none was."""
    return [task for task in model.tasks if not flags.task or task.name in flags.task]


def only_task(model: TrainedModel, flags: argparse.Namespace) -> Task:
    """The one task that a file is for.

    Raises:
        ConfigError: The run has several and none was named, or several were.
    """
    found = asked_tasks(model, flags)
    if len(found) > 1:
        names = ", ".join(task.name for task in found)
        raise ConfigError(f"A file is for one task: name it with --task, one of {names}.")
    return found[0]


def reads_pairs(task: Task) -> bool:
    """Whether a task reads two texts."""
    return KINDS[task.kind].pair
