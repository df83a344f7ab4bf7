"""`mtlviz runs`: list, show, export and delete stored runs; start, stop, resume and retry them."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from mtlviz.cli.export import add_format_flag, exported
from mtlviz.cli.parser import Parser
from mtlviz.limits import whole_number
from mtlviz.runs import queue
from mtlviz.runs.opened_store import opened_store
from mtlviz.runs.store import Store
from mtlviz.runs.summary import RunSummary

if TYPE_CHECKING:
    from mtlviz.engine.config import RunConfig

Action = Callable[[Store, argparse.Namespace], Iterator[str]]


def run(arguments: Sequence[str]) -> int:
    """Do with the stored runs what the arguments say; see `mtlviz runs --help`."""
    parser = Parser(
        prog="mtlviz runs", description="Look at stored runs; start, stop and resume them."
    )
    _add_actions(parser)
    flags = parser.parse_args(arguments)
    with opened_store(flags.home) as store:
        queue.tick(store)
        for line in flags.action(store, flags):
            sys.stdout.write(f"{line}\n")
    return 0


def _add_actions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", metavar="FOLDER", help="home folder; default: MTLVIZ_HOME")
    actions = parser.add_subparsers(dest="runs_command", required=True)
    listing = actions.add_parser("list", help="all runs, newest first")
    listing.set_defaults(action=_list)
    starting = actions.add_parser("start", help="queue a run; it begins when there is room")
    starting.add_argument("config", metavar="FILE", help="settings as JSON")
    starting.set_defaults(action=_start)
    for name, (action, text) in _ON_RUNS.items():
        command = actions.add_parser(name, help=text)
        command.add_argument("runs", metavar="RUN", type=_number, nargs="+", help="number of a run")
        command.set_defaults(action=action)
    exporting = actions.add_parser("export", help="write a run into a folder")
    exporting.add_argument("run", metavar="RUN", type=_number, help="number of the run")
    exporting.add_argument("folder", metavar="FOLDER", help="where to write")
    add_format_flag(exporting)
    exporting.set_defaults(action=_export)


def _number(text: str) -> int:
    return whole_number(text, "RUN", low=1)


def _list(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    runs = store.runs()
    if not runs:
        yield "There are no runs yet."
        return
    yield f"{'run':>4}  {'status':14}{'updates':>15}  {'created':17} name"
    for found in runs:
        yield (
            f"{found.id:>4}  {_status(found):14}{_progress(found):>15}  "
            f"{_date(found.created):17} {found.name}"
        )


def _show(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    from mtlviz.cli.progress import time_taken
    from mtlviz.cli.report import with_error

    for number in flags.runs:
        found, result = store.run(number), store.result(number)
        yield f"Run {found.id}: {found.name}"
        yield f"  status   {_status(found)}"
        yield f"  updates  {_progress(found)}"
        yield from _settings(store.config(number))
        for name in ("created", "started", "finished"):
            if (moment := getattr(found, name)) is not None:
                yield f"  {name:8} {_date(moment)}"
        if found.error:
            yield f"  error    {found.error}"
        if result is not None:
            yield f"  took     {time_taken(result)}"
            for task, metric, score, error in zip(
                result.tasks, result.metrics, result.scores, result.errors, strict=True
            ):
                yield f"  {task}: {metric} {with_error(score, error)}"
        for _, note in store.records(number, kinds=("note",)):
            yield f"  {note.topic.replace('_', ' ')}: {note.text}"
        yield f"  files    {store.folder(number)}"


def _settings(config: RunConfig) -> Iterator[str]:
    """The settings that tell runs apart most; phases go before what holds where they are silent."""
    from mtlviz.engine.phase_config import written

    capacity, chosen = config.capacity, config.optimisation
    yield f"  tasks    {', '.join(task.name for task in config.data.tasks)}; seed {config.seed}"
    yield f"  encoder  {capacity.encoder}, width {capacity.width}, sharing {capacity.sharing}"
    methods = f"{chosen.scheduler}, {chosen.combiner}, weighting {chosen.weighting}"
    if chosen.phases:
        yield f"  phases   {written(chosen.phases)}"
        methods += " where a phase names no other"
    yield f"  trained  {methods}"


def _start(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    from mtlviz.engine.config import RunConfig

    number = queue.start(store, RunConfig.from_file(flags.config))
    yield f"Run {number} is {_status(store.run(number))}."


def _stop(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    for number in flags.runs:
        queue.stop(store, number)
        found = store.run(number)
        yield f"Run {number} is {'stopping' if found.active else found.status}."


def _resume(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    for number in flags.runs:
        queue.resume(store, number)
        yield f"Run {number} is {_status(store.run(number))}."


def _retry(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    for number in flags.runs:
        queue.retry(store, number)
        yield f"Run {number} is {_status(store.run(number))}."


def _delete(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    for number in flags.runs:
        store.delete(number)
        yield f"Run {number} is deleted."


def _export(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    yield exported(store, flags.run, flags.folder, flags)


def _status(found: RunSummary) -> str:
    if found.position is not None:
        return f"queued ({found.position})"
    return "stopping" if found.active and found.stop_requested else found.status


def _progress(found: RunSummary) -> str:
    return f"{found.updates} of {'?' if found.planned is None else found.planned}"


def _date(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))


_ON_RUNS: dict[str, tuple[Action, str]] = {
    "show": (_show, "settings, status and scores of runs"),
    "stop": (_stop, "let runs save a checkpoint and end"),
    "resume": (_resume, "let runs go on from their last checkpoint"),
    "retry": (_retry, "let runs begin anew"),
    "delete": (_delete, "delete runs with their records and files"),
}
