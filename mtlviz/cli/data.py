"""`mtlviz data`: list data sets, check one, and count evaluation texts that training gives away."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mtlviz.cli.parser import Parser
from mtlviz.cli.settings import add_flags, settings
from mtlviz.engine.config import TaskConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import TASKS, Task, load_task, load_tasks
from mtlviz.engine.tasks.leakage import Leak, leaks
from mtlviz.engine.tasks.reading import read_json
from mtlviz.engine.tasks.remarks import upload_notes
from mtlviz.engine.tasks.sheet import ENDINGS
from mtlviz.engine.tasks.survey import unknown_words
from mtlviz.errors import ConfigError, DataError
from mtlviz.limits import json_or_text

DATA_FOLDER = "MTLVIZ_DATA"


def run(arguments: Sequence[str]) -> int:
    """List, check or compare data sets as the arguments say; see `mtlviz data --help`."""
    parser = Parser(prog="mtlviz data", description="Look at data sets.")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="sources, and the data sets in a folder")
    listing.add_argument(
        "folder", nargs="?", default=os.environ.get(DATA_FOLDER), help=f"default: {DATA_FOLDER}"
    )
    checking = commands.add_parser("check", help="read one data set and say what is in it")
    checking.add_argument("path", help="folder, table or hub name")
    checking.add_argument(
        "--source", choices=sorted(TASKS), help="guessed from the path if left out"
    )
    checking.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="option of the source"
    )
    leaking = commands.add_parser("leakage", help="evaluation texts that training splits contain")
    leaking.add_argument("name", nargs="?", help="preset; or use --preset, --config")
    add_flags(leaking)
    flags = parser.parse_args(arguments)
    lines = {"list": _listed, "check": _checked, "leakage": _leaked}[flags.command](flags)
    # All lines first, so that an error is the only thing said.
    sys.stdout.writelines([f"{line}\n" for line in lines])
    return 0


def _listed(flags: argparse.Namespace) -> Iterator[str]:
    """Sources of tasks, and the folders with a meta.json."""
    yield "Sources:"
    for name, source in TASKS.items():
        yield f"  {name:12} {source.help}"
    if not flags.folder:
        yield f"No folder given and {DATA_FOLDER} is not set, so no data sets are listed."
        return
    place = Path(flags.folder)
    if not place.is_dir():
        raise ConfigError(f"There is no folder {flags.folder!r}.")
    yield f"Data sets in {place}:"
    for meta in sorted(place.glob("*/meta.json")):
        if not _is_no_task(meta):
            yield f"  {meta.parent.name:18} {_summary(meta)}"


def _is_no_task(meta: Path) -> bool:
    """Whether a description is of something else, such as a word list or vectors."""
    try:
        content = read_json(meta)
    except DataError:
        return False
    kind = content.get("task") if isinstance(content, dict) else None
    return isinstance(kind, str) and kind not in KINDS


def _summary(meta: Path) -> str:
    """Kind and rows of a data set, from its description alone."""
    try:
        content = read_json(meta)
        rows = ", ".join(f"{split} {count:,}" for split, count in content["rows"].items())
        return f"{content['task']:22} {rows}"
    except (DataError, ValueError, KeyError, AttributeError, TypeError):
        return "its meta.json describes no task"


def _checked(flags: argparse.Namespace) -> Iterator[str]:
    """What one data set holds."""
    options = {}
    for text in flags.option:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--option needs NAME=VALUE, got {text!r}.")
        options[name] = json_or_text(value, f"--option {name}")
    name = Path(flags.path).stem or "task"
    source = flags.source or _guessed(flags.path)
    config = TaskConfig(name=name[:60], source=source, path=flags.path, options=options)
    try:
        task = load_task(config, np.random.default_rng(0))
    except DataError as error:
        if not flags.source and not Path(flags.path).exists():
            raise DataError(f"{error} For a data set of the hub add --source hub.") from error
        raise
    yield f"{task.name}: {task.kind}, scored by {task.metric}. {task.origin}"
    for split, examples in task.splits.items():
        words = [len(text.split()) for text in examples.first]
        yield f"  {split:6} {len(examples):>8,} examples, {np.mean(words):.1f} words on average"
        yield from _labels(task, split)
    yield f"  {unknown_words(task):.1%} of dev's words are not in a vocabulary made of train"
    yield from (*task.notes, *upload_notes(task))
    yield from leak_lines([task])


def _guessed(path: str) -> str:
    """The source that a path looks like."""
    ending = path.lower().removesuffix(".gz").endswith(ENDINGS)
    return "table" if ending or Path(path).is_file() else "folder"


def _labels(task: Task, split: str) -> Iterator[str]:
    """How labels are spread over a split."""
    labels = task.splits[split].labels
    counts = KINDS[task.kind].counts(labels, len(task.label_names))
    if counts is not None:
        shares = zip(task.label_names, counts / len(labels), strict=True)
        yield "         " + ", ".join(f"{name} {share:.1%}" for name, share in shares)
    elif labels.ndim == 1:
        yield f"         scores {labels.min():g} to {labels.max():g}, mean {labels.mean():.2f}"


def _leaked(flags: argparse.Namespace) -> Iterator[str]:
    """Leaks between the tasks of a run."""
    if flags.name and (flags.preset or flags.config):
        raise ConfigError(
            f"Name one run: {flags.name!r}, or the one of --preset or --config, not both."
        )
    if flags.name:
        flags.preset = flags.name
    config = settings(flags)
    tasks = load_tasks(config.data, generator(config.seed, DATA))
    yield from leak_lines(tasks)


def leak_lines(tasks: Sequence[Task]) -> Iterator[str]:
    """One line for every evaluation split that a training split gives away in part."""
    found = [leak for leak in leaks(tasks) if leak.count]
    if not found:
        yield "No evaluation text occurs in a training split."
    for leak in sorted(found, key=lambda leak: -leak.share):
        yield (
            f"{leak.count:,} of {leak.examples:,} {leak.split} texts of {leak.evaluation_task} "
            f"({leak.share:.1%}) occur in the training split of {leak.train_task}."
        )
    yield from _union_lines(found)


def _union_lines(found: Sequence[Leak]) -> Iterator[str]:
    """One line for every evaluation split that several training splits give away in part."""
    groups: dict[tuple[str, str], list[Leak]] = {}
    for leak in found:
        groups.setdefault((leak.evaluation_task, leak.split), []).append(leak)
    for (name, split), leaking in groups.items():
        if len(leaking) > 1:
            together = len({position for leak in leaking for position in leak.positions})
            whole = leaking[0].examples
            yield (
                f"Together {together:,} of {whole:,} {split} texts of {name} "
                f"({together / whole:.1%}) occur in {len(leaking)} training splits."
            )
