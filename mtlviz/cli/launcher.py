"""`--launcher` and what belongs to it: where the runs of a sweep are worked on."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mtlviz.errors import ConfigError
from mtlviz.runs.launcher import Launcher, LocalQueue, launcher_of
from mtlviz.runs.store import Store

OPTIONS = {
    "ray": {
        "address": "local for a Ray of this machine, auto for one that runs on it (local)",
        "cpus": "processor cores of a run (1)",
        "gpus": "GPUs of a run, of Ray also a part of one (0)",
    },
    "slurm": {
        "partition": "partition of the cluster",
        "minutes": "time of a job; a run that needs more goes on in another (60)",
        "cpus": "processor cores of a run (1)",
        "gpus": "GPUs of a run, of Ray also a part of one (0)",
        "memory": "GB of a run",
        "account": "account that is charged",
        "at_once": "jobs with Slurm at once, at most (100)",
        "cluster": "slurm, or local to try it as processes of this machine (slurm)",
    },
}
"""What belongs to each launcher, and its help."""


def add_launcher(parser: argparse.ArgumentParser) -> None:
    """Let a command say where runs are worked on."""
    parser.add_argument(
        "--launcher",
        choices=["local", *OPTIONS],
        help="this machine's queue (local), or a cluster",
    )
    for name in dict.fromkeys(name for options in OPTIONS.values() for name in options):
        kinds = [kind for kind, options in OPTIONS.items() if name in options]
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            metavar=name.upper(),
            help=f"of --launcher {' and '.join(kinds)}: {OPTIONS[kinds[0]][name]}",
        )


def launcher(store: Store, flags: argparse.Namespace, otherwise: str | None = None) -> Launcher:
    """The launcher that the flags name.

    Args:
        store: The store.
        flags: What `add_launcher` added, read.
        otherwise: Name of the launcher where they name none.

    Raises:
        ConfigError: One of them is wrong, or what it needs is not installed.
    """
    given = launcher_options(flags)
    if flags.launcher is None:
        return launcher_of(store, otherwise)
    if flags.launcher == "local":
        return LocalQueue(store)
    return launcher_of(store, _place(flags.launcher, given))


def launcher_options(flags: argparse.Namespace) -> dict[str, str]:
    """What is given of the launcher that the flags name.

    Raises:
        ConfigError: Something is given that belongs to another one.
    """
    every = dict.fromkeys(name for options in OPTIONS.values() for name in options)
    given = {name: getattr(flags, name) for name in every if getattr(flags, name) is not None}
    own = OPTIONS.get(flags.launcher or "local", {})
    for name in given:
        if name not in own:
            kinds = [kind for kind, options in OPTIONS.items() if name in options]
            raise ConfigError(
                f"--{name.replace('_', '-')} belongs to --launcher {' and '.join(kinds)}."
            )
    return given


def _place(kind: str, given: Mapping[str, str]) -> str:
    """The name of the launcher of this kind with these options."""
    if kind == "ray":
        from mtlviz.runs.cluster.ray_launcher import RayPlace

        return RayPlace.read(given).name
    from mtlviz.runs.cluster.slurm_launcher import SlurmPlace

    return SlurmPlace.read(given).name
