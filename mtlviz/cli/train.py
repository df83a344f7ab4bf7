"""`mtlviz train`: train a stored run in this terminal, with progress, a table and files."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mtlviz.cli.chosen_run import new_run, resumed_config, resumed_run
from mtlviz.cli.listing import described, preset_list
from mtlviz.cli.output import write_best
from mtlviz.cli.parser import Parser
from mtlviz.cli.progress import seconds, time_taken
from mtlviz.cli.report import Outcome, table
from mtlviz.cli.seeds import MOST_SEEDS, check_repeats, train_seeds, verdict
from mtlviz.cli.settings import add_flags, settings
from mtlviz.cli.shell_run import ShellRun
from mtlviz.cli.single_task import Scores, train_single_tasks
from mtlviz.engine.choices import check_choices
from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import EvalRecord, best_evaluation
from mtlviz.limits import whole_number
from mtlviz.runs.followers import dismiss, follow_launched, launched
from mtlviz.runs.machine_slots import wait_calmly
from mtlviz.runs.opened_store import opened_store
from mtlviz.runs.queue import tick
from mtlviz.runs.results import run_result
from mtlviz.runs.store import Store
from mtlviz.runs.worker import Pace

FAILED, INTERRUPTED = 1, 130


def run(arguments: Sequence[str]) -> int:
    """Train as the flags say; see `mtlviz train --help`."""
    flags = _parser().parse_args(arguments)
    if flags.list_presets or flags.list_settings:
        sys.stdout.write((preset_list() if flags.list_presets else described()) + "\n")
        return 0
    if launched() and not flags.show:
        return _among_others(flags)
    return _run(flags)


def _among_others(flags: argparse.Namespace) -> int:
    """Train with those that `torchrun` has started beside this process: all but one follow."""
    if os.environ["RANK"] != "0":
        return follow_launched()
    if flags.resume is None and flags.processes is None:
        flags.processes = os.environ["WORLD_SIZE"]
    try:
        return _run(flags)
    finally:
        dismiss()


def _run(flags: argparse.Namespace) -> int:
    config = None if flags.resume is not None else settings(flags)
    if flags.show and config is not None:
        check_choices(config)
        return _shown(config)
    check_repeats(flags)
    # Paths are meant from here, also while the run works in another folder.
    flags.out = None if flags.out is None else Path(flags.out).absolute()
    with opened_store(flags.home) as store:
        return _shown(resumed_config(store, flags)) if flags.show else _train(store, flags, config)


def _shown(config: RunConfig) -> int:
    sys.stdout.write(config.to_json() + "\n")
    return 0


def _train(store: Store, flags: argparse.Namespace, config: RunConfig | None) -> int:
    """Train the run, and its tasks alone if wished, and write the table and the files."""
    wait_calmly(os.environ)
    from mtlviz.engine.device import use_threads

    use_threads(flags.threads)
    if flags.seeds > 1 and config is not None:
        return train_seeds(store, flags, config)
    shell = resumed_run(store, flags) if config is None else new_run(store, flags, config)
    alone, unfinished = _work(shell, flags)
    # The next in the queue need not wait until somebody looks.
    tick(store)
    if unfinished is not None:
        return _ended_early(store, shell.run, unfinished, flags)
    outcome = _outcome(shell)
    sys.stdout.write(f"{table(store.config(shell.run), outcome, alone)}\n{verdict(shell)}")
    return FAILED if shell.diverged() else 0


def _work(shell: ShellRun, flags: argparse.Namespace) -> tuple[Scores, int | None]:
    """Train and write the files: the scores of the tasks alone, and the run that did not finish."""
    pace = Pace(checkpoint_seconds=flags.save_every)
    if shell.store.run(shell.run).status != "finished":
        status = shell.work(pace)
        _write(shell, {})
        if status != "finished":
            return {}, shell.run
    sys.stdout.write(_done(shell.store, shell.run))
    if not flags.with_stl:
        return {}, None
    alone, unfinished = train_single_tasks(shell, pace)
    _write(shell, alone)
    return alone, unfinished


def _write(shell: ShellRun, alone: Scores) -> None:
    """Write the run to the folder of --out, if there is one and there is something to write."""
    outcome = _outcome(shell)
    if shell.folder is not None and outcome is not None:
        shell.folder.write(shell.store, shell.run, outcome, alone)
        if shell.training is not None:
            write_best(shell.training, shell.folder.place)


def _done(store: Store, run: int) -> str:
    """How long the run took."""
    result = store.result(run)
    took = "" if result is None else f" in {time_taken(result)}"
    return f"{store.run(run).updates} updates{took}; stored as run {run}.\n"


def _outcome(shell: ShellRun) -> Outcome | None:
    """The scores at the evaluation with the best mean, NaN before one; None before training."""
    store, run = shell.store, shell.run
    found, tasks = store.run(run), store.config(run).data.tasks
    names = tuple(task.name for task in tasks)
    if found.metrics is None:
        return None
    recorded = [record for _, record in store.records(run, kinds=("evaluation", "note"))]
    best = run_result(names, found.metrics, recorded, updates=found.updates, seconds=math.nan)
    if best is None:
        missing = (math.nan,) * len(names)
        # What always giving one class scores is known before training.
        majority = missing if shell.training is None else tuple(shell.training.baselines)
        return Outcome(names, found.metrics, missing, missing, majority, None)
    scored = best_evaluation([each for each in recorded if isinstance(each, EvalRecord)])
    places = range(len(names))
    return Outcome(
        names, found.metrics, best.scores, best.errors, best.baselines, best.best_update,
        tuple(map(scored.ceiling, places)), tuple(map(scored.groups_of, places)),
    )  # fmt: skip


def _ended_early(store: Store, run: int, unfinished: int, flags: argparse.Namespace) -> int:
    """Say what ended the run, or one of its tasks alone, and how to go on."""
    found = store.run(unfinished)
    how = f"mtlviz train --resume {run}"
    how += f" --home {flags.home}" if flags.home else ""
    how += " --with-stl" if flags.with_stl else ""
    if found.error:
        sys.stderr.write(f"{found.error}\n")
        if (log := store.folder(unfinished) / "log.txt").exists():
            sys.stderr.write(f"Its log: {log}\n")
    word = "Stopped" if found.status == "stopped" else "Failed"
    where = f"after {found.updates} of {found.planned or '?'} updates"
    if unfinished != run:
        where += f" of run {unfinished}, {found.name}"
    sys.stderr.write(f"{word} {where}. Go on with: {how}\n")
    return INTERRUPTED if found.status == "stopped" else FAILED


def _seeds(text: str) -> int:
    return whole_number(text, "--seeds", low=1, high=MOST_SEEDS)


def _parser() -> argparse.ArgumentParser:
    """What `mtlviz train` understands."""
    made = Parser(
        prog="mtlviz train",
        description="Train a multi-task run in this terminal. It is stored like the app's own: "
        "watch or stop it there, go on with it from either.",
    )
    add_flags(made)
    made.add_argument("--home", metavar="FOLDER", help="home folder; default: MTLVIZ_HOME")
    made.add_argument(
        "--out", metavar="FOLDER", help="write settings, records, scores and checkpoint there too"
    )
    made.add_argument(
        "--resume", nargs="?", const="", metavar="RUN",
        help="go on with a stored run: its number, or the folder of its --out",
    )  # fmt: skip
    made.add_argument(
        "--save-every", type=seconds, default=30.0, metavar="SECONDS", help="between checkpoints"
    )
    made.add_argument("--with-stl", action="store_true", help="train every task alone as well")
    made.add_argument(
        "--seeds", type=_seeds, default=1, metavar="N",
        help="train so many seeds, from --seed upwards; with --with-stl differences get intervals",
    )  # fmt: skip
    made.add_argument("--threads", type=int, metavar="N", help="CPU threads to compute with")
    made.add_argument("--show", action="store_true", help="print the settings and do not train")
    made.add_argument("--list-presets", action="store_true", help="print the ready-made runs")
    made.add_argument("--list-settings", action="store_true", help="print every setting")
    return made
