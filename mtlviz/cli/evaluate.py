"""`mtlviz evaluate`: a finished run's scores, with standard errors, on a labelled file or split."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mtlviz.cli.asked_run import (
    add_column_flags,
    add_run_flags,
    asked_tasks,
    column_names,
    only_task,
    opened_model,
)
from mtlviz.cli.parser import Parser
from mtlviz.cli.report import with_error
from mtlviz.engine.predictions import labelled_split
from mtlviz.engine.tasks.description import SPLITS
from mtlviz.engine.tasks.task import Examples
from mtlviz.engine.tasks.text_file import read_examples
from mtlviz.errors import ConfigError
from mtlviz.runs.opened_store import opened_store

if TYPE_CHECKING:
    from mtlviz.engine.tasks.task import Task
    from mtlviz.engine.trained_model import TrainedModel

ERRORS = "± is one standard error from the number of examples; other seeds vary more."


def run(arguments: Sequence[str]) -> int:
    """Score as the arguments say; see `mtlviz evaluate --help`."""
    parser = Parser(
        prog="mtlviz evaluate",
        description="Scores of a run, with its best weights, on labelled examples.",
    )
    add_run_flags(parser)
    parser.add_argument("file", metavar="FILE", nargs="?", help="a table, or SQuAD's JSON")
    parser.add_argument("--split", metavar="SPLIT", help=f"one of the run's: {', '.join(SPLITS)}")
    add_column_flags(parser)
    flags = parser.parse_args(arguments)
    if (flags.file is None) == (flags.split is None):
        raise ConfigError("Say what to score: a labelled FILE, or a split as in `--split dev`.")
    with opened_store(flags.home) as store:
        _, model = opened_model(store, flags)
        lines = [line for task, examples in _examples(model, flags)
                 for line in _scores(model, task, examples)]  # fmt: skip
    sys.stdout.writelines(f"{line}\n" for line in (*lines, ERRORS))
    return 0


def _examples(model: TrainedModel, flags: argparse.Namespace) -> Iterator[tuple[Task, Examples]]:
    """What to score for each task; a task without the split is left out unless it was named."""
    if flags.file is not None:
        task = only_task(model, flags)
        examples, notes = read_examples(task, flags.file, column_names(flags))
        sys.stderr.writelines(f"{note}\n" for note in notes)
        yield task, examples
        return
    tasks = asked_tasks(model, flags)
    labelled = [task for task in tasks if flags.split in task.splits]
    for task in tasks if flags.task or not labelled else labelled:
        yield task, labelled_split(task, flags.split)


def _scores(model: TrainedModel, task: Task, examples: Examples) -> Iterator[str]:
    """The main score with its error, then the others."""
    found = model.evaluate(task.name, examples)
    said = with_error(found.score, found.error)
    yield f"{task.name}: {_title(task.metric)} {said} on {len(examples):,} examples"
    for name, score in found.metrics.items():
        if name != task.metric:
            yield f"  {_title(name)}: {with_error(score, float('nan'))}"


def _title(metric: str) -> str:
    return metric.replace("_", " ")
