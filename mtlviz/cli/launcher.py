"""`--launcher` and what belongs to it: where the runs of a sweep are worked on."""

from __future__ import annotations

import argparse

from mtlviz.errors import ConfigError
from mtlviz.limits import json_or_text
from mtlviz.runs.launcher import Launcher, LocalQueue, launcher_of
from mtlviz.runs.store import Store

_RAY = {
    "address": (
        "HOST:PORT",
        "local for a Ray of this machine, auto for one that runs on it (local)",
    ),
    "cpus": ("N", "processor cores of a run (1)"),
    "gpus": ("N", "GPUs of a run, or the part of one (0)"),
}


def add_launcher(parser: argparse.ArgumentParser) -> None:
    """Let a command say where runs are worked on."""
    parser.add_argument(
        "--launcher", choices=["local", "ray"], help="this machine's queue (local), or a cluster"
    )
    for name, (metavar, text) in _RAY.items():
        parser.add_argument(f"--{name}", metavar=metavar, help=f"of --launcher ray: {text}")


def launcher(store: Store, flags: argparse.Namespace, otherwise: str | None = None) -> Launcher:
    """The launcher that the flags name.

    Args:
        store: The store.
        flags: What `add_launcher` added, read.
        otherwise: Name of the launcher where they name none.

    Raises:
        ConfigError: One of them is wrong, or what it needs is not installed.
    """
    given = {name: getattr(flags, name) for name in _RAY if getattr(flags, name) is not None}
    if given and flags.launcher != "ray":
        raise ConfigError(f"--{next(iter(given))} belongs to --launcher ray.")
    if flags.launcher is None:
        return launcher_of(store, otherwise)
    if flags.launcher == "local":
        return LocalQueue(store)
    from mtlviz.runs.cluster.ray_launcher import RayPlace

    values = {
        name: text if name == "address" else json_or_text(text) for name, text in given.items()
    }
    return launcher_of(store, RayPlace.checked(values).name)
