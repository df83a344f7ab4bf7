"""`mtlviz train --seeds N`: the same run with several seeds, and what they say together."""

import argparse
import sys
from collections.abc import Iterator

from mtlviz.cli.shell_run import ShellRun
from mtlviz.cli.single_task import train_single_tasks
from mtlviz.engine.choices import check_choices
from mtlviz.engine.config import RunConfig
from mtlviz.errors import ConfigError
from mtlviz.runs.family import SEEDS
from mtlviz.runs.plan_runs import seed_name
from mtlviz.runs.store import Store
from mtlviz.runs.stored_family import stored_family
from mtlviz.runs.stored_study import existing_runs
from mtlviz.runs.worker import Pace

MOST_SEEDS = 100
INTERRUPTED, FAILED = 130, 1


def check_repeats(flags: argparse.Namespace) -> None:
    """--seeds begins runs of its own.

    Raises:
        ConfigError: If it stands beside --resume or --out, which are for one run.
    """
    if flags.seeds > 1 and (flags.resume is not None or flags.out is not None):
        raise ConfigError(
            "--seeds trains several runs, so it goes with neither --resume nor --out; "
            "`mtlviz runs export` writes each of them into a folder."
        )


def train_seeds(store: Store, flags: argparse.Namespace, config: RunConfig) -> int:
    """Train the run with each seed, its tasks alone where asked for, and say what came of it."""
    check_choices(config)
    made, pace = [], Pace(checkpoint_seconds=flags.save_every)
    for shell in _runs(store, config, flags.seeds):
        made.append(shell.run)
        unfinished = _work(shell, pace, alone=flags.with_stl)
        if unfinished is not None:
            return _ended_early(store, unfinished)
    sys.stdout.write(f"Runs {made[0]} to {made[-1]}: {len(made)} seeds of {config.name}.\n")
    sys.stdout.write(verdict(ShellRun(store, made[-1], new=False)))
    return 0


def _runs(store: Store, config: RunConfig, seeds: int) -> Iterator[ShellRun]:
    """The run of each seed: a finished one of the same settings, or a new one."""
    plan = SEEDS.runs(
        config, range(config.seed, config.seed + seeds), lambda _, seed: seed_name(config, seed)
    )
    for each in plan.values():
        known = list(existing_runs(store, [each]).values())
        run = known[0] if known else store.create_run(each, queued=False)
        yield ShellRun(store, run, new=not known)


def _work(shell: ShellRun, pace: Pace, *, alone: bool) -> int | None:
    """Train a run, and its tasks alone; the number of the first that did not finish."""
    if shell.store.run(shell.run).status != "finished" and shell.work(pace) != "finished":
        return shell.run
    return train_single_tasks(shell, pace)[1] if alone else None


def _ended_early(store: Store, run: int) -> int:
    found = store.run(run)
    if found.error:
        sys.stderr.write(f"{found.error}\n")
    sys.stderr.write(
        f"Run {run}, {found.name}, {found.status} after {found.updates} of {found.planned or '?'} "
        f"updates. Go on with: mtlviz train --resume {run}\n"
    )
    return INTERRUPTED if found.status == "stopped" else FAILED


def verdict(shell: ShellRun) -> str:
    """What training together did over all stored seeds of a run, as the app says it, as a line."""
    found = stored_family(shell.store, shell.run)
    told = "" if found is None else found.sentence()
    return f"{told}\n" if told else ""
