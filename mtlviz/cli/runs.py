"""`mtlviz runs`: list, show, pack and delete stored runs; start, stop, resume and retry them."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.cli.export import add_format_flag, exported
from mtlviz.cli.matrices import add_matrix, matrix_lines
from mtlviz.cli.parser import RUN_NUMBER, Parser
from mtlviz.cli.run_labels import LABELS
from mtlviz.errors import ConfigError
from mtlviz.limits import printable
from mtlviz.runs import queue
from mtlviz.runs.opened_store import opened_store
from mtlviz.runs.store import Store
from mtlviz.runs.summary import RunSummary

if TYPE_CHECKING:
    from mtlviz.engine.config import RunConfig
    from mtlviz.runs.results import RunResult

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
        command.add_argument(
            "runs", metavar="RUN", type=RUN_NUMBER, nargs="+", help="number of a run"
        )
        command.set_defaults(action=action)
    for name, (action, given, text) in LABELS.items():
        command = actions.add_parser(name, help=text)
        command.add_argument("run", metavar="RUN", type=RUN_NUMBER, help="number of the run")
        command.add_argument("text", metavar=given, help=f"the {given.lower()}")
        command.set_defaults(action=action)
    exporting = actions.add_parser("export", help="write a run into a folder")
    exporting.add_argument("run", metavar="RUN", type=RUN_NUMBER, help="number of the run")
    exporting.add_argument("folder", metavar="FOLDER", help="where to write")
    add_format_flag(exporting)
    exporting.set_defaults(action=_export)
    _add_packs(actions)
    add_matrix(actions)


def _add_packs(actions: argparse._SubParsersAction) -> None:
    packing = actions.add_parser("pack", help="write runs into one file for others to open")
    packing.add_argument("runs", metavar="RUN", type=RUN_NUMBER, nargs="+", help="number of a run")
    packing.add_argument("--out", metavar="FILE", required=True, help="the file to write")
    packing.add_argument("--title", default="", help="what the pack is called")
    packing.add_argument("--about", default="", help="a few sentences on it")
    packing.set_defaults(action=_pack)
    opening = actions.add_parser("open", help="make the runs of a pack recorded runs here")
    opening.add_argument(
        "pack", metavar="FILE", help="a file that pack wrote, or the name of an example"
    )
    opening.set_defaults(action=_open)


def _list(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    runs = store.runs()
    if not runs:
        yield "There are no runs yet."
        return
    yield f"{'run':>4}  {'status':14}{'updates':>15}  {'created':17} name"
    for found in runs:
        yield (
            f"{found.id:>4}  {_status(found):14}{_progress(found):>15}  "
            f"{_date(found.created):17} {printable(found.name)}"
        )


def _show(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    for number in flags.runs:
        found, result = store.run(number), store.result(number)
        yield f"Run {found.id}: {printable(found.name)}"
        yield from (f"  note     {line}" for line in (found.note or "").splitlines())
        yield f"  status   {_status(found)}"
        yield f"  updates  {_progress(found)}"
        yield from _settings(store.config(number))
        for name in ("created", "started", "finished"):
            if (moment := getattr(found, name)) is not None:
                yield f"  {name:8} {_date(moment)}"
        if found.error:
            yield f"  error    {found.error}"
        if found.recorded is not None:
            yield f"  recorded from “{found.recorded.title}”, packed on {found.recorded.made}"
        yield from _scores(result)
        yield from _matrix(store, number)
        yield from _verdict(store, number)
        for _, note in store.records(number, kinds=("note",)):
            yield f"  {note.topic.replace('_', ' ')}: {note.text}"
        yield f"  files    {store.folder(number)}"


def _scores(result: RunResult | None) -> Iterator[str]:
    """How long a finished run took, and its scores."""
    from mtlviz.cli.progress import time_taken
    from mtlviz.cli.report import with_error

    if result is None:
        return
    yield f"  took     {time_taken(result)}"
    for task, metric, score, error in zip(
        result.tasks, result.metrics, result.scores, result.errors, strict=True
    ):
        yield f"  {task}: {metric} {with_error(score, error)}"


def _verdict(store: Store, run: int) -> Iterator[str]:
    """What training together did, over all stored seeds of a run, as the app says it."""
    from mtlviz.runs.stored_family import stored_family

    found = stored_family(store, run)
    if found is not None and (told := found.sentence()):
        yield f"  {told}"


def _matrix(store: Store, run: int) -> Iterator[str]:
    """Every task after every phase, of a run of several."""
    from mtlviz.runs.score_matrices import matrix_of

    yield from matrix_lines(matrix_of(store, run))


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
    if config.continual.method != "sequential":
        yield f"  against forgetting: {config.continual.method}"


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
    from mtlviz.runs.examples import example_of

    for number in flags.runs:
        recorded = store.run(number).recorded
        store.delete(number)
        if recorded is None:
            yield f"Run {number} is deleted."
        else:
            name = example_of(recorded.pack)
            again = f"`mtlviz runs open {name}`" if name else "Opening its pack again"
            yield f"Run {number} is removed. {again} brings it back."


def _export(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    yield exported(store, flags.run, flags.folder, flags)


def _pack(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    from mtlviz.counts import counted
    from mtlviz.runs.recorded_runs import pack_runs

    place = Path(flags.out)
    if place.exists():
        raise ConfigError(f"There is a file {place} already; choose another name.")
    content = pack_runs(store, flags.runs, flags.title, flags.about)
    place.write_bytes(content)
    yield f"{counted(len(set(flags.runs)), 'run')} in {place}, {len(content) / 1e6:.1f} MB."


def _open(store: Store, flags: argparse.Namespace) -> Iterator[str]:
    from mtlviz.runs.examples import EXAMPLES, open_example
    from mtlviz.runs.recorded_runs import open_file

    is_example = flags.pack in EXAMPLES and not Path(flags.pack).exists()
    found = open_example(store, flags.pack) if is_example else open_file(store, flags.pack)
    yield f"{found.title}: runs {min(found.runs)} to {max(found.runs)}, recorded."
    if found.about:
        yield found.about


def _status(found: RunSummary) -> str:
    if found.position is not None:
        return f"queued ({found.position})"
    if found.recorded is not None:
        return "recorded"
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
    "delete": (_delete, "delete runs with their records and files; recorded ones open again"),
}
