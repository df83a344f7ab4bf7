"""`mtlviz train`: train a run in this terminal, with progress, a table and optional files."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.cli.output import RunFolder
from mtlviz.cli.progress import Progress, duration
from mtlviz.cli.report import Outcome, table
from mtlviz.cli.settings import add_flags, described, preset_list, settings
from mtlviz.engine.config import RunConfig, single_task
from mtlviz.engine.records import EvalRecord, Note, Record, StepRecord
from mtlviz.errors import ConfigError

if TYPE_CHECKING:
    from mtlviz.engine.training import Training

INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Train as the flags say; see `mtlviz train --help`."""
    flags = _parser().parse_args(arguments)
    if flags.list_presets or flags.list_settings:
        sys.stdout.write((preset_list() if flags.list_presets else described()) + "\n")
        return 0
    if flags.resume and flags.out and not (flags.preset or flags.config):
        flags.config = str(Path(flags.out) / "config.json")
    config = settings(flags)
    if flags.show:
        sys.stdout.write(config.to_json() + "\n")
        return 0
    from mtlviz.engine.device import use_threads

    use_threads(flags.threads)
    return _train(config, flags)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mtlviz train", description="Train a multi-task run in this terminal."
    )
    add_flags(parser)
    parser.add_argument(
        "--out", metavar="FOLDER", help="keep settings, records, result, checkpoint"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.add_argument(
        "--save-every", type=float, default=60.0, metavar="SECONDS", help="between checkpoints"
    )
    parser.add_argument("--with-stl", action="store_true", help="train every task alone as well")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads to compute with")
    parser.add_argument("--show", action="store_true", help="print the settings and do not train")
    parser.add_argument("--list-presets", action="store_true", help="print the ready-made runs")
    parser.add_argument("--list-settings", action="store_true", help="print every setting")
    return parser


def _train(config: RunConfig, flags: argparse.Namespace) -> int:
    """Train the run, and its tasks alone if wished, and write the table."""
    from mtlviz.engine.train import start

    folder = _folder(config, flags)
    training = start(config, resume=folder.checkpoint if folder and flags.resume else None)
    if folder:
        folder.cut_records(training.progress.emitted)
    try:
        _drive(training, folder, flags.save_every)
        alone = _alone(training) if flags.with_stl else {}
    except KeyboardInterrupt:
        return _interrupted(training, folder)
    outcome = best_scores(training)
    if folder:
        folder.write_result(outcome, alone, training.progress.seconds)
    took = f"{training.progress.update} updates in {duration(training.progress.seconds)}."
    sys.stdout.write(f"{took}\n{table(config, outcome, alone)}\n")
    return 0


def _folder(config: RunConfig, flags: argparse.Namespace) -> RunFolder | None:
    """The folder of --out, made or opened."""
    if flags.out is None:
        if flags.resume:
            raise ConfigError("--resume goes on with the run in a folder: name it with --out.")
        return None
    return RunFolder.resumed(flags.out) if flags.resume else RunFolder.made(flags.out, config)


def _drive(training: Training, folder: RunFolder | None, save_every: float) -> None:
    """Train to the end, showing progress and writing records as they come."""
    from mtlviz.engine.train import records

    names = [task.name for task in training.tasks]
    progress = Progress(names, training.total, training.progress.update)
    saved = time.monotonic()
    for record in records(training):
        _show(progress, record)
        if folder:
            folder.add(record)
            if time.monotonic() - saved > save_every:
                folder.save(training)
                saved = time.monotonic()
    if folder:
        folder.save(training)


def _show(progress: Progress, record: Record) -> None:
    """Tell a person what happened."""
    if isinstance(record, StepRecord):
        progress.step(record)
    elif isinstance(record, EvalRecord):
        progress.evaluation(record)
    elif isinstance(record, Note):
        progress.say(record.text)


def _alone(training: Training) -> dict[str, tuple[float, float]]:
    """Train every task by itself with the updates it had in the run: score and standard error."""
    from mtlviz.engine.train import start

    scores = {}
    for number, task in enumerate(training.tasks):
        config = single_task(
            training.config,
            number,
            updates=int(training.schedule.due[: training.total, number].sum()),
            batches=training.batches_per_epoch(number),
        )
        sys.stderr.write(f"{task.name} alone\n")
        single = start(config, tasks=[task])
        _drive(single, None, math.inf)
        found = best_scores(single)
        scores[task.name] = (found.scores[0], found.errors[0])
    return scores


def best_scores(training: Training) -> Outcome:
    """The scores at the evaluation with the best mean; NaN if the run never got to one."""
    best = training.best_record
    missing = (math.nan,) * len(training.tasks)
    return Outcome(
        tasks=tuple(task.name for task in training.tasks),
        metrics=tuple(task.metric for task in training.tasks),
        scores=missing if best is None else tuple(best.scores.tolist()),
        errors=missing if best is None else tuple(best.errors.tolist()),
        baselines=tuple(training.baselines),
        update=None if best is None else best.update,
    )


def _interrupted(training: Training, folder: RunFolder | None) -> int:
    """Keep what there is, and say how to go on."""
    if folder is None:
        sys.stderr.write("\nStopped; without --out nothing was kept.\n")
        return INTERRUPTED
    # An update that was cut off in the middle must not be saved: the last checkpoint stands.
    sys.stderr.write(
        f"\nStopped; go on from the last checkpoint with the same command and --resume "
        f"({folder.place}).\n"
    )
    return INTERRUPTED
