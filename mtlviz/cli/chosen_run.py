"""Which run `mtlviz train` works on: a new one, or the stored one that --resume names."""

import argparse
from pathlib import Path

from mtlviz.cli.output import RunFolder
from mtlviz.cli.settings import given, settings
from mtlviz.cli.shell_run import ShellRun
from mtlviz.engine.choices import check_choices
from mtlviz.engine.config import RunConfig
from mtlviz.errors import ConfigError
from mtlviz.limits import whole_number
from mtlviz.runs.flat_settings import portable
from mtlviz.runs.lease import resume_in_process
from mtlviz.runs.queue import tick
from mtlviz.runs.store import Store


def new_run(store: Store, flags: argparse.Namespace, config: RunConfig) -> ShellRun:
    """A new run for this process.

    Raises:
        MtlvizError: If a method or option is wrong, or the folder of --out is taken.
    """
    check_choices(config)
    folder = None if flags.out is None else RunFolder(flags.out)
    if folder is not None:
        folder.check_free()
    run = store.create_run(config, queued=False)
    return ShellRun(store, run, new=True, folder=folder)


def resumed_run(store: Store, flags: argparse.Namespace) -> ShellRun:
    """The stored run that --resume names, taken for this process unless it has finished.

    Raises:
        MtlvizError: If there is no such run, it cannot go on, or other settings were given.
    """
    run, folder = _named(store, flags)
    # A run whose process was killed is known as interrupted from here on.
    tick(store)
    _config(store, run, flags)
    if not (flags.with_stl and store.run(run).status == "finished"):
        resume_in_process(store, run)
    return ShellRun(store, run, new=False, folder=folder)


def resumed_config(store: Store, flags: argparse.Namespace) -> RunConfig:
    """The settings of the stored run that --resume names.

    Raises:
        MtlvizError: If there is no such run, or other settings were given.
    """
    return _config(store, _named(store, flags)[0], flags)


def _config(store: Store, run: int, flags: argparse.Namespace) -> RunConfig:
    """The settings of a stored run, which flags must not contradict."""
    config = store.config(run)
    if given(flags) and portable(settings(flags)) != config:
        raise ConfigError(
            f"--resume goes on with the settings that run {run} was started with; leave out other "
            "settings, or start a new run."
        )
    return config


def _named(store: Store, flags: argparse.Namespace) -> tuple[int, RunFolder | None]:
    """The run that --resume names, and the folder to write it to."""
    out = None if flags.out is None else RunFolder(flags.out)
    if not flags.resume:
        if out is None:
            raise ConfigError("--resume needs the number of a run, or the folder of its --out.")
        return out.run(store), out
    if flags.resume.isdecimal():
        run = whole_number(flags.resume, "RUN", low=1)
        store.run(run)
    else:
        source = RunFolder(Path(flags.resume).absolute())
        run = source.run(store)
        out = out or source
    if out is not None and not _is_of(out, store, run):
        out.check_free()
    return run, out


def _is_of(folder: RunFolder, store: Store, run: int) -> bool:
    """Whether a folder is this run's already."""
    try:
        return folder.run(store) == run
    except ConfigError:
        return False
